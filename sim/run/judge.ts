// The verdict on one series of quarter-hours: what the API says against what the world knows. Pure.
import { QUARTER_MS } from "#devices/time";

/** A quarter-hour as the API answers it. */
export type AnsweredPoint = {
  readonly from: string;
  readonly value: number | null;
  readonly quality: { readonly measured: number; readonly estimated: number; readonly missing: number };
};

export type Truth = {
  /** The index at an instant, Wh or litres. */
  indexAt(instantMs: number): number;
  /** Instants of acknowledged readings, ascending. */
  readonly toldAtMs: readonly number[];
};

/**
 *   exact       measured, and equal to the truth
 *   bracketed   not told on both boundaries, yet within what the readings around them allow
 *   missing     says that it is missing, and was not told
 *   late        told on both boundaries, but missing or estimated: right later, or lost
 *   wrong       a value that the readings do not allow
 */
export type Verdict = "exact" | "bracketed" | "missing" | "late" | "wrong";

export type JudgedQuarter = {
  readonly fromMs: number;
  readonly verdict: Verdict;
  readonly truth: number;
  readonly value: number | null;
};

/** Every quarter-hour of the answer. */
export function judgeQuarters(points: readonly AnsweredPoint[], truth: Truth): JudgedQuarter[] {
  const told = new Set(truth.toldAtMs);
  return points.map((point) => {
    const fromMs = Date.parse(point.from);
    const toMs = fromMs + QUARTER_MS;
    const exact = truth.indexAt(toMs) - truth.indexAt(fromMs);
    const known = told.has(fromMs) && told.has(toMs);
    return { fromMs, verdict: judge(point, truth, exact, known), truth: exact, value: point.value };
  });
}

function judge(point: AnsweredPoint, truth: Truth, exact: number, known: boolean): Verdict {
  if (point.value === null) return known ? "late" : "missing";
  if (known) {
    if (point.quality.measured < 1) return "late";
    return point.value === exact ? "exact" : "wrong";
  }
  const fromMs = Date.parse(point.from);
  const [low, high] = allowed(truth, fromMs, fromMs + QUARTER_MS);
  return point.value >= low && point.value <= high ? "bracketed" : "wrong";
}

/** The least and the most that the readings next to the boundaries leave possible, with the rounding of two registers. */
function allowed(truth: Truth, fromMs: number, toMs: number): [low: number, high: number] {
  const { toldAtMs } = truth;
  const around = (ms: number): [number, number] => {
    const after = toldAtMs.findIndex((at) => at >= ms);
    const before = after < 0 ? toldAtMs.length - 1 : toldAtMs[after] === ms ? after : after - 1;
    return [truth.indexAt(toldAtMs[before] ?? ms), truth.indexAt(toldAtMs[after] ?? ms)];
  };
  const [startLow, startHigh] = around(fromMs);
  const [endLow, endHigh] = around(toMs);
  const ROUNDING = 2;
  return [Math.max(0, endLow - startHigh) - ROUNDING, endHigh - startLow + ROUNDING];
}
