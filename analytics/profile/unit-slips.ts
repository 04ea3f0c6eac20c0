// Stretches of a register's readings that are shown in another unit: a gateway sends Wh for kWh, a thousand times what was counted,
// or kWh for Wh. They are no readings, from the edge at which the unit slips to the one at which it is the right one again. Pure.
//
//   right ──▶ slipped   to a thousand times the level before, more than can have been counted, or, without a silence in which a meter
//                       may have been changed, to a thousandth of it; give or take a tenth, and the lower of the two not near nought
//   slipped ──▶ right   to what a slipped reading before stands for: a thousandth of it, or a thousand times
//   either way          as a person says, but for `glitch`
//
// Whether a reading is slipped depends on all edges before it. A window is told of those by `known`, and finds those within it.
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import { isWithinBound, WITNESSES_MAX } from "./judge-steps.ts";
import { stateByRuling } from "./register-states.ts";
import { isRuledIn, rulingOf, type ChainReading, type Ruling } from "./rulings.ts";
import type { StepRules } from "./step-rules.ts";

/** A step from one reading to the next. */
export type SlipEdge = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Else it closes: its second reading is right again. */
  readonly opens: boolean;
  /** What is shown, of what was counted. */
  readonly factor: number;
};

export type FoundEdge = SlipEdge & {
  readonly from: IndexReading;
  readonly to: IndexReading;
  /** By which it is told. */
  readonly witnessed?: IndexReading;
  readonly ruling?: Ruling;
};

const FACTORS = [1000, 1 / 1000] as const;

/** Whole Wh or l. A lower level rises by a tenth too soon, or is that of a counter that began anew. */
const LEVEL_LEAST = 10_000;

/** The slip in which an instant lies. `edges` are in order of time. */
export function slipAt(edges: readonly SlipEdge[], atMs: number): SlipEdge | undefined {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle]?.toMs ?? Infinity) <= atMs) low = middle + 1;
    else high = middle;
  }
  const last = edges[low - 1];
  return last?.opens === true ? last : undefined;
}

/** From each edge that opens to the one that closes it. `edges` are in order of time. */
export function slipSpans(edges: readonly SlipEdge[]): { readonly fromMs: number; readonly toMs: number }[] {
  return edges.flatMap(({ opens, toMs: fromMs }, at) =>
    opens ? [{ fromMs, toMs: edges[at + 1]?.toMs ?? Infinity }] : [],
  );
}

export type WithoutSlips = {
  /** The readings that count. */
  readonly counting: readonly ChainReading[];
  /** Among the steps that touch the window. */
  readonly edges: readonly FoundEdge[];
  /** A reading behind the window that is held against slipped ones across a silence: what comes into the window changes it too. */
  readonly heldMs?: number | undefined;
};

/** `known`: the register's edges, of which those beyond the window count; those within it are found anew. */
export function withoutSlips(
  readings: readonly ChainReading[],
  window: { readonly fromMs: number; readonly toMs: number },
  rules: StepRules,
  rulings: readonly Ruling[],
  known: readonly SlipEdge[],
): WithoutSlips {
  // Nearly every day of nearly every meter.
  if (known.length === 0 && !isAnyFar(readings)) return { counting: readings, edges: [] };
  const edges = edgesIn(readings, window, rules, rulings, known);
  const beyondMs = readings.find(({ atMs }) => atMs >= window.toMs)?.atMs ?? Infinity;
  const all = [
    ...known.filter(({ toMs }) => toMs <= window.fromMs),
    ...edges,
    ...known.filter(({ fromMs }) => fromMs >= beyondMs),
  ];
  const counting = readings.filter(({ atMs }) => slipAt(all, atMs) === undefined);
  return { counting, edges, heldMs: heldAcross(readings, window.toMs, all, rules) };
}

/** The last two before it bear witness, however long ago. */
function heldAcross(
  readings: readonly ChainReading[],
  endMs: number,
  edges: readonly SlipEdge[],
  { bridgeMaxMs }: StepRules,
): number | undefined {
  const place = readings.findIndex(({ atMs }) => atMs >= endMs);
  const [next, witness] = [readings[place], readings[Math.max(0, place - 2)]];
  if (place < 1 || next === undefined || witness === undefined) return undefined;
  const isSlipped = slipAt(edges, endMs - 1) !== undefined;
  return isSlipped && next.atMs - witness.atMs > bridgeMaxMs ? next.atMs : undefined;
}

