// Intervals packed into UTC days of quarter-hours: a long one spread evenly, contradictions refused, nothing kept per row.
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, SECOND_MS } from "#devices/time";
import { QUARTER_STATUSES, QuarterCode, type Direction } from "#devices/vocabulary";
import type { Interval } from "./interval-row.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

/** A UTC day of a supply point and direction, as a file says it. */
export type PackedDay = {
  readonly supplyPointId: number;
  readonly direction: Direction;
  /** Days from 1970. */
  readonly day: number;
  /** Little-endian int4, Wh (gas, water: l). */
  readonly quarters: Buffer;
  /** `QuarterCode`, a byte each. */
  readonly statuses: Buffer;
  /** The longest interval that gave a value, s. */
  resolutionS: number;
};

/** Which days an interval goes to: those of its supply point and direction, of one register where several are added up. */
export type Series = {
  readonly supplyPointId: number;
  readonly direction: Direction;
  /** What the other parts add up to: it counts where none of them has a value. */
  readonly isTotal: boolean;
  readonly days: Map<number, PackedDay>;
  latest: PackedDay | undefined;
};

const INT4_BYTES = 4;
const INT4_MAX = 2 ** 31 - 1;

export type DayPacker = {
  readonly seriesOf: (supplyPointId: number, direction: Direction, part: string, isTotal?: boolean) => Series;
  /** Why the interval cannot be there beside what earlier rows said. One that says what is known already is harmless. */
  readonly contradiction: (series: Series, interval: Interval) => RowFault | undefined;
  /** All of the interval. Asked only without a contradiction. */
  readonly add: (series: Series, interval: Interval & { readonly resolutionS?: number | undefined }) => void;
  readonly isEmpty: () => boolean;
  /** By supply point, direction and day; the parts of a series added up. */
  readonly days: () => PackedDay[];
};

/** @param daysMax Bounds the memory: a row of a month makes thirty days. */
export function createDayPacker(daysMax: number): DayPacker {
  const all = new Map<string, Series>();
  let count = 0;

  function openDay(series: Series, day: number): PackedDay {
    const found = dayAt(series, day);
    if (found !== undefined) return (series.latest = found);
    if (++count > daysMax) {
      throw new FileFault(
        "too_many_days",
        `The file holds more than ${daysMax} days of supply points: divide it into several.`,
      );
    }
    const { supplyPointId, direction } = series;
    const opened: PackedDay = {
      supplyPointId,
      direction,
      day,
      quarters: Buffer.alloc(QUARTERS_PER_UTC_DAY * INT4_BYTES),
      statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY),
      resolutionS: 0,
    };
    series.days.set(day, opened);
    return (series.latest = opened);
  }

  return {
    seriesOf: (supplyPointId, direction, part, isTotal = false) => {
      const key = `${supplyPointId} ${direction} ${part}`;
      let series = all.get(key);
      if (series === undefined) {
        series = { supplyPointId, direction, isTotal, days: new Map(), latest: undefined };
        all.set(key, series);
      }
      return series;
    },
    contradiction: (series, interval) => {
      if (interval.status === QuarterCode.missing) return undefined;
      for (const piece of piecesOf(interval)) {
        const held = dayAt(series, piece.day);
        if (held === undefined) continue;
        for (let slot = piece.first; slot < piece.end; slot++) {
          const status = held.statuses[slot] ?? QuarterCode.missing;
          if (status === QuarterCode.missing) continue;
          const heldWh = held.quarters.readInt32LE(slot * INT4_BYTES);
          const energyWh = piece.energyAt(slot);
          if (heldWh === energyWh && status === interval.status) continue;
          return contradictionFault(
            piece.day * QUARTERS_PER_UTC_DAY + slot,
            [heldWh, status],
            [energyWh, interval.status],
          );
        }
      }
      return undefined;
    },
    add: (series, interval) => {
      if (interval.status === QuarterCode.missing) return;
      const resolutionS = interval.resolutionS ?? (interval.toMs - interval.fromMs) / SECOND_MS;
      for (const piece of piecesOf(interval)) {
        const day = openDay(series, piece.day);
        for (let slot = piece.first; slot < piece.end; slot++) {
          day.quarters.writeInt32LE(piece.energyAt(slot), slot * INT4_BYTES);
          day.statuses[slot] = interval.status;
        }
        day.resolutionS = Math.max(day.resolutionS, resolutionS);
      }
    },
    isEmpty: () => count === 0,
    days: () => addedUp([...all.values()]),
  };
}

