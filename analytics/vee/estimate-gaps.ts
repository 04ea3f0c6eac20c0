// The estimated layer: what a register probably counted in quarter-hours for which nothing was measured.
//
//   gap          its energy      what it gets                                                    status         method
//   ≤ 2 h        known           the line between its neighbours, scaled to the energy            interpolated   line_to_energy
//   ≤ 2 h        unknown         the line between its neighbours*                                 interpolated   line
//   ≤ 50 days    known           the shape of like days, scaled to the energy                     substituted    shape…, or even
//   ≤ 50 days    unknown         the nearest like day, quarter-hour by quarter-hour*              substituted    like_day…
//   longer                       nothing: it stays missing
//
//   * where a part of a quarter-hour was metered, that part as metered, and of the estimate the share of the rest
//
// Known is a gap's energy where the pieces that were metered and belong to no quarter-hour fill it from end to end: then they add up
// to the difference of the index, and so does the estimate, to the Wh; each piece within the time in which it was metered. Measured quarter-hours are never touched. Which days are like
// a day is in like-days.ts; `…_temperature`: they were chosen by the outside temperature too.
import { QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { valuedDays, type LikeDayRules, type LikeDays, type ValuedDays } from "./like-days.ts";
import type { LocalDays } from "./local-days.ts";

export type EstimateRules = LikeDayRules & {
  /** A gap of as many quarter-hours is bridged by a line. */
  readonly lineMax: number;
  /** A longer one is not estimated at all. */
  readonly gapMax: number;
  /** How many like days give the shape of a known energy. */
  readonly shapeDays: number;
};

/** Lines: California's VEE rules. Days and band: as Energy Sparks substitutes them. */
export const ESTIMATE_RULES: EstimateRules = {
  lineMax: 8,
  gapMax: 50 * 96,
  shapeDays: 4,
  lookDaysMax: 100,
  bandK: 5,
};

/** How an estimate was made; a code's place is how it is kept. */
export const ESTIMATE_METHODS = [
  "none",
  "line",
  "line_to_energy",
  "like_day",
  "like_day_temperature",
  "shape",
  "shape_temperature",
  "even",
] as const;
export type EstimateMethod = (typeof ESTIMATE_METHODS)[number];

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
  /** Mean outside temperature of each day of the calendar, °C, NaN: not known. Absent: what is metered does not follow it. */
  readonly outsideC?: Float64Array | undefined;
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
  readonly method: EstimateMethod;
};

/** A gap that was looked at, whether it got estimates or none. */
export type EstimatedGap = Gap & {
  readonly estimates: readonly Estimate[];
  /** A change of a day that is at most so many days away from one of the gap's can change them. */
  readonly reachDays: number;
};

/** The index passed through these, whatever lies between: their energies add up to its difference. */
const ADDING_UP = new Set(["gap", "partial", "glitch"]);

/** In order of time. Depends on nothing but the request. */
export function estimateGaps(request: GapRequest): EstimatedGap[] {
  const { energies, statuses, calendar, rules, outsideC } = request;
  const days = valuedDays(energies, statuses, calendar, rules, outsideC);
  return gapsThatTouch(statuses, request).map((gap) => ({ ...gap, ...estimateGap(request, gap, days) }));
}

/** Quarter-hours [first, end). */
export type Gap = { readonly first: number; readonly end: number };
type Estimated = Pick<EstimatedGap, "estimates" | "reachDays">;
const NOTHING: Estimated = { estimates: [], reachDays: 0 };

