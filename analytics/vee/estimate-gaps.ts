// The estimated layer: what a register probably counted in quarter-hours for which nothing was measured.
//
//   gap          its energy      what it gets                                                    status
//   ≤ 2 h        known           the line between its neighbours, scaled to the energy            interpolated
//   ≤ 2 h        unknown         the line between its neighbours                                  interpolated
//   ≤ 50 days    known           the shape of like days, scaled to the energy                     substituted
//   ≤ 50 days    unknown         the nearest like day, quarter-hour by quarter-hour               substituted
//   longer                       nothing: it stays missing
//
// Known is a gap's energy where the pieces that were metered and belong to no quarter-hour fill it from end to end: then they add up
// to the difference of the index, and so does the estimate, to the Wh. Measured quarter-hours are never touched.
import { QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { LocalDays } from "./local-days.ts";

export type EstimateRules = {
  /** A gap of as many quarter-hours is bridged by a line. */
  readonly lineMax: number;
  /** A longer one is not estimated at all. */
  readonly gapMax: number;
  /** How many like days give the shape of a known energy. */
  readonly shapeDays: number;
  /** How far away a like day may be, days. */
  readonly lookDaysMax: number;
};

/** Lines: California's VEE rules. Days: as Energy Sparks substitutes them. */
export const ESTIMATE_RULES: EstimateRules = {
  lineMax: 8,
  gapMax: 50 * 96,
  shapeDays: 4,
  lookDaysMax: 100,
};

export type MeteredPiece = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Wh or l. */
  readonly energy: number;
  readonly cause: string;
};

export type GapRequest = {
  /** Boundary of a quarter-hour, at which the first one begins. */
  readonly fromMs: number;
  /** Wh or l, and a `QuarterCode` each: what was measured. */
  readonly energies: Int32Array;
  readonly statuses: Uint8Array;
  /** In order of time: what was metered and belongs to no quarter-hour. */
  readonly pieces: readonly MeteredPiece[];
  readonly calendar: LocalDays;
  /** Only gaps that touch [first, end) are estimated, each as a whole. */
  readonly first: number;
  readonly end: number;
  readonly rules: EstimateRules;
};

export type Estimate = {
  /** Place among the request's quarter-hours. */
  readonly slot: number;
  readonly energy: number;
  readonly status: typeof QuarterCode.interpolated | typeof QuarterCode.substituted;
};

/** The index passed through these, whatever lies between: their energies add up to its difference. */
const ADDING_UP = new Set(["gap", "partial", "glitch"]);

/** In order of time. Depends on nothing but the request. */
export function estimateGaps(request: GapRequest): Estimate[] {
  const days = valuedDays(request);
  return gapsOf(request).flatMap((gap) => estimateGap(request, gap, days));
}

type Gap = { readonly first: number; readonly end: number };

function gapsOf({ statuses, first, end }: GapRequest): Gap[] {
  const gaps: Gap[] = [];
  let start: number | undefined;
  for (let slot = 0; slot <= statuses.length; slot++) {
    const missing = slot < statuses.length && statuses[slot] === QuarterCode.missing;
    if (missing) start ??= slot;
    else if (start !== undefined) {
      if (start < end && slot > first) gaps.push({ first: start, end: slot });
      start = undefined;
    }
  }
  return gaps;
}

function estimateGap(request: GapRequest, gap: Gap, days: ValuedDays): Estimate[] {
  const { rules, statuses } = request;
  const length = gap.end - gap.first;
  // A gap at an edge of what is known has no other side: it may be longer than it looks.
  const isOpen = gap.first === 0 || gap.end === statuses.length;
  if (length > rules.gapMax) return [];
  const total = isOpen ? undefined : knownEnergy(request, gap);
  if (total !== undefined && total < 0) return [];
  const line = length <= rules.lineMax && !isOpen ? lineOf(request, gap) : undefined;
  if (line !== undefined) {
    const energies = total === undefined ? line.map(Math.round) : scaled(line, total);
    return toEstimates(gap, energies, QuarterCode.interpolated);
  }
  if (total !== undefined) {
    return toEstimates(gap, scaled(shapeOf(request, gap, days), total), QuarterCode.substituted);
  }
  return substitutes(request, gap, days);
}

function toEstimates(gap: Gap, energies: readonly number[], status: Estimate["status"]): Estimate[] {
  return energies.map((energy, place) => ({ slot: gap.first + place, energy, status }));
}

/** The energy between the gap's two ends, where pieces fill it without a hole and none of them breaks the index. */
function knownEnergy({ fromMs, pieces }: GapRequest, gap: Gap): number | undefined {
  const startMs = fromMs + gap.first * QUARTER_MS;
  const endMs = fromMs + gap.end * QUARTER_MS;
  let reachedMs = startMs;
  let energy = 0;
  for (const piece of pieces) {
    if (isAccount(piece, pieces)) continue;
    if (piece.toMs <= startMs || piece.fromMs >= endMs) continue;
    if (piece.fromMs !== reachedMs || !ADDING_UP.has(piece.cause)) return undefined;
    reachedMs = piece.toMs;
    energy += piece.energy;
  }
  return reachedMs === endMs ? energy : undefined;
}

