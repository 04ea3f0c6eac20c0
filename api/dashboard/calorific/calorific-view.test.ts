// What counts for a building is what its profiles count with: the core's rule, asked beside ours.
import fc from "fast-check";
import { expect, test } from "vitest";
import { calorificSteps } from "#analytics";
import type { CalorificValue } from "../data/calorific.ts";
import { knownZones, valueForBuilding, valueOn, zonesOf } from "./calorific-view.ts";

const PLACE = { gasZone: "GAS-42", region: "BE-BRU", country: "BE" };
let id = 0;
const value = (zone: string, from: string, version: number, kwhPerM3: string): CalorificValue => ({
  id: String((id += 1)),
  zone,
  from,
  version,
  kwhPerM3,
  source: "Fluxys",
  recordedAt: "2026-01-01T00:00:00Z",
});

test("a value holds from its date on, the highest version of it; what it took the place of is told", () => {
  const [zone, ...none] = zonesOf([
    value("BE", "2025-01-01", 1, "11.00000"),
    value("BE", "2025-02-01", 1, "11.20000"),
    value("BE", "2025-01-01", 2, "11.10000"),
  ]);
  if (zone === undefined) throw new Error("no zone");
  expect(none).toEqual([]);
  expect(zone.values.map(({ from, version, superseded }) => [from, version, superseded])).toEqual([
    ["2025-02-01", 1, false],
    ["2025-01-01", 2, false],
    ["2025-01-01", 1, true],
  ]);
  expect(valueOn(zone, "2025-01-31")?.kwhPerM3).toBe("11.10000");
  expect(valueOn(zone, "2025-02-01")?.kwhPerM3).toBe("11.20000");
  expect(valueOn(zone, "2024-12-31")).toBeUndefined();
});

test("for a building the most particular zone counts that has a value by then", () => {
  const zones = zonesOf([value("BE", "2025-01-01", 1, "11"), value("GAS-42", "2025-06-01", 1, "10")]);
  expect(valueForBuilding(PLACE, zones, "2025-05-31")?.zone).toBe("BE");
  expect(valueForBuilding(PLACE, zones, "2025-06-01")?.zone).toBe("GAS-42");
  expect(valueForBuilding({ ...PLACE, gasZone: null }, zones, "2025-06-01")?.zone).toBe("BE");
  expect(valueForBuilding(PLACE, [], "2025-06-01")).toBeUndefined();
});

test("what is said to count is what the core counts with, on any day", () => {
  const ZONES = [PLACE.gasZone, PLACE.region, PLACE.country];
  const dates = ["2025-01-01", "2025-01-15", "2025-02-01", "2025-03-01"];
  const one = fc.record({
    zone: fc.constantFrom(...ZONES),
    from: fc.constantFrom(...dates),
    version: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(
      fc.uniqueArray(one, {
        selector: ({ zone, from, version }) => `${zone} ${from} ${version}`,
        maxLength: 12,
      }),
      fc.constantFrom(...dates, "2024-12-31", "2025-02-14"),
      (chosen, date) => {
        const values = chosen.map(({ zone, from, version }, at) =>
          value(zone, from, version, `1${at % 10}.5`),
        );
        // The core is given, of each zone and date, the newest version.
        const newest = values.filter(
          (a) => !values.some((b) => b.zone === a.zone && b.from === a.from && b.version > a.version),
        );
        const { steps } = calorificSteps(
          newest.map((a) => ({ ...a, rank: 1 + ZONES.indexOf(a.zone) })),
          "UTC",
        );
        const counting = steps.findLast(({ fromMs }) => fromMs <= Date.parse(date))?.value;
        expect(valueForBuilding(PLACE, zonesOf(values), date)).toEqual(
          counting === undefined
            ? undefined
            : expect.objectContaining({
                zone: counting.zone,
                from: counting.from,
                version: counting.version,
              }),
        );
      },
    ),
  );
});

test("a new value may be for every zone that there is, of values or of buildings", () => {
  expect(knownZones(zonesOf([value("FR", "2025-01-01", 1, "11")]), [{ ...PLACE, gasZone: null }])).toEqual([
    "BE",
    "BE-BRU",
    "FR",
  ]);
});
