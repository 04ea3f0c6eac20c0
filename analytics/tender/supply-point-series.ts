// A supply point's quarter-hours as one packed stretch of UTC days: what sizing reads.
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDayNumber, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { addQuarters } from "../load/add-quarters.ts";

export type SupplyPointSeries = {
  readonly supplyPointId: number;
  /** The building: who takes part, with one supply point or several. */
  readonly participantId: number;
  /** Days from 1970 to the first packed UTC day. */
  readonly firstDay: number;
  /** Wh, `QUARTERS_PER_UTC_DAY` a day, not negative: import and export are series of their own. */
  readonly quarters: Int32Array;
  /** `QuarterCode`, as many. Where it is missing, the energy does not count. */
  readonly statuses: Uint8Array;
};

const INT32_MAX = 2 ** 31 - 1;

/**
 * The main registers of one supply point added up, over the UTC days that touch [fromMs, toMs). A quarter-hour in which one of
 * them is missing is missing: half of a supply point is not its load.
 */
export function packSupplyPoint(
  point: { readonly supplyPointId: number; readonly participantId: number },
  registers: readonly RegisterDays[],
  fromMs: number,
  toMs: number,
): SupplyPointSeries {
  const firstDay = utcDayNumber(fromMs);
  const endDay = utcDayNumber(toMs + DAY_MS - 1);
  const [alone] = registers;
  if (alone !== undefined && registers.length === 1 && isMainThroughout(alone, firstDay, endDay)) {
    return { ...point, firstDay, ...copied(alone, firstDay, endDay) };
  }
  const sums = addQuarters(registers, firstDay * DAY_MS, endDay * DAY_MS);
  const quarters = new Int32Array((endDay - firstDay) * QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < quarters.length; slot++) {
    if (sums.worst[slot] === QuarterCode.missing) continue;
    const energyWh = sums.energies[slot] ?? 0;
    if (energyWh > INT32_MAX) {
      throw new RangeError(`Supply point ${point.supplyPointId}: ${energyWh} Wh in a quarter-hour.`);
    }
    quarters[slot] = energyWh;
  }
  return { ...point, firstDay, quarters, statuses: sums.worst };
}

function isMainThroughout({ fromMs, toMs }: RegisterDays, firstDay: number, endDay: number): boolean {
  return fromMs <= firstDay * DAY_MS && toMs >= endDay * DAY_MS;
}

const INT4_BYTES = 4;

/** With nothing to add, a day is copied as it is stored: little-endian, as on every machine that Node runs on. */
function copied(
  { days }: RegisterDays,
  firstDay: number,
  endDay: number,
): Pick<SupplyPointSeries, "quarters" | "statuses"> {
  const quarters = new Int32Array((endDay - firstDay) * QUARTERS_PER_UTC_DAY);
  const statuses = new Uint8Array(quarters.length).fill(QuarterCode.missing);
  const bytes = new Uint8Array(quarters.buffer);
  for (const row of days) {
    const day = utcDayNumber(utcDayStartMs(row.day));
    if (day < firstDay || day >= endDay) continue;
    const first = (day - firstDay) * QUARTERS_PER_UTC_DAY;
    bytes.set(row.quarters, first * INT4_BYTES);
    statuses.set(row.statuses, first);
  }
  for (let slot = 0; slot < quarters.length; slot++) {
    if (statuses[slot] === QuarterCode.missing) quarters[slot] = 0;
  }
  return { quarters, statuses };
}

/** Ordered by identifiers: the order in which series come changes nothing. */
export function seriesByParticipant(series: readonly SupplyPointSeries[]): Map<number, SupplyPointSeries[]> {
  const ordered = series.toSorted(
    (left, right) => left.participantId - right.participantId || left.supplyPointId - right.supplyPointId,
  );
  return Map.groupBy(ordered, (one) => one.participantId);
}
