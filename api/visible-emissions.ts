// The emissions of the loads that a viewer may add up. The mix of hidden supply points stays unsaid: it would weigh households apart.
import {
  civilCalendar,
  emissionSeries,
  SHIPPED_FACTORS,
  usedFactors,
  type CivilCalendar,
  type EmissionSeries,
  type EmittingSupplyPoint,
  type UsedFactors,
} from "#analytics";
import { QUARTER_MS } from "#devices/time";
import type { Carrier } from "#devices/vocabulary";
import { carrierQuantity, listMixes, type LoadSources, type Scope } from "#store";
import type { Services } from "./services.ts";
import type { Span } from "./span.ts";
import { countsOf, visibleLoads, type VisibleLoad } from "./visible-load.ts";

export type EmissionsQuestion = {
  readonly carrier: Carrier;
  readonly resolution: "day" | "month";
  readonly timezone: string;
  readonly span: Span;
};

export type VisibleEmissions = {
  readonly series: EmissionSeries;
  readonly factors: UsedFactors;
  readonly calendar: CivilCalendar;
  /** The last quarter-hour that is over: what comes after it is not missing, it has not been yet. */
  readonly asOfMs: number;
  /** Supply points of the carrier that are not in the load. */
  readonly withheld: number;
};

export async function visibleEmissions(
  services: Services,
  scope: Scope,
  sources: readonly LoadSources[],
  question: EmissionsQuestion,
): Promise<VisibleEmissions> {
  const { carrier, span, timezone, resolution } = question;
  const asOfMs = Math.floor(services.time.now() / QUARTER_MS) * QUARTER_MS;
  const calendar = civilCalendar(span.fromMs, Math.min(span.toMs, asOfMs), timezone);
  const isEnergy = carrierQuantity(carrier).quantity === "energy";
  const loads =
    calendar.days.length === 0 || !isEnergy
      ? []
      : await visibleLoads(services, sources, { ...calendar, direction: "import" });
  const supplyPoints = await emittingPoints(services, scope, loads, calendar, carrier);
  const zones = supplyPoints.flatMap(({ zone }) => zone ?? []);
  return {
    series: emissionSeries({ supplyPoints, calendar, resolution, table: SHIPPED_FACTORS }),
    factors: usedFactors(SHIPPED_FACTORS, zones, calendar),
    calendar,
    asOfMs,
    withheld: sources.reduce(
      (sum, one) => sum + countsOf(one, services.config.KOPROGO_COHORT_MIN).withheld,
      0,
    ),
  };
}

async function emittingPoints(
  { pool }: Services,
  scope: Scope,
  loads: readonly VisibleLoad[],
  { days }: CivilCalendar,
  carrier: Carrier,
): Promise<EmittingSupplyPoint[]> {
  const [from, last] = [days[0]?.date, days.at(-1)?.date];
  if (from === undefined || last === undefined) return [];
  const ids = loads.flatMap(({ open }) => open.map(({ supplyPointId }) => supplyPointId));
  const to = Temporal.PlainDate.from(last).add({ days: 1 }).toString();
  const rows = await listMixes(pool, scope, ids, { from, to });
  const mixes = Map.groupBy(rows, ({ supplyPointId }) => supplyPointId);
  return loads.flatMap(({ country, open, hidden }) => {
    const zone = carrier === "electricity" ? country : null;
    return [
      ...open.map(({ supplyPointId, registers }) => ({
        zone,
        registers,
        mixes: mixes.get(supplyPointId) ?? [],
      })),
      ...hidden.map(({ registers }) => ({ zone, registers, mixes: [] })),
    ];
  });
}
