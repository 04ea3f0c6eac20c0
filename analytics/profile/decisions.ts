// What was decided about the steps and readings of a register that are not plain consumption, each with its evidence.
import { SLIP_RULES, type RegisterState } from "#devices/vocabulary";
import type { Decimal } from "#devices/decimal";
import { HOUR_MS, SECOND_MS } from "#devices/time";
import { toMilli } from "#devices/units";
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import type { OddStep, ProfileWindow } from "./profile-window.ts";
import type { Ruling } from "./rulings.ts";
import type { StepRules } from "./step-rules.ts";
import type { FoundEdge, SlipEdge } from "./unit-slips.ts";

export type Decision = {
  /** From one reading to the next; equal where it is about one reading, or about an instant that a person named. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: RegisterState;
  /** Decimal text in the register's unit. */
  readonly fromIndex: Decimal;
  readonly toIndex: Decimal;
  /** The ruling that decided; `null`: the rules did. */
  readonly rulingId: number | null;
  /** Names of the rule, instants as ISO text, figures in whole Wh or l. Flat, so that it can be compared. */
  readonly evidence: Readonly<Record<string, string | number>>;
};

/** A value that is no reading, and why. */
export type RefusedValue = {
  readonly atMs: number;
  readonly value: Decimal;
  readonly why: string;
  readonly ruling?: Ruling;
};

/** The decisions that touch the span, one for each pair of instants, in order of time. */
export function decisionsOf(
  window: ProfileWindow,
  span: { readonly fromMs: number; readonly toMs: number },
  refused: readonly RefusedValue[],
  rulings: readonly Ruling[],
  unit: string,
  rules: StepRules,
): Decision[] {
  const within = (atMs: number) => atMs >= span.fromMs && atMs < span.toMs;
  const decisions = [
    ...refused
      .filter(({ atMs, ruling }) => within(atMs) && (ruling === undefined || ruling.kind === "glitch"))
      .sort((left, right) => (left.value < right.value ? 1 : -1))
      .map(refusal),
    ...rulings.filter(({ fromMs }) => within(fromMs)).flatMap((ruling) => edgeOf(ruling, unit)),
    ...window.oddSteps.map((step) => decisionOf(step, unit, rules)),
    ...window.slipEdges.map((edge) => slipDecision(edge, unit)),
  ];
  const known = new Map(decisions.map((decision) => [keyOf(decision), decision]));
  return [...known.values()].sort((left, right) => left.fromMs - right.fromMs || left.toMs - right.toMs);
}

export type DecisionChanges = {
  readonly remove: readonly Pick<Decision, "fromMs" | "toMs">[];
  readonly add: readonly Decision[];
};

/** The span whose stored decisions must be known; its end is exclusive. */
export function decisionSpan(
  decisions: readonly Decision[],
  span: { readonly fromMs: number; readonly toMs: number },
): { readonly fromMs: number; readonly toMs: number } {
  return {
    fromMs: decisions.reduce((first, { fromMs }) => Math.min(first, fromMs), span.fromMs),
    toMs: decisions.reduce((last, { toMs }) => Math.max(last, toMs), span.toMs),
  };
}

/**
 * `stored` are those that touch `decisionSpan`. What is stored, touches the span itself and was not decided again is stale; what
 * lies beyond it, though a step of this window may lead over it, another window decides.
 */
export function replaceDecisions(
  stored: readonly Decision[],
  decisions: readonly Decision[],
  span: { readonly fromMs: number; readonly toMs: number },
): DecisionChanges {
  const known = new Map(stored.map((decision) => [keyOf(decision), textOf(decision)]));
  const fresh = new Map(decisions.map((decision) => [keyOf(decision), textOf(decision)]));
  const isStale = (decision: Decision) => {
    const now = fresh.get(keyOf(decision));
    return now === undefined ? touchesSpan(decision, span) : now !== textOf(decision);
  };
  return {
    remove: stored.filter(isStale),
    add: decisions.filter((decision) => known.get(keyOf(decision)) !== textOf(decision)),
  };
}