function edgesIn(
  readings: readonly ChainReading[],
  window: { readonly fromMs: number; readonly toMs: number },
  rules: StepRules,
  rulings: readonly Ruling[],
  known: readonly SlipEdge[],
): FoundEdge[] {
  const edges: FoundEdge[] = [];
  const before = readings.filter(({ atMs }) => atMs <= window.fromMs);
  let open = slipAt(known, window.fromMs);
  const sinceMs = open?.toMs ?? Infinity;
  const counting = before.filter(({ atMs }) => slipAt(known, atMs) === undefined);
  let slipped = before.filter(({ atMs }) => atMs >= sinceMs);
  for (const to of readings.slice(before.length)) {
    const edge =
      open === undefined
        ? openingEdge(counting, to, rules, rulings)
        : closingEdge(slipped, to, open, rules, rulings);
    if (edge !== undefined) {
      edges.push(edge);
      open = edge.opens ? edge : undefined;
      slipped = [];
    }
    (open === undefined ? counting : slipped).push(to);
    if (to.atMs >= window.toMs) break;
  }
  return edges;
}

function openingEdge(
  counting: readonly ChainReading[],
  to: ChainReading,
  rules: StepRules,
  rulings: readonly Ruling[],
): FoundEdge | undefined {
  const from = counting.at(-1);
  if (from === undefined || !isFar(from, to)) return undefined;
  const rise = to.milli - from.milli;
  const isPlain = rise > 0 ? isWithinBound(from, to, rise, rules) : to.atMs - from.atMs > rules.bridgeMaxMs;
  if (isPlain) return undefined;
  if (ruledRight(from, to, rulings) !== undefined) return undefined;
  // From a zero the level is what it was before.
  const level = neighbours(counting, to, rules).find(isLevel);
  if (level === undefined || !isLevel(to)) return undefined;
  const factor = FACTORS.find((one) => isNear(to.milli / one, level.milli));
  if (factor === undefined) return undefined;
  return { fromMs: from.atMs, toMs: to.atMs, opens: true, factor, from, to, witnessed: level };
}

function isLevel({ milli }: IndexReading): boolean {
  return wholeUnits(milli) >= LEVEL_LEAST;
}

function closingEdge(
  slipped: readonly ChainReading[],
  to: ChainReading,
  { factor }: SlipEdge,
  rules: StepRules,
  rulings: readonly Ruling[],
): FoundEdge | undefined {
  const from = slipped.at(-1);
  if (from === undefined) return undefined;
  const edge = { fromMs: from.atMs, toMs: to.atMs, opens: false, factor, from, to };
  const ruling = ruledRight(from, to, rulings);
  if (ruling !== undefined) return { ...edge, ruling };
  const witnessed = neighbours(slipped, to, rules).find((one, at) => {
    const isUndone = factor > 1 ? 10 * to.milli < one.milli : one.milli > 0 && to.milli > 10 * one.milli;
    const truth = one.milli / factor;
    if (!isUndone || 10 * to.milli < 9 * truth) return false;
    return isNear(to.milli, truth) || (at < 2 && isWithinBound(one, to, to.milli - truth, rules));
  });
  return witnessed && { ...edge, witnessed };
}

/**
 * The last reading, the one before it, and what lies within one bridge of it; where it is further away than that, the two alone. As
 * many as bear witness about a step (judge-steps.ts), the nearest first.
 */
function neighbours(
  readings: readonly ChainReading[],
  to: ChainReading,
  { bridgeMaxMs }: StepRules,
): readonly ChainReading[] {
  const last = readings.at(-1) ?? to;
  const reachMs = to.atMs - last.atMs > bridgeMaxMs ? -1 : bridgeMaxMs;
  return readings
    .slice(-WITNESSES_MAX)
    .toReversed()
    .filter(({ atMs }, at) => at < 2 || last.atMs - atMs <= reachMs);
}

/** The ruling by which the second reading is right. That a step is a `glitch` says nothing against a slip, as nothing is used in either. */
function ruledRight(from: ChainReading, to: ChainReading, rulings: readonly Ruling[]): Ruling | undefined {
  if (to.set !== undefined) return to.set;
  const said = rulingOf(from.atMs, to.atMs, rulings)?.ruling;
  const speaks =
    said !== undefined &&
    said.kind !== "glitch" &&
    stateByRuling(said.kind, from.milli <= to.milli ? "jump" : "collapse") !== undefined;
  return speaks ? said : isRuledIn(to.atMs, rulings);
}

function isAnyFar(readings: readonly IndexReading[]): boolean {
  let [from] = readings;
  for (const to of readings) {
    if (from !== undefined && isFar(from, to)) return true;
    from = to;
  }
  return false;
}

function isFar(from: IndexReading, to: IndexReading): boolean {
  return to.milli > 10 * from.milli || 10 * to.milli < from.milli;
}

function isNear(one: number, other: number): boolean {
  return 10 * one >= 9 * other && 10 * one <= 11 * other;
}
