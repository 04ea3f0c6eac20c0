// The verdict on the quarter-hours of one series: what the product says against what the world knows. Pure.
//
//   told on both boundaries ── measured: exact, or wrong             ── not measured (yet): late
//   not told on both        ── a value: bracketed by the readings around, else wrong (where nothing brackets it and it says that
//                              it is an estimate: estimated)          ── none: missing
//   near a mishap           ── as above, but missing and estimated are right: it says so. What claims to be measured must be so
import { HOUR_MS, QUARTER_MS } from "#devices/time";
import { METER_FAULTS, type FaultKind } from "../story/fault-kinds.ts";
import type { Mishap, Series } from "../story/story.ts";
import { firstFrom, lastUpTo } from "./told-times.ts";

/** A quarter-hour as the API answers it. */
export type AnsweredPoint = {
  readonly from: string;
  readonly value: number | null;
  readonly quality: { readonly measured: number; readonly estimated: number; readonly missing: number };
};

export const VERDICTS = ["exact", "bracketed", "estimated", "missing", "late", "wrong"] as const;
export type Verdict = (typeof VERDICTS)[number];

export type JudgedQuarter = {
  readonly fromMs: number;
  readonly verdict: Verdict;
  /** Wh or litres. */
  readonly truth: number;
  readonly value: number | null;
  /** It claims to be measured, but nothing was told near enough to one of its boundaries. */
  readonly overclaimed: boolean;
};

export type Evidence = {
  readonly series: Series;
  /** Instants told by acknowledged messages that can be read, ascending. */
  readonly toldAtMs: readonly number[];
  /** The same of all that were sent: without their acknowledgement they may be there or not. */
  readonly sentAtMs: readonly number[];
  /** Of this series. */
  readonly mishaps: readonly Mishap[];
};

export function judgeQuarters(points: readonly AnsweredPoint[], evidence: Evidence): JudgedQuarter[] {
  const witness = createWitness(evidence);
  return points.map((point) => {
    const fromMs = Date.parse(point.from);
    const toMs = fromMs + QUARTER_MS;
    const truth = evidence.series.indexAt(toMs) - evidence.series.indexAt(fromMs);
    const near = witness.mishapsNear(fromMs, toMs);
    const verdict = judge(point, truth, fromMs, witness, near.length > 0);
    const overclaimed =
      point.quality.measured > 0 && near.length === 0 && !witness.isNearlyTold(fromMs, toMs);
    return { fromMs, verdict, truth, value: point.value, overclaimed };
  });
}

function judge(
  { value, quality }: AnsweredPoint,
  truth: number,
  fromMs: number,
  witness: Witness,
  isDisturbed: boolean,
): Verdict {
  const known = witness.isTold(fromMs) && witness.isTold(fromMs + QUARTER_MS);
  const isMeasured = quality.measured === 1;
  if (known && !isDisturbed && !isMeasured) return "late";
  // What there is of it may stand there all the same: it says that it is not all.
  if (value === null || quality.missing === 1) return "missing";
  if (known && isMeasured) return value === truth ? "exact" : "wrong";
  const allowed = witness.allowed(fromMs, fromMs + QUARTER_MS);
  if (allowed !== undefined && value >= allowed.least && value <= allowed.most) return "bracketed";
  const saysSo = quality.estimated > 0;
  const isBracketed = allowed !== undefined && !allowed.begins;
  return saysSo && value >= 0 && (!isBracketed || isDisturbed) ? "estimated" : "wrong";
}

/**
 * Energy that is not conserved: between two boundaries that were told, quarter-hours that all have a value and are near no mishap
 * must add up to the difference of the index; measured ones in a row, wherever they begin and end, to what the readings around allow.
 */
export function unconserved(points: readonly AnsweredPoint[], evidence: Evidence): Unconserved[] {
  const witness = createWitness(evidence);
  const { onChange, datedWithinMs } = evidence.series;
  const isDated = onChange || datedWithinMs > 0;
  return [...(isDated ? [] : betweenTold(points, evidence, witness)), ...inARow(points, witness)];
}

