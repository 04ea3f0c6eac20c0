// What was decided about a register's steps and what people ruled, as one list; and which message says what of each. Pure.
import { SLIP_RULES } from "#devices/vocabulary";
import type { Decision, Ruling, RulingChoice } from "../data/rulings.ts";
import type { MessageKey } from "../text/messages.ts";

/**
 *   decided   by the rules, or by the ruling that is told
 *   pending   ruled, or taken back, and not computed yet
 *   idle      ruled, and nothing is decided by it
 */
export type StepStanding = "decided" | "pending" | "idle";

/** A decision, a ruling, or both: one of the two is always there. */
export type StepEntry = {
  readonly key: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly decision: Decision | undefined;
  readonly ruling: Ruling | undefined;
  readonly standing: StepStanding;
};

/** By then the workers have computed what a ruling changes, unless they stand still. */
const COMPUTED_WITHIN_MS = 600_000;

/**
 * The newest first. `decisions`: those that were fetched, the newest first; `isWhole`: there are no older ones. A ruling by which
 * nothing is decided has an entry of its own, and is told once all that is as old is there.
 */
export function stepEntries(
  decisions: readonly Decision[],
  rulings: readonly Ruling[],
  {
    isWhole,
    beforeMs,
    nowMs,
  }: { readonly isWhole: boolean; readonly beforeMs: number; readonly nowMs: number },
): StepEntry[] {
  const known = new Map(rulings.map((ruling) => [ruling.id, ruling]));
  // A page that begins while something new is decided may repeat what the one before ended with.
  const steps = new Map(decisions.map((decision) => [spanOf(decision), decision]));
  const isFresh = ({ ruledAt }: Ruling): boolean => nowMs - Date.parse(ruledAt) < COMPUTED_WITHIN_MS;
  const ofSteps = [...steps.values()].map((decision): StepEntry => {
    const exact = rulings.findLast((one) => spanOf(one) === spanOf(decision));
    const ruling = decision.rulingId === null ? exact : known.get(decision.rulingId);
    const isSettled = (decision.rulingId === null) === (ruling === undefined);
    const standing = isSettled ? "decided" : ruling === undefined || isFresh(ruling) ? "pending" : "idle";
    return { ...entryOf(decision), decision, ruling, standing };
  });
  const told = new Set(ofSteps.flatMap(({ ruling }) => ruling?.id ?? []));
  const oldestMs = isWhole ? -Infinity : Math.min(...ofSteps.map(({ fromMs }) => fromMs));
  const alone = rulings
    .filter(({ id, from, to }) => !told.has(id) && Date.parse(to) >= oldestMs && Date.parse(from) < beforeMs)
    .map((ruling): StepEntry => {
      // A reading that counts leaves no decision behind.
      const isIn = isOfReading(ruling) && ruling.kind === "ok";
      return {
        ...entryOf(ruling),
        decision: undefined,
        ruling,
        standing: isIn ? "decided" : isFresh(ruling) ? "pending" : "idle",
      };
    });
  return [...ofSteps, ...alone].sort((one, other) => other.fromMs - one.fromMs || other.toMs - one.toMs);
}

/** The slip of unit that goes on, as far as the newest steps tell. */
export function openSlip(entries: readonly StepEntry[]): StepEntry | undefined {
  const edge = entries.find(({ decision }) => slipEdge(decision) !== undefined);
  return slipEdge(edge?.decision) === "opens" ? edge : undefined;
}

/** Part of a swap of two registers, which is taken back as a whole. */
export function isOfSwap({ closingIndex, openingIndex }: Ruling): boolean {
  return (closingIndex === null) !== (openingIndex === null);
}

/** What it was taken for. */
export function titleKey({ decision, ruling }: StepEntry): MessageKey {
  if (decision === undefined) return ruling === undefined ? "steps.title" : ruledKey(ruling);
  const { kind, evidence, rulingId } = decision;
  const { rule, move, witness, factor } = evidence;
  const edge = slipEdge(decision);
  if (edge === "opens") return Number(factor) > 1 ? "steps.slipUp" : "steps.slipDown";
  if (edge === "closes") return "steps.slipOver";
  if (rule === "closing index") return "steps.closing";
  if (rule === "opening index") return "steps.opening";
  if (rulingId !== null) return ruledKey(decision);
  if (isOfReading(decision)) return "steps.noReading";
  if (kind === "glitch") return move === "dip" && witness === undefined ? "steps.dip" : "steps.away";
  return STATE_KEYS[kind];
}

