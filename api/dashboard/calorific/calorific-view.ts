// Which calorific value counts where and since when: pure, by the rule that the profiles follow.
import type { Building } from "../data/api.ts";
import type { CalorificValue } from "../data/calorific.ts";

/** Gross: what burning a cubic metre gives with the heat of its vapour. */
export const UNIT = "kWh/m³";

/** From a date on, until the next one of its zone; the highest version of a date counts, the others were it once. */
export type ZoneValue = CalorificValue & { readonly superseded: boolean };
export type Zone = { readonly zone: string; readonly values: readonly ZoneValue[] };

/** Zones by name, their values newest first. */
export function zonesOf(values: readonly CalorificValue[]): readonly Zone[] {
  return [...Map.groupBy(values, ({ zone }) => zone)]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([zone, own]) => {
      const highest = new Map<string, number>();
      for (const { from, version } of own) highest.set(from, Math.max(version, highest.get(from) ?? 0));
      const newestFirst = own.toSorted((a, b) => b.from.localeCompare(a.from) || b.version - a.version);
      return {
        zone,
        values: newestFirst.map((value) => ({
          ...value,
          superseded: value.version < (highest.get(value.from) ?? 0),
        })),
      };
    });
}

/** The value of one zone on a civil date. */
export function valueOn({ values }: Zone, date: string): ZoneValue | undefined {
  return values.find(({ from, superseded }) => !superseded && from <= date);
}

type Place = Pick<Building, "gasZone" | "region" | "country">;

/** What counts for a building on a civil date: its gas network's zone before its region before its country. */
export function valueForBuilding(
  { gasZone, region, country }: Place,
  zones: readonly Zone[],
  date: string,
): ZoneValue | undefined {
  for (const name of [gasZone, region, country]) {
    const zone = zones.find((one) => one.zone === name);
    const value = zone === undefined ? undefined : valueOn(zone, date);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Zones that a new value may be for: those with values, and those that buildings have. */
export function knownZones(zones: readonly Zone[], buildings: readonly Place[]): readonly string[] {
  const named = buildings.flatMap(({ gasZone, region, country }) => [gasZone, region, country]);
  return [...new Set([...zones.map(({ zone }) => zone), ...named])]
    .filter((zone) => zone !== null)
    .toSorted((a, b) => a.localeCompare(b));
}