function betweenTold(
  points: readonly AnsweredPoint[],
  { series: { indexAt } }: Evidence,
  witness: Witness,
): Unconserved[] {
  const found: Unconserved[] = [];
  let startMs: number | undefined;
  let sum: number | undefined = 0;
  for (const { from, value } of points) {
    const fromMs = Date.parse(from);
    const toMs = fromMs + QUARTER_MS;
    if (witness.isTold(fromMs)) {
      startMs = fromMs;
      sum = 0;
    }
    const counts = value !== null && witness.mishapsNear(fromMs, toMs).length === 0;
    sum = counts && sum !== undefined ? sum + value : undefined;
    if (startMs === undefined || sum === undefined || !witness.isTold(toMs)) continue;
    const error = sum - (indexAt(toMs) - indexAt(startMs));
    // A single quarter-hour is judged by itself.
    if (error !== 0 && toMs - startMs > QUARTER_MS) found.push({ fromMs: startMs, toMs, error });
  }
  return found;
}

/** Each quarter-hour may be within what is possible, and their sum may not: it runs from one boundary to another. */
function inARow(points: readonly AnsweredPoint[], witness: Witness): Unconserved[] {
  const found: Unconserved[] = [];
  let row: { readonly fromMs: number; toMs: number; sum: number } | undefined;
  const end = () => {
    if (row === undefined) return;
    const { fromMs, toMs, sum } = row;
    row = undefined;
    // A single quarter-hour is judged by itself, and what was told exactly on both sides above.
    if (toMs - fromMs <= QUARTER_MS || (witness.isTold(fromMs) && witness.isTold(toMs))) return;
    const allowed = witness.allowed(fromMs, toMs);
    if (allowed === undefined || allowed.begins) return;
    const error = Math.max(0, sum - allowed.most) + Math.min(0, sum - allowed.least);
    if (error !== 0) found.push({ fromMs, toMs, error });
  };
  for (const { from, value, quality } of points) {
    const fromMs = Date.parse(from);
    const toMs = fromMs + QUARTER_MS;
    const counts = value !== null && quality.measured === 1 && witness.mishapsNear(fromMs, toMs).length === 0;
    if (!counts || row?.toMs !== fromMs) end();
    if (!counts) continue;
    row ??= { fromMs, toMs: fromMs, sum: 0 };
    row.toMs = toMs;
    row.sum += value;
  }
  end();
  return found;
}

/** `error`: what is too much, or too little; against what is possible, at least so much. */
export type Unconserved = { readonly fromMs: number; readonly toMs: number; readonly error: number };

type Witness = {
  /** Told, and by nothing that a mishap touched. */
  isTold(atMs: number): boolean;
  /** Whether something was sent within a quarter-hour around each boundary. */
  isNearlyTold(fromMs: number, toMs: number): boolean;
  /**
   * Least and most that the readings around leave possible; `undefined` where there are none on one side. `begins`: with nothing before
   * but a first reading that was under way.
   */
  allowed(
    fromMs: number,
    toMs: number,
  ): { readonly least: number; readonly most: number; readonly begins: boolean } | undefined;
  mishapsNear(fromMs: number, toMs: number): readonly Mishap[];
};

/** Interpolated boundaries of two registers are rounded twice each. */
const ROUNDING = 2;
/** A rule may look so far around a mishap before it says what a step was. */
const WITNESSES_WITHIN_MS = 2 * HOUR_MS;
/** Readings on either side of a boundary may lie so far apart, and what is between them still is measured. */
const NEAR_MS = QUARTER_MS;
const INSTANT: ReadonlySet<FaultKind> = new Set(["reset", "rollover", "swap"]);
/** Until somebody records it, nobody knows whether the meter that went should have spoken too: all that follows may be missing. */
const UNSETTLED: FaultKind = "swap";
const OF_THE_METER: ReadonlySet<FaultKind> = new Set(METER_FAULTS);

