// Register index to quarter-hour energies (I4): the index at each boundary by a line, rounded, differenced.
//
//   index   •───•──────•        •───────•        • reading   ─ booked step
//   slots  |  partial |   ✓   |  gap  | partial |
//
// A quarter-hour has a value when a chain of booked steps leads from its one boundary to the other. All other energy is an
// unallocated piece: each step that is not booked, and each end of a chain inside a quarter-hour that it does not fill.
// Slots and pieces lie end to end, and each is a difference of rounded indices, so any row of them sums to one such difference.
// Where a counter turned, or a meter was swapped at known indices, the chain goes on: behind it the index is taken higher by
// what it fell by, in whole units, and a piece of that name, as long as the step, takes the same off again.
import { QUARTER_MS } from "#devices/time";
import { QuarterCode, type RegisterState } from "#devices/vocabulary";
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import { judgeSteps, type JudgedStep } from "./judge-steps.ts";
import { effectiveRulings, withRulings, type Ruling } from "./rulings.ts";
import type { StepRules } from "./step-rules.ts";
import { withoutSlips, type FoundEdge, type SlipEdge } from "./unit-slips.ts";

/**
 * Energy that was metered but belongs to no quarter-hour. Whole Wh or l, negative where the index fell. Known by its beginning
 * and its cause: a counter that turns within a silence has two.
 */
export type UnallocatedPiece = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly energy: number;
  readonly cause: "gap" | "partial" | Exclude<RegisterState, "ok">;
};

/** A step that is not plain consumption, with its judgement. */
export type OddStep = { readonly from: IndexReading; readonly to: IndexReading; readonly judged: JudgedStep };

/** Consecutive quarter-hours from `fromMs`: whole Wh or l, and a `QuarterCode` each. */
export type ProfileWindow = {
  readonly fromMs: number;
  readonly energies: Int32Array;
  readonly statuses: Uint8Array;
  /** The pieces that touch the window, whole, in order of time: a silence may reach far beyond it. */
  readonly unallocated: readonly UnallocatedPiece[];
  /** The steps that touch it and are not `ok`, or are because a person said so. */
  readonly oddSteps: readonly OddStep[];
  /** The steps that touch it at which the unit slips, or is the right one again. */
  readonly slipEdges: readonly FoundEdge[];
  /** A reading behind the window whose day must be computed again, as slipped ones of this one bear witness about it. */
  readonly slipHeldMs?: number | undefined;
};

export const QUARTER_ENERGY_MAX = 2 ** 31 - 1;

/**
 * The window's quarter-hours. `fromMs` and `toMs` are boundaries of quarter-hours. The readings, in order of time and one
 * per instant, reach beyond the window on both sides by two bridges and at least two readings, and two that no slip takes away,
 * as far as there are any: then the result is the same as from all readings there are. `rulings` are all of the register, `known`
 * its slips of unit as other windows found them.
 */
export function profileWindow(
  readings: readonly IndexReading[],
  window: { readonly fromMs: number; readonly toMs: number },
  rules: StepRules,
  rulings: readonly Ruling[] = [],
  known: readonly SlipEdge[] = [],
): ProfileWindow {
  const effective = effectiveRulings(rulings);
  const ruled = withRulings(readings, effective);
  const { counting, edges, heldMs } = withoutSlips(ruled, window, rules, effective, known);
  const chain = new Chain(counting, judgeSteps(counting, rules, effective), rules.bridgeMaxMs);
  const count = (window.toMs - window.fromMs) / QUARTER_MS;
  const energies = new Int32Array(count);
  const statuses = new Uint8Array(count);
  const { pieces: unallocated, oddSteps } = chain.oddSteps(window.fromMs, window.toMs);
  for (let slot = 0; slot < count; slot++) {
    const fromMs = window.fromMs + slot * QUARTER_MS;
    const toMs = fromMs + QUARTER_MS;
    const energy = chain.joins(fromMs, toMs) ? chain.energy(fromMs, toMs) : undefined;
    if (energy === undefined) {
      unallocated.push(...chain.partials(fromMs, toMs));
    } else if (energy > QUARTER_ENERGY_MAX) {
      unallocated.push({ fromMs, toMs, energy, cause: "spike" });
    } else {
      energies[slot] = energy;
      statuses[slot] =
        chain.isDense(fromMs) && chain.isDense(toMs) ? QuarterCode.measured : QuarterCode.interpolated;
    }
  }
  unallocated.sort(byBeginning);
  return {
    fromMs: window.fromMs,
    energies,
    statuses,
    unallocated,
    oddSteps,
    slipEdges: edges,
    slipHeldMs: heldMs,
  };
}

