// A supply point's quarter-hours as one packed stretch of UTC days: what sizing reads.
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { PackedDays, RegisterDays } from "#store";
import { addQuarters } from "../load/add-quarters.ts";

export type SupplyPointSeries = {
  readonly supplyPointId: number;
  /** The building: who takes part, with one supply point or several. */
  readonly participantId: number;
  /** The civil day after the last one of the year that its annual volume is for; without it, the period's end. */
  readonly yearTo?: string | undefined;
  /** Days from 1970 to the first packed UTC day. */
  readonly firstDay: number;
  /** Wh, `QUARTERS_PER_UTC_DAY` a day, not negative: import and export are series of their own. */
  readonly quarters: Int32Array;
  /** `QuarterCode`, as many. Where it is missing, the energy does not count. */
  readonly statuses: Uint8Array;
};

type PointOfSeries = Pick<SupplyPointSeries, "supplyPointId" | "participantId" | "yearTo">;

const INT32_MAX = 2 ** 31 - 1;

/**
 * The main registers of one supply point added up, over the UTC days that touch [fromMs, toMs). A quarter-hour in which one of
 * them is missing is missing: half of a supply point is not its load.
 */
export function packSupplyPoint(
  point: PointOfSeries,
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

/**
 * The same, in a tenth of the time, for a supply point with one row that counts throughout: most of them. `undefined` where there
 * is something to add.
 */
export function packAlone(
  point: PointOfSeries,
  loaded: readonly PackedDays[],
  fromMs: number,
  toMs: number,
): SupplyPointSeries | undefined {
  const firstDay = utcDayNumber(fromMs);
  const endDay = utcDayNumber(toMs + DAY_MS - 1);
  const [alone] = loaded;
  if (alone === undefined || loaded.length > 1 || !isMainThroughout(alone, firstDay, endDay))
    return undefined;
  return { ...point, firstDay, ...copied(alone, firstDay, endDay) };
}

function isMainThroughout({ fromMs, toMs }: PackedDays, firstDay: number, endDay: number): boolean {
  return fromMs <= firstDay * DAY_MS && toMs >= endDay * DAY_MS;
}

const INT4_BYTES = 4;

/** With nothing to add, bytes are copied as they are stored: little-endian, as on every machine that Node runs on. */
function copied(
  packed: PackedDays,
  firstDay: number,
  endDay: number,
): Pick<SupplyPointSeries, "quarters" | "statuses"> {
  const quarters = new Int32Array((endDay - firstDay) * QUARTERS_PER_UTC_DAY);
  const statuses = new Uint8Array(quarters.length).fill(QuarterCode.missing);
  const bytes = new Uint8Array(quarters.buffer);
  for (const { from, count, day } of runsOf(packed.dayNumbers, firstDay, endDay)) {
    const [first, slots] = [from * QUARTERS_PER_UTC_DAY, count * QUARTERS_PER_UTC_DAY];
    const to = (day - firstDay) * QUARTERS_PER_UTC_DAY;
    bytes.set(packed.quarters.subarray(first * INT4_BYTES, (first + slots) * INT4_BYTES), to * INT4_BYTES);
    statuses.set(packed.statuses.subarray(first, first + slots), to);
  }
  let hole = statuses.indexOf(QuarterCode.missing);
  while (hole !== -1) {
    quarters[hole] = 0;
    hole = statuses.indexOf(QuarterCode.missing, hole + 1);
  }
  return { quarters, statuses };
}

type DayRun = { readonly from: number; count: number; readonly day: number };

/** Rows of consecutive days within [firstDay, endDay): from which row, how many, from which day on. */
function runsOf(dayNumbers: readonly number[], firstDay: number, endDay: number): DayRun[] {
  const runs: DayRun[] = [];
  for (const [from, day] of dayNumbers.entries()) {
    if (day < firstDay || day >= endDay) continue;
    const last = runs.at(-1);
    if (last !== undefined && day === last.day + last.count) last.count++;
    else runs.push({ from, count: 1, day });
  }
  return runs;
}

/** Ordered by identifiers: the order in which series come changes nothing. */
export function seriesByParticipant(series: readonly SupplyPointSeries[]): Map<number, SupplyPointSeries[]> {
  const ordered = series.toSorted(
    (left, right) => left.participantId - right.participantId || left.supplyPointId - right.supplyPointId,
  );
  return Map.groupBy(ordered, (one) => one.participantId);
}