function createWitness({ series, toldAtMs, sentAtMs, mishaps }: Evidence): Witness {
  const { indexAt, datedWithinMs, onChange } = series;
  const clocks = mishaps.filter(({ kind }) => !OF_THE_METER.has(kind));
  const shown = mishaps.filter(({ kind }) => OF_THE_METER.has(kind));
  const isIn = (atMs: number, { fromMs, toMs }: Pick<Mishap, "fromMs" | "toMs">) =>
    atMs >= fromMs && atMs < toMs;
  const isWithin = (atMs: number, list: readonly Mishap[]) => list.some((one) => isIn(atMs, one));
  const passing = shown.filter(({ kind }) => !INSTANT.has(kind));
  /** In true time: a mishap of a clock lasts as long as it says something wrong, or bears an instant that it says wrongly. */
  const wrongClocks = clocks.map(({ fromMs, toMs, shiftMs = 0 }) => ({
    fromMs: fromMs - Math.min(0, shiftMs),
    toMs: toMs - Math.max(0, shiftMs),
    shiftMs,
  }));
  /** When what bears this instant may have been read. */
  const readAt = (atMs: number) => {
    const shifted = wrongClocks.filter(({ fromMs, toMs, shiftMs }) => isIn(atMs - shiftMs, { fromMs, toMs }));
    const isShifted = shifted.length > 0 && wrongClocks.some((clock) => isIn(atMs, clock));
    return [...shifted.map(({ shiftMs }) => atMs - shiftMs), ...(isShifted ? [] : [atMs])];
  };
  /** Surely read while the meter showed what it should not. */
  const isFalse = (atMs: number) => readAt(atMs).every((ms) => isWithin(ms, passing));
  /** True indices, though some under a wrong instant. */
  const readable = passing.length === 0 ? toldAtMs : toldAtMs.filter((atMs) => !isFalse(atMs));
  const clean = clocks.length === 0 ? readable : readable.filter((atMs) => !isWithin(atMs, clocks));
  const exact = onChange || datedWithinMs > 0 ? new Set<number>() : new Set(clean);
  const touched = mishaps.map((mishap) => ({
    mishap,
    fromMs: (lastUpTo(clean, mishap.fromMs - 1) ?? -Infinity) - WITNESSES_WITHIN_MS,
    toMs:
      mishap.kind === UNSETTLED
        ? Infinity
        : (firstFrom(clean, mishap.toMs) ?? Infinity) + WITNESSES_WITHIN_MS,
  }));
  const shiftNear = (fromMs: number, toMs: number) =>
    Math.max(
      0,
      ...touched
        .filter((one) => one.fromMs < toMs && one.toMs > fromMs)
        .map(({ mishap }) => Math.abs(mishap.shiftMs ?? 0)),
    );

  /** A repeat is no reading: the next one is that with another value. */
  const firstUnlike = (repeated: number, fromMs: number) => {
    let at = firstFrom(readable, fromMs);
    while (at !== undefined && indexAt(at) === repeated) at = firstFrom(readable, at + 1);
    return at;
  };

  /** Between which values the index that the product has for a boundary must lie. */
  const boundsAt = (atMs: number, shiftMs: number) => {
    // Of what is dated by its arrival, the first reading of all may stand for the boundary that it was sent on.
    const surely = lastUpTo(readable, atMs - datedWithinMs);
    const before = surely ?? lastUpTo(readable, atMs);
    const after =
      onChange && before !== undefined ? firstUnlike(indexAt(before), atMs) : firstFrom(readable, atMs);
    return {
      begins: surely === undefined,
      low: before === undefined ? undefined : indexAt(before - shiftMs),
      high: after === undefined ? undefined : indexAt(after + shiftMs),
    };
  };
  return {
    isTold: (atMs) => exact.has(atMs),
    isNearlyTold: (fromMs, toMs) =>
      [fromMs, toMs].every((atMs) => {
        const before = lastUpTo(sentAtMs, atMs + datedWithinMs);
        const after = firstFrom(sentAtMs, atMs - datedWithinMs);
        return before !== undefined && after !== undefined && after - before <= NEAR_MS + datedWithinMs;
      }),
    allowed: (fromMs, toMs) => {
      const shiftMs = shiftNear(fromMs, toMs);
      const start = boundsAt(fromMs, shiftMs);
      const end = boundsAt(toMs, shiftMs);
      if (start.low === undefined || end.high === undefined) return undefined;
      // What came before is not more than what came after.
      const least = Math.max(0, (end.low ?? 0) - (start.high ?? Infinity));
      const most = end.high - start.low;
      return { least: least - ROUNDING, most: most + ROUNDING, begins: start.begins };
    },
    mishapsNear: (fromMs, toMs) =>
      touched.filter((one) => one.fromMs < toMs && one.toMs > fromMs).map(({ mishap }) => mishap),
  };
}
