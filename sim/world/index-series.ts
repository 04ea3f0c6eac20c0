// The oracle of one register: its exact index at any instant, from the whole amounts of its quarter-hours.
import { DAY_MS, MINUTE_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { chance } from "./random.ts";
import { remembered } from "./remembered.ts";

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
  /** Pure; its answer must stay as it is. */
  readonly amountsOf: (utcDay: number) => DayAmounts;
  /** The UTC day (since 1970) on which the register was put in, showing `opening`. Before it the index stands still. */
  readonly firstDay: number;
  readonly opening: number;
  /** Decides how the amount of a quarter-hour falls on its minutes. Registers of one meter share it. */
  readonly grainSeed: number;
};

const MINUTES_PER_QUARTER = QUARTER_MS / MINUTE_MS;
const MINUTES_PER_HOUR = 60;

/**
 * Keeps nothing but a memory of what it computed: the same answers in any order of questions. Beside some days, it is one
 * number a day since the register was put in.
 */
export function createIndexSeries(options: IndexSeriesOptions): IndexSeries {
  const { firstDay } = options;
  const dayOf = remembered((utcDay) => summed(options.amountsOf(utcDay)));
  const starts: number[] = [options.opening];
  const startOf = (day: number) => {
    while (starts.length <= day - firstDay) {
      const before = dayOf(firstDay + starts.length - 1);
      starts.push((starts.at(-1) ?? 0) + (before[QUARTERS_PER_UTC_DAY] ?? 0));
    }
    return starts[day - firstDay] ?? options.opening;
  };
  const quarter = (number: number) => {
    const day = Math.floor(number / QUARTERS_PER_UTC_DAY);
    if (day < firstDay) return 0;
    const slot = number - day * QUARTERS_PER_UTC_DAY;
    const sums = dayOf(day);
    return (sums[slot + 1] ?? 0) - (sums[slot] ?? 0);
  };
  const grain = createGrain(options.grainSeed);
  return {
    quarter,
    indexAt: (instantMs) => {
      const day = Math.floor(instantMs / DAY_MS);
      if (day < firstDay) return options.opening;
      const at = Math.floor(instantMs / QUARTER_MS);
      const slot = at - day * QUARTERS_PER_UTC_DAY;
      // First what lies before: its days pass through the memory of this one.
      const start = startOf(day);
      const sums = dayOf(day);
      const before = sums[slot] ?? 0;
      const offsetMs = instantMs - at * QUARTER_MS;
      if (offsetMs === 0) return start + before;
      return start + before + Math.floor(((sums[slot + 1] ?? 0) - before) * grain.passed(at, offsetMs));
    },
    rateAt: (instantMs) => {
      const at = Math.floor(instantMs / QUARTER_MS);
      const minute = Math.floor((instantMs - at * QUARTER_MS) / MINUTE_MS);
      return quarter(at) * MINUTES_PER_HOUR * grain.minuteShare(at, minute);
    },
  };
}

/** Sums up to each quarter-hour's beginning, and the day's as the last. */
function summed(amounts: DayAmounts): Int32Array {
  const sums = new Int32Array(QUARTERS_PER_UTC_DAY + 1);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++)
    sums[slot + 1] = (sums[slot] ?? 0) + (amounts[slot] ?? 0);
  return sums;
}

type Grain = {
  /** The share of a quarter-hour's amount that has passed `offsetMs` into it: rising from 0 to below 1. */
  passed(quarter: number, offsetMs: number): number;
  minuteShare(quarter: number, minute: number): number;
};

/** Minutes weigh between 0.55 and 1.45 of the mean. One quarter-hour is remembered: a meter is asked every few seconds. */
function createGrain(seed: number): Grain {
  const upTo = new Float64Array(MINUTES_PER_QUARTER + 1);
  let known = Number.NaN;
  const know = (quarter: number) => {
    if (quarter === known) return;
    known = quarter;
    for (let minute = 0; minute < MINUTES_PER_QUARTER; minute++) {
      const weight = 0.55 + 0.9 * chance(seed, quarter * MINUTES_PER_QUARTER + minute);
      upTo[minute + 1] = (upTo[minute] ?? 0) + weight;
    }
  };
  const weight = (minute: number) => (upTo[minute + 1] ?? 0) - (upTo[minute] ?? 0);
  const total = () => upTo[MINUTES_PER_QUARTER] ?? 1;
  return {
    passed: (quarter, offsetMs) => {
      know(quarter);
      const minute = Math.floor(offsetMs / MINUTE_MS);
      return ((upTo[minute] ?? 0) + weight(minute) * (offsetMs / MINUTE_MS - minute)) / total();
    },
    minuteShare: (quarter, minute) => {
      know(quarter);
      return weight(minute) / total();
    },
  };
}
