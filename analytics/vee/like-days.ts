// Which days are like a day: of the same kind, for gas and heat as warm outside too, the nearest first.
//
//   kind of day          always: a working day, a Saturday, a Sunday or holiday
//   outside temperature  where the day's is known: days whose own is known and at most so many kelvins away. Where none of them has a
//                        value the kind of day alone decides, and the estimate says so
import { QuarterCode } from "#devices/vocabulary";
import type { LocalDays } from "./local-days.ts";

/** Days that may stand for another one, the nearest first, of two as near the earlier; and by what they are like it. */
export type LikeDays = { readonly basis: "temperature" | "day_type"; readonly days: readonly number[] };

export type ValuedDays = {
  /** What was measured on a day at a quarter-hour of the wall's clock; NaN: nothing. */
  readonly valueAt: (day: number, quarter: number) => number;
  /** What is asked first stands first: never empty. */
  readonly likeDays: (day: number) => readonly LikeDays[];
};

export type LikeDayRules = {
  /** How far away a like day may be, days. */
  readonly lookDaysMax: number;
  /** How much warmer or colder it may be outside, K. */
  readonly bandK: number;
};

const QUARTERS_BY_CLOCK = 96;

/** `outsideC`: the mean outside temperature of each day of the calendar, °C, NaN where it is not known; absent: it is not asked. */
export function valuedDays(
  energies: Int32Array,
  statuses: Uint8Array,
  calendar: LocalDays,
  rules: LikeDayRules,
  outsideC?: Float64Array,
): ValuedDays {
  const values = new Float64Array(calendar.days.length * QUARTERS_BY_CLOCK).fill(Number.NaN);
  for (let slot = 0; slot < energies.length; slot++) {
    // A line that was drawn is no witness for a shape, but better than none; an hour that comes twice is heard once.
    if ((statuses[slot] ?? 0) < QuarterCode.interpolated) continue;
    const place = (calendar.dayOf[slot] ?? 0) * QUARTERS_BY_CLOCK + (calendar.quarterOf[slot] ?? 0);
    if (Number.isNaN(values[place])) values[place] = energies[slot] ?? 0;
  }
  const like = new Map<number, readonly LikeDays[]>();
  return {
    valueAt: (day, quarter) => values[day * QUARTERS_BY_CLOCK + quarter] ?? Number.NaN,
    likeDays: (day) => {
      let found = like.get(day);
      if (found === undefined) like.set(day, (found = likeDaysOf(calendar, day, rules, outsideC)));
      return found;
    },
  };
}

function likeDaysOf(
  calendar: LocalDays,
  day: number,
  { lookDaysMax, bandK }: LikeDayRules,
  outsideC: Float64Array | undefined,
): readonly LikeDays[] {
  const days = nearestOfKind(calendar, day, lookDaysMax);
  const byKind: LikeDays = { basis: "day_type", days };
  const own = outsideC?.[day] ?? Number.NaN;
  if (outsideC === undefined || Number.isNaN(own)) return [byKind];
  // A temperature that is not known is not within any band: NaN compares as false.
  const within = days.filter((other) => Math.abs((outsideC[other] ?? Number.NaN) - own) <= bandK);
  return [{ basis: "temperature", days: within }, byKind];
}

function nearestOfKind({ days }: LocalDays, day: number, lookDaysMax: number): number[] {
  const found: number[] = [];
  const type = days[day]?.type;
  for (let distance = 1; distance <= lookDaysMax; distance++) {
    for (const place of [day - distance, day + distance]) {
      if (days[place] !== undefined && days[place].type === type) found.push(place);
    }
  }
  return found;
}
