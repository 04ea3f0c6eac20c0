// One supply point in a tender's period: what it used, and what that is in a year (the README's annualisation rule).
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { roundedQuotient } from "./exact.ts";
import type { ParticipantLoad } from "./participant-load.ts";
import type { SupplyPointSeries } from "./supply-point-series.ts";
import { YEAR_DAYS, type SlotRange, type TenderCalendar } from "./tender-calendar.ts";

export type SupplyPointVolume = {
  readonly supplyPointId: number;
  readonly participantId: number;
  /** All energy with a value in the period. */
  readonly measuredWh: number;
  /** Its year: the last 365 civil days (up to `yearTo`) when each was measured; else the measured ones among them × 365 / their number. */
  readonly annualWh: number;
  /** How many measured days `annualWh` rests on. */
  readonly basisDays: number;
  readonly extrapolated: boolean;
};

/** Quarter-hours of the period by what is known of them, of all supply points so far. */
export type QuarterCounts = { measured: number; missing: number; all: number };

/**
 * A day is measured when the energy of each of its quarter-hours comes off an index: also an interpolated one's, whose line
 * between two readings moves energy by minutes within the day.
 */
export const MEASURED_DAY_STATUS = QuarterCode.interpolated;

/** Adds the supply point to its participant's quarter-hours and to the counts. */
export function addSupplyPoint(
  series: SupplyPointSeries,
  calendar: TenderCalendar,
  load: ParticipantLoad,
  counts: QuarterCounts,
): SupplyPointVolume {
  // Where the packed days begin, counted in quarter-hours of the period.
  const origin = (series.firstDay * DAY_MS - calendar.fromMs) / QUARTER_MS;
  let measuredWh = 0;
  for (const day of calendar.days) measuredWh += addDay(series, day, origin, load, counts);
  counts.all += calendar.slots;
  const { supplyPointId, participantId, yearTo = calendar.to } = series;
  let basisWh = 0;
  let basisDays = 0;
  for (const day of calendar.yearUntil(yearTo)) {
    const energyWh = measuredDay(series, day, origin);
    if (energyWh === undefined) continue;
    basisWh += energyWh;
    basisDays++;
  }
  return { supplyPointId, participantId, measuredWh, ...yearOf(supplyPointId, basisWh, basisDays) };
}

/** Wh of a day that is measured; `undefined` of one that is not, or not all of which is packed. */
function measuredDay(series: SupplyPointSeries, day: SlotRange, origin: number): number | undefined {
  const { quarters, statuses } = series;
  const end = day.end - origin;
  if (day.first < origin || end > statuses.length) return undefined;
  let energyWh = 0;
  for (let slot = day.first - origin; slot < end; slot++) {
    if ((statuses[slot] ?? QuarterCode.missing) < MEASURED_DAY_STATUS) return undefined;
    const quarterWh = quarters[slot] ?? 0;
    if (quarterWh < 0) throw negative(series, slot, quarterWh);
    energyWh += quarterWh;
  }
  return energyWh;
}

function yearOf(
  supplyPointId: number,
  basisWh: number,
  basisDays: number,
): Pick<SupplyPointVolume, "annualWh" | "basisDays" | "extrapolated"> {
  if (basisDays === 0) throw new RangeError(`Supply point ${supplyPointId} has no measured day to size.`);
  const annualWh = Number(roundedQuotient(BigInt(basisWh) * BigInt(YEAR_DAYS), BigInt(basisDays)));
  return { annualWh, basisDays, extrapolated: basisDays < YEAR_DAYS };
}

function addDay(
  series: SupplyPointSeries,
  day: SlotRange,
  origin: number,
  load: ParticipantLoad,
  counts: QuarterCounts,
): number {
  const { quarters, statuses } = series;
  const { energies, present } = load;
  const first = Math.max(day.first, origin);
  const end = Math.min(day.end, origin + statuses.length);
  let energyWh = 0;
  let measured = 0;
  let valued = 0;
  for (let slot = first; slot < end; slot++) {
    const status = statuses[slot - origin] ?? QuarterCode.missing;
    if (status === QuarterCode.missing) continue;
    const quarterWh = quarters[slot - origin] ?? 0;
    if (quarterWh < 0) throw negative(series, slot - origin, quarterWh);
    valued++;
    if (status >= QuarterCode.measured) measured++;
    energyWh += quarterWh;
    energies[slot] = (energies[slot] ?? 0) + quarterWh;
    present[slot] = 1;
  }
  counts.measured += measured;
  counts.missing += day.end - day.first - valued;
  return energyWh;
}

function negative(series: SupplyPointSeries, index: number, quarterWh: number): RangeError {
  const at = new Date(series.firstDay * DAY_MS + index * QUARTER_MS).toISOString();
  return new RangeError(
    `Supply point ${series.supplyPointId} at ${at}: ${quarterWh} Wh, import is positive.`,
  );
}
