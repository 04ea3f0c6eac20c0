// Two periods side by side: which bars may fairly be compared, and what that says.
import type { Bar } from "./bars.ts";

/** A bar that misses more of its time than this would pass off a hole as a saving. */
const MISSING_MAX = 0.05;

export type Compared = {
  /** Bar by bar what the other period has at the same place; `null` where it has nothing. */
  readonly ghost: readonly (number | null)[];
  /** Bars that are over and whole on both sides: those that the totals below are of. */
  readonly pairs: number;
  /** Bars of the period that are over, compared or not. */
  readonly past: number;
  readonly now: number;
  readonly before: number;
  /** As a share of `before`; `undefined` where nothing can be compared. */
  readonly change: number | undefined;
};

export type Placed = { readonly bars: readonly Bar[]; readonly places: readonly string[] };

/** A bar still running at `untilMs` is left out: a part of a day is not compared with a whole one. */
export function compareBars(shown: Placed, other: Placed, untilMs: number): Compared {
  const others = new Map(other.places.map((place, index) => [place, other.bars[index]]));
  const beside = shown.places.map((place) => others.get(place));
  const past = shown.bars.filter((bar) => bar.phase === "past" && bar.toMs <= untilMs).length;
  let pairs = 0;
  let now = 0;
  let before = 0;
  shown.bars.forEach((bar, index) => {
    const counterpart = beside[index];
    if (bar.toMs > untilMs || !isWhole(bar) || counterpart === undefined || !isWhole(counterpart)) return;
    pairs += 1;
    now += bar.value ?? 0;
    before += counterpart.value ?? 0;
  });
  const change = pairs > 0 && before > 0 ? now / before - 1 : undefined;
  return { ghost: beside.map((bar) => bar?.value ?? null), pairs, past, now, before, change };
}

function isWhole({ phase, value, quality }: Bar): boolean {
  return phase === "past" && value !== null && quality.missing <= MISSING_MAX;
}
