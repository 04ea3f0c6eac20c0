// The verdict on a register's account (I4): its quarter-hours and what belongs to none of them add up to what its index went by, with
// resets, rollovers and swaps by name, so whatever befell it. Pure.
import { toMilli } from "#devices/units";
import type { Delivery } from "../story/story.ts";
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

/** Of a device, by its key, those that do not add up, in words. `sent`: all that left. */
export function unaccountedIn(
  device: string,
  accounts: readonly RegisterAccount[],
  sent: readonly Delivery[],
): string[] {
  const nameOf = (register: string, value: string) => `${register} ${Number(value)}`;
  const ofSlips = new Set(
    sent
      .filter((delivery) => delivery.device === device && delivery.marks.includes("slip"))
      .flatMap(({ tells }) => tells.map(({ register, value }) => nameOf(register, value))),
  );
  return accounts.flatMap((account) => {
    const { register, quarters, pieces } = account;
    const error = unaccounted(account, ({ value }) => ofSlips.has(nameOf(register, value)));
    return error === 0 ? [] : [`${device} ${register}: ${quarters} and ${pieces} are off by ${error}`];
  });
}

/** A 32-bit counter with all bits set, wherever its point is, is no index. */
const ALL_BITS = "4294967295";

/**
 * How much there is too much of, or too little: Wh, l. The index ends with its last reading; where a slip may have begun and not
 * ended, with it or one of those before, to the last that was told outside of one.
 */
export function unaccounted(
  { unit, readings, quarters, pieces }: RegisterAccount,
  isOfSlip: (reading: AnsweredReading) => boolean = () => false,
): number {
  const byTime = Map.groupBy(
    readings.filter(({ value }) => !isAllBits(value)),
    ({ observedAt }) => Date.parse(observedAt),
  );
  const times = [...byTime.keys()].toSorted((a, b) => a - b);
  // Of two values of one instant, as a clock tells that was put back, either may be the one that counts.
  const indicesAt = (atMs: number) =>
    (byTime.get(atMs) ?? []).map(({ value }) => Math.round(Number(toMilli(value, unit)) / 1000));
  const [first] = times;
  const surely = times.findLastIndex((atMs) => !(byTime.get(atMs) ?? []).some(isOfSlip));
  const firsts = first === undefined ? [0] : indicesAt(first);
  const lasts = first === undefined ? [0] : times.slice(Math.max(0, surely)).flatMap(indicesAt);
  const errors = firsts.flatMap((from) => lasts.map((to) => quarters + pieces - (to - from)));
  return errors.reduce((least, error) => (Math.abs(error) < Math.abs(least) ? error : least));
}

function isAllBits(value: string): boolean {
  const [whole = "", fraction = ""] = value.split(".");
  const digits = whole + fraction;
  return digits === ALL_BITS || (whole === ALL_BITS && /^0*$/.test(fraction));
}
