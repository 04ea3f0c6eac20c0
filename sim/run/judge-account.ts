// The verdict on a register's account (I4): its quarter-hours and what belongs to none of them add up to what its index went by, with
// resets, rollovers and swaps by name, so whatever befell it. Pure.
import { toMilli } from "#devices/units";
import type { AnsweredReading } from "./judge-readings.ts";

export type RegisterAccount = {
  readonly register: string;
  readonly unit: string;
  /** All there are, in any order. */
  readonly readings: readonly AnsweredReading[];
  /** Whole Wh or l that were measured, in quarter-hours. */
  readonly quarters: number;
  /** Whole Wh or l, those below nought included. */
  readonly pieces: number;
};

/** A 32-bit counter with all bits set, wherever its point is, is no index. */
const ALL_BITS = "4294967295";

/** How much there is too much of, or too little: Wh, l. */
export function unaccounted({ unit, readings, quarters, pieces }: RegisterAccount): number {
  const byTime = Map.groupBy(
    readings.filter(({ value }) => !isAllBits(value)),
    ({ observedAt }) => Date.parse(observedAt),
  );
  const times = [...byTime.keys()];
  // Of two values of one instant, as a clock tells that was put back, either may be the one that counts.
  const indicesAt = (atMs: number) =>
    (byTime.get(atMs) ?? []).map(({ value }) => Math.round(Number(toMilli(value, unit)) / 1000));
  const firsts = times.length === 0 ? [0] : indicesAt(times.reduce((a, b) => Math.min(a, b)));
  const lasts = times.length === 0 ? [0] : indicesAt(times.reduce((a, b) => Math.max(a, b)));
  const errors = firsts.flatMap((first) => lasts.map((last) => quarters + pieces - (last - first)));
  return errors.reduce((least, error) => (Math.abs(error) < Math.abs(least) ? error : least));
}

function isAllBits(value: string): boolean {
  const [whole = "", fraction = ""] = value.split(".");
  const digits = whole + fraction;
  return digits === ALL_BITS || (whole === ALL_BITS && /^0*$/.test(fraction));
}
