// A supply point's quarter-hours as one packed stretch of UTC days: what sizing reads.
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDayNumber } from "#devices/time";
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

/** Ordered by identifiers: the order in which series come changes nothing. */
export function seriesByParticipant(series: readonly SupplyPointSeries[]): Map<number, SupplyPointSeries[]> {
  const ordered = series.toSorted(
    (left, right) => left.participantId - right.participantId || left.supplyPointId - right.supplyPointId,
  );
  return Map.groupBy(ordered, (one) => one.participantId);
}