function dayAt(series: Series, day: number): PackedDay | undefined {
  return series.latest?.day === day ? series.latest : series.days.get(day);
}

/**
 * Days of the same supply point and direction become one: values of parts added, the worst status of those that gave one; then of
 * totals what no part has.
 */
function addedUp(series: readonly Series[]): PackedDay[] {
  const sums: PackedDay[] = [];
  for (const { day, isTotal } of inOrder(series)) {
    const last = sums.at(-1);
    const isSame =
      last?.day === day.day && last.supplyPointId === day.supplyPointId && last.direction === day.direction;
    if (!isSame) sums.push(day);
    else addTo(last, isTotal ? without(day, last) : day);
  }
  return sums;
}

/** Totals behind parts. */
function inOrder(series: readonly Series[]) {
  return series
    .flatMap(({ days, isTotal }) => [...days.values()].map((day) => ({ day, isTotal })))
    .sort(
      (one, other) =>
        one.day.supplyPointId - other.day.supplyPointId ||
        directionRank(one.day.direction) - directionRank(other.day.direction) ||
        one.day.day - other.day.day ||
        Number(one.isTotal) - Number(other.isTotal),
    );
}

/** Of the total, what the sum has not. */
function without(total: PackedDay, sum: PackedDay): PackedDay {
  const statuses = Buffer.from(total.statuses);
  for (const [slot, status] of sum.statuses.entries())
    if (status !== QuarterCode.missing) statuses[slot] = QuarterCode.missing;
  return { ...total, statuses };
}

function directionRank(direction: Direction): number {
  return direction === "export" ? 0 : 1;
}

function addTo(sum: PackedDay, part: PackedDay): void {
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const status = part.statuses[slot] ?? QuarterCode.missing;
    if (status === QuarterCode.missing) continue;
    const before = sum.statuses[slot] ?? QuarterCode.missing;
    const at = slot * INT4_BYTES;
    const energyWh = sum.quarters.readInt32LE(at) + part.quarters.readInt32LE(at);
    sum.quarters.writeInt32LE(Math.min(energyWh, INT4_MAX), at);
    sum.statuses[slot] = before === QuarterCode.missing ? status : Math.min(before, status);
  }
  sum.resolutionS = Math.max(sum.resolutionS, part.resolutionS);
}

/** The part of an interval in one UTC day: its quarter-hours [first, end) of the day. */
type Piece = {
  readonly day: number;
  readonly first: number;
  readonly end: number;
  /** Wh of a quarter-hour of the day. */
  readonly energyAt: (slot: number) => number;
};

/**
 * Evenly over its quarter-hours: each share is the difference of two rounded running shares, so that they add up to the
 * whole.
 */
function* piecesOf({ fromMs, toMs, energyWh }: Interval): Generator<Piece> {
  const origin = fromMs / QUARTER_MS;
  const end = toMs / QUARTER_MS;
  const count = end - origin;
  const until = (slot: number) => Math.round((energyWh * (slot - origin)) / count);
  for (let at = origin; at < end;) {
    const day = Math.floor(at / QUARTERS_PER_UTC_DAY);
    const dayStart = day * QUARTERS_PER_UTC_DAY;
    const dayEnd = Math.min(end, dayStart + QUARTERS_PER_UTC_DAY);
    const energyAt = (slot: number) => until(dayStart + slot + 1) - until(dayStart + slot);
    yield { day, first: at - dayStart, end: dayEnd - dayStart, energyAt };
    at = dayEnd;
  }
}

type Value = readonly [energyWh: number, status: number];

function contradictionFault(slot: number, earlier: Value, later: Value): RowFault {
  const shown = ([energyWh, status]: Value) => `${energyWh} Wh (${QUARTER_STATUSES[status] ?? "unknown"})`;
  return rowFault(
    null,
    "row_contradicts_earlier",
    `An earlier row gives the quarter-hour from ${new Date(slot * QUARTER_MS).toISOString()} already, with ${shown(earlier)} instead of ${shown(later)}: keep one of the two.`,
  );
}
