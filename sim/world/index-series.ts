// The oracle of one register: its exact index at any instant, from the whole amounts of its quarter-hours.
import { DAY_MS, MINUTE_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { chance } from "./random.ts";

/** Whole Wh (or litres) of a UTC day's quarter-hours. */
export type DayAmounts = Int32Array;

export type IndexSeries = {
  /** What the register shows at the instant: whole Wh or litres, never falling. */
  indexAt(instantMs: number): number;
  /** Wh or litres of a quarter-hour counted since 1970. */
  quarter(quarter: number): number;
  /** Mean power (or flow per hour) of the present minute: W or l/h. */
  rateAt(instantMs: number): number;
};

export type IndexSeriesOptions = {
  /** Pure; asked once per day. */
  readonly amountsOf: (utcDay: number) => DayAmounts;
  /** The UTC day (since 1970) on which the register was put in, showing `opening`. Before it the index stands still. */
  readonly firstDay: number;
  readonly opening: number;
  /** Decides how the amount of a quarter-hour falls on its minutes. Registers of one meter share it. */
  readonly grainSeed: number;
};

const MINUTES_PER_QUARTER = QUARTER_MS / MINUTE_MS;
const MINUTES_PER_HOUR = 60;

/** Keeps nothing but a memory of what it computed: the same answers in any order of questions. */
export function createIndexSeries(options: IndexSeriesOptions): IndexSeries {
  const { firstDay, grainSeed } = options;
  const starts: number[] = [options.opening];
  const startOf = (day: number) => {
    while (starts.length <= day - firstDay) {
      const amounts = options.amountsOf(firstDay + starts.length - 1);
      starts.push((starts.at(-1) ?? 0) + amounts.reduce((sum, amount) => sum + amount, 0));
    }
    return starts[day - firstDay] ?? options.opening;
  };
  const quarter = (number: number) => {
    const day = Math.floor(number / QUARTERS_PER_UTC_DAY);
    if (day < firstDay) return 0;
    return options.amountsOf(day)[number - day * QUARTERS_PER_UTC_DAY] ?? 0;
  };
  return {
    quarter,
    indexAt: (instantMs) => {
      const day = Math.floor(instantMs / DAY_MS);
      if (day < firstDay) return options.opening;
      const at = Math.floor(instantMs / QUARTER_MS);
      const amounts = options.amountsOf(day);
      let index = startOf(day);
      for (let slot = 0; slot < at - day * QUARTERS_PER_UTC_DAY; slot++) index += amounts[slot] ?? 0;
      return index + Math.floor(quarter(at) * passed(grainSeed, at, instantMs - at * QUARTER_MS));
    },
    rateAt: (instantMs) => {
      const at = Math.floor(instantMs / QUARTER_MS);
      const minute = Math.floor((instantMs - at * QUARTER_MS) / MINUTE_MS);
      return quarter(at) * MINUTES_PER_HOUR * minuteShare(grainSeed, at, minute);
    },
  };
}

/** A memory in front of a pure function of the day. */
export function remembered<T>(compute: (utcDay: number) => T): (utcDay: number) => T {
  const known = new Map<number, T>();
  return (day) => {
    const found = known.get(day);
    if (found !== undefined) return found;
    const computed = compute(day);
    known.set(day, computed);
    return computed;
  };
}

/** Minutes weigh between 0.55 and 1.45 of the mean. */
const weight = (seed: number, quarter: number, minute: number) =>
  0.55 + 0.9 * chance(seed, quarter * MINUTES_PER_QUARTER + minute);

function minuteShare(seed: number, quarter: number, minute: number): number {
  let total = 0;
  for (let at = 0; at < MINUTES_PER_QUARTER; at++) total += weight(seed, quarter, at);
  return weight(seed, quarter, minute) / total;
}

/** The share of a quarter-hour's amount that has passed `offsetMs` into it: rising from 0 to below 1. */
function passed(seed: number, quarter: number, offsetMs: number): number {
  let total = 0;
  let before = 0;
  for (let at = 0; at < MINUTES_PER_QUARTER; at++) {
    const share = weight(seed, quarter, at);
    total += share;
    before += share * Math.min(1, Math.max(0, offsetMs / MINUTE_MS - at));
  }
  return before / total;
}