/** Pieces in the order in which they are kept. */
export function byBeginning(left: UnallocatedPiece, right: UnallocatedPiece): number {
  return left.fromMs - right.fromMs || (left.cause < right.cause ? -1 : left.cause > right.cause ? 1 : 0);
}

/** The index `atMs` on the line between two readings, rounded half up once, from the exact fraction. */
export function interpolatedUnits(from: IndexReading, to: IndexReading, atMs: number): number {
  const spanMs = BigInt(to.atMs - from.atMs);
  const milliTimesSpan =
    BigInt(from.milli) * spanMs + BigInt(to.milli - from.milli) * BigInt(atMs - from.atMs);
  return Number(floorDivide(milliTimesSpan + 500n * spanMs, 1000n * spanMs));
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < 0n && quotient * divisor !== dividend ? quotient - 1n : quotient;
}

/** What becomes of a step's energy: into quarter-hours, or a piece of this cause. */
type Fate = "booked" | UnallocatedPiece["cause"];

/** The readings with their steps, asked from left to right. */
class Chain {
  /** As if no counter ever turned: behind each known turn all indices are higher by it. */
  readonly #readings: readonly IndexReading[];
  readonly #raw: readonly IndexReading[];
  readonly #judged: readonly JudgedStep[];
  readonly #fates: readonly Fate[];
  /** How many of the steps before step i are not booked. */
  readonly #brokenBefore: Int32Array;

