// What a person may say instead of what was decided about a step or a reading, and what the step counts for by it. Pure.
import { SLIP_RULES, type RegisterState } from "#devices/vocabulary";
import { toMilli } from "#devices/units";
import type { Decision } from "./decisions.ts";
import { indexClaim, wholeUnits, type IndexReading } from "./index-reading.ts";
import { judgeSteps } from "./judge-steps.ts";
import { QUARTER_ENERGY_MAX } from "./profile-window.ts";
import type { StepRules } from "./step-rules.ts";

/** A ruling without figures: about the step, or about one reading where both instants are the same. */
export type RulingChoice = {
  readonly kind: RegisterState;
  readonly fromMs: number;
  readonly toMs: number;
  /** Whole Wh or l that the step counts for by it; `null` of a reading, which joins its neighbours or leaves them to each other. */
  readonly counts: number | null;
};

/**
 * Whole Wh or l that the step counts for as it was decided, in quarter-hours or as a gap; `null` of a reading, and of an edge at which
 * a unit slips: what is between its edges is counted over both.
 */
export function countsOf({ kind, fromMs, toMs, fromIndex, toIndex, evidence }: Decision, unit: string) {
  if (fromMs === toMs || isEdge(evidence)) return null;
  const rise = wholeUnits(milliOf(toIndex, unit)) - wholeUnits(milliOf(fromIndex, unit));
  return counted(kind, rise, evidence["turn"] === undefined ? undefined : Number(evidence["turn"]));
}

/** Nothing where a person has ruled already, which is taken back first, nor where a unit is the right one again. */
export function rulingChoices(decided: Decision, unit: string): RulingChoice[] {
  const { kind, fromMs, toMs, fromIndex, toIndex, rulingId, evidence } = decided;
  if (rulingId !== null || evidence["rule"] === SLIP_RULES.closes) return [];
  if (fromMs === toMs) {
    const isIndex = indexClaim(fromMs, 0, toIndex, unit) !== undefined;
    return isIndex && evidence["stands_for"] !== undefined
      ? [{ kind: "ok", fromMs, toMs, counts: null }]
      : [];
  }
  const from = { atMs: fromMs, milli: milliOf(fromIndex, unit), quantumMilli: 0 };
  const to = { atMs: toMs, milli: milliOf(toIndex, unit), quantumMilli: 0 };
  const ofStep = kindsFor(decided, to.milli >= from.milli, countsOf(decided, unit) ?? 0).flatMap(
    (one): RulingChoice[] => {
      const counts = one === kind ? undefined : ruledCounts(one, from, to);
      return counts === undefined ? [] : [{ kind: one, fromMs, toMs, counts }];
    },
  );
  return [...ofReading(decided), ...ofStep];
}

/** `swap` and `reset` count from the new index on; `glitch` says only that nothing was used. */
function kindsFor({ evidence }: Decision, isUpward: boolean, counts: number): readonly RegisterState[] {
  const { rule, move, witness } = evidence;
  if (rule === SLIP_RULES.opens) return isUpward ? ["spike", "swap"] : ["spike", "reset", "swap"];
  // What leads back to a level that was shown before was not used on the way.
  if (isUpward) return witness === "back" ? ["swap"] : ["ok", "swap"];
  const isLow = move === "collapse" || move === "wrap";
  return [
    "reset",
    ...(isLow ? (["rollover"] as const) : []),
    "swap",
    ...(counts > 0 ? (["glitch"] as const) : []),
  ];
}

/** Of a step away and back: the reading that is away is none. */
function ofReading({ fromMs, toMs, evidence }: Decision): RulingChoice[] {
  const { witness } = evidence;
  if (witness === undefined) return [];
  const atMs = witness === "back" ? fromMs : toMs;
  return [{ kind: "glitch", fromMs: atMs, toMs: atMs, counts: null }];
}

/** A ruling goes before all rules, so none has a say here. */
const NO_RULES: StepRules = { bridgeMaxMs: 0, milliPerMsMax: 0 };

/** `undefined`: it says nothing of such a step, or what it says cannot be counted. */
function ruledCounts(kind: RegisterState, from: IndexReading, to: IndexReading): number | undefined {
  const said = { id: 0, kind, fromMs: from.atMs, toMs: to.atMs, closingMilli: null, openingMilli: null };
  const [step] = judgeSteps([from, to], NO_RULES, [said]);
  if (step?.ruling === undefined || step.state !== kind) return undefined;
  if (kind === "rollover" && step.turn === undefined) return undefined;
  const counts = counted(kind, wholeUnits(to.milli) - wholeUnits(from.milli), step.turn);
  return counts > QUARTER_ENERGY_MAX ? undefined : counts;
}

function counted(state: RegisterState, rise: number, turn: number | undefined): number {
  if (state === "ok") return rise;
  return turn === undefined ? 0 : rise + turn;
}

function isEdge({ rule }: Decision["evidence"]): boolean {
  return rule === SLIP_RULES.opens || rule === SLIP_RULES.closes;
}

function milliOf(index: string, unit: string): number {
  return Number(toMilli(index, unit));
}