/** What is about one instant touches the span that the instant is in. */
export function touchesSpan(
  { fromMs, toMs }: Pick<Decision, "fromMs" | "toMs">,
  span: { readonly fromMs: number; readonly toMs: number },
): boolean {
  return fromMs < span.toMs && (toMs > span.fromMs || fromMs === span.fromMs);
}

function keyOf({ fromMs, toMs }: Pick<Decision, "fromMs" | "toMs">): string {
  return `${fromMs} ${toMs}`;
}

function textOf({ kind, fromIndex, toIndex, rulingId, evidence }: Decision): string {
  const figures = Object.entries(evidence).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify([kind, fromIndex, toIndex, rulingId, figures]);
}

function refusal({ atMs, value, why, ruling }: RefusedValue): Decision {
  return {
    fromMs: atMs,
    toMs: atMs,
    kind: "glitch",
    fromIndex: value,
    toIndex: value,
    rulingId: ruling?.id ?? null,
    evidence: { rule: ruling === undefined ? "no reading" : "ruling", value, stands_for: why },
  };
}

/** Where a person ended an index, or began one. Where both, it is a step of the chain. */
function edgeOf({ id, kind, fromMs, toMs, closingMilli, openingMilli }: Ruling, unit: string): Decision[] {
  if (fromMs !== toMs || (closingMilli === null) === (openingMilli === null)) return [];
  const index = indexText(closingMilli ?? openingMilli ?? 0, unit);
  const rule = closingMilli === null ? "opening index" : "closing index";
  return [{ fromMs, toMs, kind, fromIndex: index, toIndex: index, rulingId: id, evidence: { rule } }];
}

function decisionOf({ from, to, judged }: OddStep, unit: string, rules: StepRules): Decision {
  const { state, move, witness, witnessed, ruling, turn } = judged;
  return {
    fromMs: from.atMs,
    toMs: to.atMs,
    kind: state,
    fromIndex: indexText(from.milli, unit),
    toIndex: indexText(to.milli, unit),
    rulingId: ruling?.id ?? null,
    evidence: {
      rule: ruling === undefined ? move : "ruling",
      move,
      seconds: (to.atMs - from.atMs) / SECOND_MS,
      ...(witnessed !== undefined && { witness, ...told(witnessed) }),
      ...(turn !== undefined && { turn }),
      ...(move === "jump" && { bound_per_hour: Math.round((rules.milliPerMsMax * HOUR_MS) / 1000) }),
    },
  };
}

function slipDecision({ from, to, opens, factor, witnessed, ruling }: FoundEdge, unit: string): Decision {
  return {
    fromMs: from.atMs,
    toMs: to.atMs,
    kind: "glitch",
    fromIndex: indexText(from.milli, unit),
    toIndex: indexText(to.milli, unit),
    rulingId: ruling?.id ?? null,
    evidence: {
      rule: opens ? SLIP_RULES.opens : SLIP_RULES.closes,
      factor,
      ...(witnessed !== undefined && told(witnessed)),
    },
  };
}

/** What `slipDecision` decided. */
export function slipEdgeOf({
  fromMs,
  toMs,
  evidence,
}: Pick<Decision, "fromMs" | "toMs" | "evidence">): SlipEdge {
  return { fromMs, toMs, opens: evidence["rule"] === SLIP_RULES.opens, factor: Number(evidence["factor"]) };
}

function told(witness: IndexReading) {
  return { witness_at: new Date(witness.atMs).toISOString(), witness_index: wholeUnits(witness.milli) };
}

/** Of a unit that does not divide, a joule, nine decimals. */
const PLACES = 9;
const SCALE = 10n ** BigInt(PLACES);

/** Thousandths of a Wh or l in the register's unit, without zeros at its end. */
export function indexText(milli: number, unit: string): Decimal {
  const unitScaled = toMilli(String(SCALE), unit);
  const magnitude = (BigInt(Math.abs(milli)) * SCALE * SCALE * 2n + unitScaled) / (2n * unitScaled);
  const fraction = String(magnitude % SCALE)
    .padStart(PLACES, "0")
    .replace(/0+$/, "");
  const whole = `${milli < 0 ? "-" : ""}${magnitude / SCALE}`;
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