/** The gaps, each as a whole, that touch a stretch, in order of time. */
export function gapsThatTouch(statuses: Uint8Array, { first, end }: Gap): Gap[] {
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

function estimateGap(request: GapRequest, gap: Gap, days: ValuedDays): Estimated {
  const { rules, statuses } = request;
  const length = gap.end - gap.first;
  // A gap at an edge of what is known has no other side: it may be longer than it looks.
  const isOpen = gap.first === 0 || gap.end === statuses.length;
  if (length > rules.gapMax) return NOTHING;
  const known = isOpen ? undefined : knownPieces(request, gap);
  if (known !== undefined && energyOf(known) < 0) return NOTHING;
  if (length <= rules.lineMax && !isOpen) {
    const line = lineOf(request, gap);
    const energies =
      known === undefined
        ? line.map((energy, place) => withMetered(energy, gap.first + place, request))
        : spread(line, known, request, gap);
    const method = known === undefined ? "line" : "line_to_energy";
    const estimates = energies.map(
      (energy, place) =>
        ({
          slot: gap.first + place,
          energy,
          status: QuarterCode.interpolated,
          method,
        }) as const,
    );
    return { estimates, reachDays: 0 };
  }
  return known === undefined ? substitutes(request, gap, days) : shaped(request, gap, days, known);
}

/** What was metered between the gap's two ends, where it fills the gap without a hole and nothing breaks the index. */
function knownPieces({ fromMs, pieces }: GapRequest, gap: Gap): MeteredPiece[] | undefined {
  const startMs = fromMs + gap.first * QUARTER_MS;
  const endMs = fromMs + gap.end * QUARTER_MS;
  let reachedMs = startMs;
  const known: MeteredPiece[] = [];
  for (const piece of pieces) {
    if (isAccount(piece, pieces)) continue;
    if (piece.toMs <= startMs || piece.fromMs >= endMs) continue;
    const meets = piece.fromMs === reachedMs || isRest(known.at(-1), piece, reachedMs, piece.fromMs);
    if (!meets || !ADDING_UP.has(piece.cause)) return undefined;
    reachedMs = piece.toMs;
    known.push(piece);
  }
  // Without a piece nothing is known, however short it is: a file may lack one quarter-hour.
  if (known.length === 0) return undefined;
  return reachedMs === endMs || isRest(known.at(-1), undefined, reachedMs, endMs) ? known : undefined;
}

/**
 * A part of a quarter-hour in which nothing was counted leaves no piece (analytics/profile): that is no hole. Beside another part it
 * would be one with that, so there it is: the index begins, or ends, with that part.
 */
function isRest(
  before: MeteredPiece | undefined,
  after: MeteredPiece | undefined,
  fromMs: number,
  toMs: number,
): boolean {
  if (before?.cause === "partial" || after?.cause === "partial") return false;
  return fromMs < toMs && Math.floor(fromMs / QUARTER_MS) === Math.floor((toMs - 1) / QUARTER_MS);
}

function energyOf(pieces: readonly MeteredPiece[]): number {
  return pieces.reduce((sum, { energy }) => sum + energy, 0);
}

/**
 * The energy of the pieces in quarter-hours, by their weights. Each piece in its own time: the estimate then meets the index wherever
 * it was read, and no quarter-hour gets less than was metered in it.
 */
function spread(
  weights: readonly number[],
  pieces: readonly MeteredPiece[],
  { fromMs }: GapRequest,
  gap: Gap,
): number[] {
  const startMs = fromMs + gap.first * QUARTER_MS;
  const energies = weights.map(() => 0);
  for (const piece of withGlitchesAsOne(pieces)) {
    const first = Math.floor((piece.fromMs - startMs) / QUARTER_MS);
    const end = Math.ceil((piece.toMs - startMs) / QUARTER_MS);
    const shares = Array.from({ length: end - first }, (_, place) => {
      const slotMs = startMs + (first + place) * QUARTER_MS;
      return Math.min(piece.toMs, slotMs + QUARTER_MS) - Math.max(piece.fromMs, slotMs);
    });
    const own = shares.map((share, place) => share * (weights[first + place] ?? 0));
    const parts = scaled(own.some((weight) => weight > 0) ? own : shares, piece.energy);
    for (const [place, energy] of parts.entries())
      energies[first + place] = (energies[first + place] ?? 0) + energy;
  }
  return energies;
}

/**
 * An index that left and came back says what flowed meanwhile, but not when: from the first glitch to the last all is one piece. Where
 * that is below nought, as after a dip that stayed, everything is.
 */
function withGlitchesAsOne(pieces: readonly MeteredPiece[]): readonly MeteredPiece[] {
  const isOdd = ({ cause, energy }: MeteredPiece) => cause === "glitch" || energy < 0;
  const first = pieces.findIndex(isOdd);
  if (first < 0) return pieces;
  const end = pieces.findLastIndex(isOdd) + 1;
  const one = asOne(pieces.slice(first, end));
  if (one.energy < 0) return [asOne(pieces)];
  return [...pieces.slice(0, first), one, ...pieces.slice(end)];
}

/** Of at least one. */
function asOne(pieces: readonly MeteredPiece[]): MeteredPiece {
  const fromMs = Math.min(...pieces.map((piece) => piece.fromMs));
  const toMs = Math.max(...pieces.map((piece) => piece.toMs));
  return { fromMs, toMs, energy: energyOf(pieces), cause: "glitch" };
}

/**
 * The estimate of a quarter-hour whose gap's energy is not known, of which a part may have been metered all the same: where an index
 * begins, ends or breaks. Of a glitch it is not known when in its time the energy flowed, if ever: it is no part.
 */
function withMetered(estimate: number, slot: number, { fromMs, pieces }: GapRequest): number {
  const startMs = fromMs + slot * QUARTER_MS;
  const endMs = startMs + QUARTER_MS;
  let metered = 0;
  let restMs = QUARTER_MS;
  for (const { fromMs: sinceMs, toMs, energy, cause } of pieces) {
    if (sinceMs < startMs || toMs > endMs || (cause !== "partial" && cause !== "gap")) continue;
    metered += energy;
    restMs -= toMs - sinceMs;
  }
  return metered + Math.round((estimate * restMs) / QUARTER_MS);
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

type Weight = { readonly weight: number; readonly method: EstimateMethod };

/** The mean of the nearest like days at each quarter-hour, scaled; where none has a value there, the mean of the others. */
function shaped(request: GapRequest, gap: Gap, days: ValuedDays, pieces: readonly MeteredPiece[]): Estimated {
  const { calendar, rules } = request;
  let reachDays = 0;
  const weights = slotsOf(gap).map((slot): Weight | undefined => {
    const day = calendar.dayOf[slot] ?? 0;
    const found = meanOf(days, day, calendar.quarterOf[slot] ?? 0, rules);
    reachDays = Math.max(reachDays, found.reachDays);
    return found.weight;
  });
  const known = weights.flatMap((one) => one?.weight ?? []);
  const mean = known.length === 0 ? 1 : known.reduce((all, weight) => all + weight, 0) / known.length;
  const method = known.length === 0 ? "even" : "shape";
  const filled = weights.map((one) => one?.weight ?? mean);
  const energies = spread(filled, pieces, request, gap);
  const estimates = energies.map((energy, place) => ({
    slot: gap.first + place,
    energy,
    status: QuarterCode.substituted,
    method: weights[place]?.method ?? method,
  }));
  return { estimates, reachDays };
}

type Mean = { readonly weight: Weight | undefined; readonly reachDays: number };

function meanOf(days: ValuedDays, day: number, quarter: number, rules: EstimateRules): Mean {
  const { shapeDays, lookDaysMax } = rules;
  for (const [asked, { basis, days: like }] of days.likeDays(day).entries()) {
    const found = like.filter((place) => !Number.isNaN(days.valueAt(place, quarter))).slice(0, shapeDays);
    const farthest = found.at(-1);
    if (farthest === undefined) continue;
    const sum = found.reduce((all, place) => all + Math.max(0, days.valueAt(place, quarter)), 0);
    return {
      weight: { weight: sum / found.length, method: SHAPE_BY[basis] },
      // Where there are fewer than wanted, or a list was asked in vain, any day within sight may come to be one of them.
      reachDays: asked === 0 && found.length === shapeDays ? Math.abs(farthest - day) : lookDaysMax,
    };
  }
  return { weight: undefined, reachDays: lookDaysMax };
}

const SHAPE_BY: Readonly<Record<LikeDays["basis"], EstimateMethod>> = {
  temperature: "shape_temperature",
  day_type: "shape",
};
const LIKE_DAY_BY: Readonly<Record<LikeDays["basis"], EstimateMethod>> = {
  temperature: "like_day_temperature",
  day_type: "like_day",
};

/** Day by day the nearest like day that has a value for every quarter-hour that is missing; else nothing. */
function substitutes(request: GapRequest, gap: Gap, days: ValuedDays): Estimated {
  const { calendar, rules } = request;
  const byDay = Map.groupBy(slotsOf(gap), (slot) => calendar.dayOf[slot] ?? 0);
  let reachDays = 0;
  const estimates = [...byDay].flatMap(([day, slots]): Estimate[] => {
    const quarters = slots.map((slot) => calendar.quarterOf[slot] ?? 0);
    const hasAll = (place: number) =>
      quarters.every((quarter) => !Number.isNaN(days.valueAt(place, quarter)));
    for (const [asked, { basis, days: like }] of days.likeDays(day).entries()) {
      const place = like.find(hasAll);
      if (place === undefined) continue;
      reachDays = Math.max(reachDays, asked === 0 ? Math.abs(place - day) : rules.lookDaysMax);
      return slots.map((slot, at) => ({
        slot,
        energy: withMetered(days.valueAt(place, quarters[at] ?? 0), slot, request),
        status: QuarterCode.substituted,
        method: LIKE_DAY_BY[basis],
      }));
    }
    reachDays = rules.lookDaysMax;
    return [];
  });
  return { estimates, reachDays };
}

function slotsOf(gap: Gap): number[] {
  return Array.from({ length: gap.end - gap.first }, (_, place) => gap.first + place);
}