  constructor(readings: readonly IndexReading[], judged: readonly JudgedStep[], bridgeMaxMs: number) {
    this.#raw = readings;
    this.#readings = unturned(readings, judged);
    this.#judged = judged;
    this.#fates = judged.map((step, at) => {
      if (step.state !== "ok" && step.turn === undefined) return step.state;
      const elapsedMs = (readings[at + 1]?.atMs ?? 0) - (readings[at]?.atMs ?? 0);
      return elapsedMs > bridgeMaxMs ? "gap" : "booked";
    });
    this.#brokenBefore = new Int32Array(judged.length + 1);
    this.#fates.forEach((fate, step) => {
      this.#brokenBefore[step + 1] = (this.#brokenBefore[step] ?? 0) + (fate === "booked" ? 0 : 1);
    });
  }

  oddSteps(fromMs: number, toMs: number): { pieces: UnallocatedPiece[]; oddSteps: OddStep[] } {
    const pieces: UnallocatedPiece[] = [];
    const oddSteps: OddStep[] = [];
    // One before: a step without length that ends where the window begins is of the window.
    for (let at = Math.max(0, this.#stepFrom(fromMs) - 1); at < this.#fates.length; at++) {
      const { from, to } = this.#step(at);
      if (from.atMs >= toMs) break;
      const endMs = Math.max(to.atMs, from.atMs + 1);
      if (endMs <= fromMs) continue;
      pieces.push(...this.#piecesOf(at));
      const judged = this.#judged[at];
      const rawFrom = this.#raw[at];
      const rawTo = this.#raw[at + 1];
      if (judged === undefined || rawFrom === undefined || rawTo === undefined) continue;
      if (judged.state !== "ok" || judged.ruling !== undefined)
        oddSteps.push({ from: rawFrom, to: rawTo, judged });
    }
    return { pieces, oddSteps };
  }

  /** What the step keeps from the quarter-hours, and what its counter turned by. */
  #piecesOf(at: number): UnallocatedPiece[] {
    const { from, to, fate } = this.#step(at);
    // A joint's turn goes with the step after it, if that is a piece too: they begin together, and must be replaced together.
    if (this.#isJoint(at)) return this.#fates[at + 1] === "booked" ? this.#turnOf(at) : [];
    if (fate === "booked") return this.#turnOf(at);
    const energy = wholeUnits(to.milli) - wholeUnits(from.milli);
    const own = { fromMs: from.atMs, toMs: to.atMs, energy, cause: fate };
    const before = this.#isJoint(at - 1) ? this.#turnOf(at - 1) : [];
    const same = before.find(({ cause }) => cause === fate);
    if (same !== undefined) return [{ ...own, energy: energy + same.energy }];
    return [...before, own, ...this.#turnOf(at)];
  }

  /** A joint has no length: its piece is a millisecond long. */
  #turnOf(at: number): UnallocatedPiece[] {
    const { from, to } = this.#step(at);
    const { state = "ok", turn = 0 } = this.#judged[at] ?? {};
    if (state === "ok" || turn === 0) return [];
    return [{ fromMs: from.atMs, toMs: Math.max(to.atMs, from.atMs + 1), energy: -turn, cause: state }];
  }

  #isJoint(at: number): boolean {
    const { atMs } = this.#raw[at] ?? {};
    return atMs !== undefined && atMs === this.#raw[at + 1]?.atMs;
  }

  /** Whether booked steps lead all the way from one instant to the other. */
  joins(fromMs: number, toMs: number): boolean {
    const first = this.#stepFrom(fromMs);
    const last = this.#stepTo(toMs);
    if (first < 0 || first >= this.#fates.length || last < first || last >= this.#fates.length) return false;
    return this.#brokenBefore[last + 1] === this.#brokenBefore[first];
  }

  energy(fromMs: number, toMs: number): number {
    return this.#units(toMs) - this.#units(fromMs);
  }

  /** Whether the index at this instant is a reading, or lies between two that are a quarter-hour apart at most. */
  isDense(atMs: number): boolean {
    const at = this.#stepFrom(atMs);
    if (this.#readings[at]?.atMs === atMs) return true;
    const { from, to } = this.#step(at);
    return to.atMs - from.atMs <= QUARTER_MS;
  }

  /** The stretches of booked steps within a quarter-hour that they do not fill. */
  partials(fromMs: number, toMs: number): UnallocatedPiece[] {
    const pieces: UnallocatedPiece[] = [];
    let startMs: number | undefined;
    const end = (endMs: number) => {
      if (startMs !== undefined && endMs > startMs) {
        const energy = this.energy(startMs, endMs);
        if (energy !== 0) pieces.push({ fromMs: startMs, toMs: endMs, energy, cause: "partial" });
      }
      startMs = undefined;
    };
    let lastMs = fromMs;
    for (let at = Math.max(0, this.#stepFrom(fromMs)); at < this.#fates.length; at++) {
      const { from, to, fate } = this.#step(at);
      if (from.atMs >= toMs) break;
      if (to.atMs <= fromMs) continue;
      if (fate === "booked") startMs ??= Math.max(fromMs, from.atMs);
      else end(from.atMs);
      lastMs = Math.min(toMs, to.atMs);
    }
    end(lastMs);
    return pieces;
  }

  /** The rounded index at an instant within the readings. */
  #units(atMs: number): number {
    const at = this.#stepFrom(atMs);
    const reading = this.#readings[at];
    if (reading?.atMs === atMs) return wholeUnits(reading.milli);
    const { from, to } = this.#step(at);
    return interpolatedUnits(from, to, atMs);
  }

  #step(step: number): { from: IndexReading; to: IndexReading; fate: Fate } {
    const from = this.#readings[step];
    const to = this.#readings[step + 1];
    const fate = this.#fates[step];
    if (from === undefined || to === undefined || fate === undefined) {
      throw new RangeError(`there is no step ${step} between ${this.#readings.length} readings`);
    }
    return { from, to, fate };
  }

  /** The last reading at or before the instant, which is also the step that leads on from it; -1 before the first. */
  #stepFrom(atMs: number): number {
    let low = 0;
    let high = this.#readings.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#readings[middle]?.atMs ?? Infinity) <= atMs) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The step that leads up to the instant: its right end is the first reading at or after it. */
  #stepTo(atMs: number): number {
    const at = this.#stepFrom(atMs);
    return this.#readings[at]?.atMs === atMs ? at - 1 : at;
  }
}

function unturned(readings: readonly IndexReading[], judged: readonly JudgedStep[]): readonly IndexReading[] {
  if (!judged.some((step) => step.turn !== undefined)) return readings;
  let turnedMilli = 0;
  return readings.map((reading, at) => {
    turnedMilli += 1000 * (judged[at - 1]?.turn ?? 0);
    return { ...reading, milli: reading.milli + turnedMilli };
  });
}
