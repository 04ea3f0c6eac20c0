// Intervals packed into UTC days of quarter-hours: a long one spread evenly, contradictions refused, nothing kept per row.
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, SECOND_MS } from "#devices/time";
import { QUARTER_STATUSES, QuarterCode } from "#devices/vocabulary";
import type { Interval } from "./interval-row.ts";
import { FileFault, rowFault, type RowFault } from "./row-fault.ts";

/** A UTC day of a supply point, as a file says it. */
export type PackedDay = {
  readonly supplyPointId: number;
  /** Days from 1970. */
  readonly day: number;
  /** Little-endian int4, Wh (gas, water: l). */
  readonly quarters: Buffer;
  /** `QuarterCode`, a byte each. */
  readonly statuses: Buffer;
  /** The longest interval that gave a value, s. */
  resolutionS: number;
};

const INT4_BYTES = 4;

export type DayPacker = {
  /** All of the interval, or nothing and why. An interval that says what is known already is harmless. */
  readonly add: (supplyPointId: number, interval: Interval) => RowFault | undefined;
  readonly isEmpty: () => boolean;
  /** By supply point and day. */
  readonly days: () => PackedDay[];
};

/** @param daysMax Bounds the memory: a row of a month makes thirty days. */
export function createDayPacker(daysMax: number): DayPacker {
  const points = new Map<number, Map<number, PackedDay>>();
  let count = 0;
  let latest: PackedDay | undefined;

  function dayAt(supplyPointId: number, day: number): PackedDay | undefined {
    if (latest?.supplyPointId === supplyPointId && latest.day === day) return latest;
    return points.get(supplyPointId)?.get(day);
  }

  function openDay(supplyPointId: number, day: number): PackedDay {
    const found = dayAt(supplyPointId, day);
    if (found !== undefined) return (latest = found);
    if (++count > daysMax) {
      throw new FileFault(
        "too_many_days",
        `The file holds more than ${daysMax} days of supply points: divide it into several.`,
      );
    }
    const opened: PackedDay = {
      supplyPointId,
      day,
      quarters: Buffer.alloc(QUARTERS_PER_UTC_DAY * INT4_BYTES),
      statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY),
      resolutionS: 0,
    };
    const days = points.get(supplyPointId) ?? new Map<number, PackedDay>();
    points.set(supplyPointId, days.set(day, opened));
    return (latest = opened);
  }

  function contradiction(supplyPointId: number, interval: Interval): RowFault | undefined {
    for (const piece of piecesOf(interval)) {
      const held = dayAt(supplyPointId, piece.day);
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
  }

  return {
    add: (supplyPointId, interval) => {
      if (interval.status === QuarterCode.missing) return undefined;
      const fault = contradiction(supplyPointId, interval);
      if (fault !== undefined) return fault;
      const resolutionS = (interval.toMs - interval.fromMs) / SECOND_MS;
      for (const piece of piecesOf(interval)) {
        const day = openDay(supplyPointId, piece.day);
        for (let slot = piece.first; slot < piece.end; slot++) {
          day.quarters.writeInt32LE(piece.energyAt(slot), slot * INT4_BYTES);
          day.statuses[slot] = interval.status;
        }
        day.resolutionS = Math.max(day.resolutionS, resolutionS);
      }
      return undefined;
    },
    isEmpty: () => count === 0,
    days: () =>
      [...points.values()]
        .flatMap((days) => [...days.values()])
        .sort((one, other) => one.supplyPointId - other.supplyPointId || one.day - other.day),
  };
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
