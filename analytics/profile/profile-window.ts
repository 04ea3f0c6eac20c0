// Register index to quarter-hour energies (I4): the index at each boundary by a line, rounded, differenced.
//
//   index   •───•──────•        •───────•        • reading   ─ bridged step
//   slots  |  partial |   ✓   |  gap  | partial |
//
// A quarter-hour has a value when a chain of bridged steps leads from its one boundary to the other. All other energy is an
// unallocated piece: each step that is not bridged, and each end of a chain inside a quarter-hour that it does not fill.
// Slots and pieces lie end to end, and each is a difference of rounded indices, so any row of them sums to one such difference.
import { QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import { judgeSteps, type StepVerdict } from "./judge-steps.ts";
import type { StepRules } from "./step-rules.ts";

/** Energy that was metered but belongs to no quarter-hour. Whole Wh or l; an `index_drop` may be negative. */
export type UnallocatedPiece = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly energy: number;
  readonly cause: "partial" | Exclude<StepVerdict, "bridged">;
};

/** Consecutive quarter-hours from `fromMs`: whole Wh or l, and a `QuarterCode` each. */
export type ProfileWindow = {
  readonly fromMs: number;
  readonly energies: Int32Array;
  readonly statuses: Uint8Array;
  /** The pieces that touch the window, whole, in order of time: a silence may reach far beyond it. */
  readonly unallocated: readonly UnallocatedPiece[];
};

const QUARTER_ENERGY_MAX = 2 ** 31 - 1;

/**
 * The window's quarter-hours. `fromMs` and `toMs` are boundaries of quarter-hours. The readings, in order of time and one
 * per instant, reach beyond the window on both sides by two bridges and at least two readings, as far as there are any:
 * then the result is the same as from all readings there are.
 */
export function profileWindow(
  readings: readonly IndexReading[],
  window: { readonly fromMs: number; readonly toMs: number },
  rules: StepRules,
): ProfileWindow {
  const chain = new Chain(readings, judgeSteps(readings, rules));
  const count = (window.toMs - window.fromMs) / QUARTER_MS;
  const energies = new Int32Array(count);
  const statuses = new Uint8Array(count);
  const unallocated = chain.brokenSteps(window.fromMs, window.toMs);
  for (let slot = 0; slot < count; slot++) {
    const fromMs = window.fromMs + slot * QUARTER_MS;
    const toMs = fromMs + QUARTER_MS;
    const energy = chain.joins(fromMs, toMs) ? chain.energy(fromMs, toMs) : undefined;
    if (energy === undefined) {
      unallocated.push(...chain.partials(fromMs, toMs));
    } else if (energy > QUARTER_ENERGY_MAX) {
      unallocated.push({ fromMs, toMs, energy, cause: "implausible" });
    } else {
      energies[slot] = energy;
      statuses[slot] =
        chain.isDense(fromMs) && chain.isDense(toMs) ? QuarterCode.measured : QuarterCode.interpolated;
    }
  }
  unallocated.sort((left, right) => left.fromMs - right.fromMs);
  return { fromMs: window.fromMs, energies, statuses, unallocated };
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

/** The readings with their steps, asked from left to right. */
class Chain {
  readonly #readings: readonly IndexReading[];
  readonly #verdicts: readonly StepVerdict[];
  /** How many of the steps before step i are not bridged. */
  readonly #brokenBefore: Int32Array;

  constructor(readings: readonly IndexReading[], verdicts: readonly StepVerdict[]) {
    this.#readings = readings;
    this.#verdicts = verdicts;
    this.#brokenBefore = new Int32Array(verdicts.length + 1);
    verdicts.forEach((verdict, step) => {
      this.#brokenBefore[step + 1] = (this.#brokenBefore[step] ?? 0) + (verdict === "bridged" ? 0 : 1);
    });
  }

  brokenSteps(fromMs: number, toMs: number): UnallocatedPiece[] {
    const pieces: UnallocatedPiece[] = [];
    for (let step = Math.max(0, this.#stepFrom(fromMs)); step < this.#verdicts.length; step++) {
      const { from, to, verdict } = this.#step(step);
      if (from.atMs >= toMs) break;
      if (verdict === "bridged" || to.atMs <= fromMs) continue;
      const energy = wholeUnits(to.milli) - wholeUnits(from.milli);
      pieces.push({ fromMs: from.atMs, toMs: to.atMs, energy, cause: verdict });
    }
    return pieces;
  }

  /** Whether bridged steps lead all the way from one instant to the other. */
  joins(fromMs: number, toMs: number): boolean {
    const first = this.#stepFrom(fromMs);
    const last = this.#stepTo(toMs);
    if (first < 0 || first >= this.#verdicts.length || last < first || last >= this.#verdicts.length)
      return false;
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

  /** The stretches of bridged steps within a quarter-hour that they do not fill. */
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
    for (let at = Math.max(0, this.#stepFrom(fromMs)); at < this.#verdicts.length; at++) {
      const { from, to, verdict } = this.#step(at);
      if (from.atMs >= toMs) break;
      if (to.atMs <= fromMs) continue;
      if (verdict === "bridged") startMs ??= Math.max(fromMs, from.atMs);
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

  #step(step: number): { from: IndexReading; to: IndexReading; verdict: StepVerdict } {
    const from = this.#readings[step];
    const to = this.#readings[step + 1];
    const verdict = this.#verdicts[step];
    if (from === undefined || to === undefined || verdict === undefined) {
      throw new RangeError(`there is no step ${step} between ${this.#readings.length} readings`);
    }
    return { from, to, verdict };
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