const STATE_KEYS = {
  ok: "steps.used",
  glitch: "steps.away",
  reset: "steps.reset",
  rollover: "steps.rollover",
  swap: "steps.fall",
  spike: "steps.spike",
} as const satisfies Record<Decision["kind"], MessageKey>;

function ruledKey(said: Pick<Ruling, "kind" | "from" | "to">): MessageKey {
  return isOfReading(said) && said.kind === "glitch" ? "steps.leftOut" : rulingKey(said);
}

/** What a person says happened. */
export function rulingKey(said: Pick<Ruling, "kind" | "from" | "to">): MessageKey {
  if (isOfReading(said) && said.kind === "ok") return "steps.realReading";
  if (isOfReading(said) && said.kind === "glitch") return "steps.wrongReading";
  return RULING_KEYS[said.kind];
}

const RULING_KEYS = {
  ok: "steps.used",
  glitch: "steps.notUsed",
  reset: "steps.begunAnew",
  rollover: "steps.rollover",
  swap: "steps.swap",
  spike: "steps.rightFrom",
} as const satisfies Record<Ruling["kind"], MessageKey>;

/** What happens by a choice. */
export function consequenceKey(choice: RulingChoice): MessageKey {
  if (isOfReading(choice)) return choice.kind === "ok" ? "steps.thenReading" : "steps.thenLeftOut";
  return CONSEQUENCE_KEYS[choice.kind];
}

const CONSEQUENCE_KEYS = {
  ok: "steps.thenCounts",
  glitch: "steps.thenNothing",
  reset: "steps.thenFrom",
  rollover: "steps.thenCounts",
  swap: "steps.thenSwap",
  spike: "steps.thenFrom",
} as const satisfies Record<RulingChoice["kind"], MessageKey>;

/** Why the rules decided so; where a person did, the reason is the person's. */
export function whyKey({ kind, evidence, rulingId }: Decision): MessageKey | undefined {
  if (rulingId !== null) return undefined;
  const { rule, witness, stands_for: standsFor } = evidence;
  if (rule === SLIP_RULES.opens) return "steps.whySlip";
  if (rule === SLIP_RULES.closes) return "steps.whySlipOver";
  if (standsFor !== undefined) return standsFor === "beyond any index" ? "steps.whyBeyond" : "steps.whyFull";
  if (witness !== undefined) return witness === "left" ? "steps.whyLeft" : "steps.whyBack";
  return WHY_KEYS[kind];
}

const WHY_KEYS: Readonly<Partial<Record<Decision["kind"], MessageKey>>> = {
  glitch: "steps.whyDip",
  reset: "steps.whyReset",
  rollover: "steps.whyRollover",
  swap: "steps.whyFall",
  spike: "steps.whySpike",
};

/** What of it was counted. */
export function countedKey(decision: Decision): MessageKey | undefined {
  const { counts, kind, fromIndex, toIndex } = decision;
  const edge = slipEdge(decision);
  if (edge !== undefined) return edge === "opens" ? "steps.countsNoMore" : "steps.countsAgain";
  if (counts === null) return kind === "glitch" ? "steps.readingOut" : undefined;
  if (counts > 0) return "steps.counted";
  return Number(toIndex) > Number(fromIndex) ? "steps.notCounted" : "steps.countsNothing";
}

/** By how much the index rose, with the digits that it has. */
export function riseOf({ fromIndex, toIndex }: Decision): string {
  const places = (index: string): number => index.split(".")[1]?.length ?? 0;
  return (Number(toIndex) - Number(fromIndex)).toFixed(Math.max(places(fromIndex), places(toIndex)));
}

function slipEdge(decision: Decision | undefined): "opens" | "closes" | undefined {
  const rule = decision?.evidence["rule"];
  return rule === SLIP_RULES.opens ? "opens" : rule === SLIP_RULES.closes ? "closes" : undefined;
}

export function isOfReading({ from, to }: { readonly from: string; readonly to: string }): boolean {
  return from === to;
}

function entryOf(one: Decision | Ruling) {
  const key = "decidedAt" in one ? spanOf(one) : `ruling ${one.id}`;
  return { key, fromMs: Date.parse(one.from), toMs: Date.parse(one.to) };
}

function spanOf({ from, to }: { readonly from: string; readonly to: string }): string {
  return `${from} ${to}`;
}