/** The turn of a counter, or a swap, told beside the step that it belongs to: that one has the energy. */
function isAccount(piece: MeteredPiece, pieces: readonly MeteredPiece[]): boolean {
  if (piece.cause !== "rollover" && piece.cause !== "swap") return false;
  return pieces.some(
    (other) => other !== piece && other.fromMs === piece.fromMs && other.cause !== piece.cause,
  );
}

/** The line from the quarter-hour before the gap to the one behind it; both were measured. */
function lineOf({ energies }: GapRequest, gap: Gap): number[] {
  const before = energies[gap.first - 1] ?? 0;
  const after = energies[gap.end] ?? 0;
  const steps = gap.end - gap.first + 1;
  return Array.from({ length: steps - 1 }, (_, place) => before + ((after - before) * (place + 1)) / steps);
}

/** `weights` in whole numbers that add up to `total` exactly: the running sum is rounded and differenced. */
export function scaled(weights: readonly number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const even = !(sum > 0);
  let reached = 0;
  let given = 0;
  return weights.map((weight, place) => {
    reached += even ? 1 / weights.length : weight / sum;
    const until = place === weights.length - 1 ? total : Math.round(total * Math.min(1, reached));
    const own = until - given;
    given = until;
    return own;
  });
}

/** What was measured, by civil day and quarter-hour of the wall's clock. NaN: nothing. */
type ValuedDays = {
  readonly valueAt: (day: number, quarter: number) => number;
  /** Places of days of the same kind, the nearest first, of two as near the earlier. */
  readonly likeDays: (day: number) => readonly number[];
};

const QUARTERS_BY_CLOCK = 96;

function valuedDays({ energies, statuses, calendar, rules }: GapRequest): ValuedDays {
  const values = new Float64Array(calendar.days.length * QUARTERS_BY_CLOCK).fill(Number.NaN);
  for (let slot = 0; slot < energies.length; slot++) {
    // A line that was drawn is no witness for a shape, but better than none; an hour that comes twice is heard once.
    if ((statuses[slot] ?? 0) < QuarterCode.interpolated) continue;
    const place = (calendar.dayOf[slot] ?? 0) * QUARTERS_BY_CLOCK + (calendar.quarterOf[slot] ?? 0);
    if (Number.isNaN(values[place])) values[place] = energies[slot] ?? 0;
  }
  const like = new Map<number, readonly number[]>();
  return {
    valueAt: (day, quarter) => values[day * QUARTERS_BY_CLOCK + quarter] ?? Number.NaN,
    likeDays: (day) => {
      let found = like.get(day);
      if (found === undefined) like.set(day, (found = nearestLike(calendar, day, rules.lookDaysMax)));
      return found;
    },
  };
}

function nearestLike({ days }: LocalDays, day: number, lookDaysMax: number): number[] {
  const found: number[] = [];
  const type = days[day]?.type;
  for (let distance = 1; distance <= lookDaysMax; distance++) {
    for (const place of [day - distance, day + distance]) {
      if (days[place] !== undefined && days[place].type === type) found.push(place);
    }
  }
  return found;
}

/** The mean of the nearest like days at each quarter-hour; where none has a value there, the mean of the others. */
function shapeOf({ calendar, rules }: GapRequest, gap: Gap, days: ValuedDays): number[] {
  const shape = slotsOf(gap).map((slot) => {
    const quarter = calendar.quarterOf[slot] ?? 0;
    let sum = 0;
    let count = 0;
    for (const day of days.likeDays(calendar.dayOf[slot] ?? 0)) {
      const value = days.valueAt(day, quarter);
      if (Number.isNaN(value)) continue;
      sum += Math.max(0, value);
      if (++count === rules.shapeDays) break;
    }
    return count === 0 ? Number.NaN : sum / count;
  });
  const known = shape.filter((weight) => !Number.isNaN(weight));
  const mean = known.length === 0 ? 1 : known.reduce((all, weight) => all + weight, 0) / known.length;
  return shape.map((weight) => (Number.isNaN(weight) ? mean : weight));
}

/** Day by day the nearest like day that has a value for every quarter-hour that is missing; else nothing. */
function substitutes({ calendar }: GapRequest, gap: Gap, days: ValuedDays): Estimate[] {
  const byDay = Map.groupBy(slotsOf(gap), (slot) => calendar.dayOf[slot] ?? 0);
  return [...byDay].flatMap(([day, slots]) => {
    const quarters = slots.map((slot) => calendar.quarterOf[slot] ?? 0);
    const like = days
      .likeDays(day)
      .find((place) => quarters.every((quarter) => !Number.isNaN(days.valueAt(place, quarter))));
    if (like === undefined) return [];
    return slots.map((slot, place) => ({
      slot,
      energy: days.valueAt(like, quarters[place] ?? 0),
      status: QuarterCode.substituted,
    }));
  });
}

function slotsOf(gap: Gap): number[] {
  return Array.from({ length: gap.end - gap.first }, (_, place) => gap.first + place);
}
