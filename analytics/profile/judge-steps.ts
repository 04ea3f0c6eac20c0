// Judges each step from one reading to the next: in which state the register was, and what of the step can be booked.
//
//   move      the step u → v, by itself
//   rise      u <= v, within the bound                               the bound: max_per_hour, the connection, the carrier's
//   jump      u < v, faster than the register's bound
//   wrap      v < u, and a full counter lies between: u just below a capacity, v just above zero, within the bound; a zero only
//             if the next reading counts
//   collapse  v < u / 10
//   fall      u / 10 <= v < 9 u / 10
//   dip       9 u / 10 <= v < u
//
//   witness   the direct neighbours and what lies within one bridge, compared in whole Wh or l
//   back      u < v: climbs to 9/10 of a level left before (from a dip: over it);   v < u: falls to a level there was before
//   left      u < v: a later reading is down again;                       v < u: a later reading is at 9/10 of u again
//
// Which state that makes is the table in register-states.ts. Depends on nothing but a bounded neighbourhood, the rules and the
// rulings, so any order of arrival gives the same.
import type { RegisterState } from "#devices/vocabulary";
import { wholeUnits, type IndexReading } from "./index-reading.ts";
import { isUpward, stateByRule, stateByRuling, type Move, type Witness } from "./register-states.ts";
import { rulingOf, type ChainReading, type Ruling } from "./rulings.ts";
import type { StepRules } from "./step-rules.ts";

export type JudgedStep = {
  readonly state: RegisterState;
  readonly move: Move;
  readonly witness: Witness;
  /** The reading that bears witness. */
  readonly witnessed?: IndexReading | undefined;
  readonly ruling?: Ruling | undefined;
  /**
   * Whole Wh or l by which the index fell without energy: of a full counter, or from a closing to an opening index. The step's
   * energy is its difference and this. `undefined`: unknown, and the step books nothing unless it is `ok`.
   */
  readonly turn?: number | undefined;
};

/** As many readings are witnesses on either side of a step: two hours of one a minute. Bounds the work on a noisy meter. */
export const WITNESSES_MAX = 120;

/** Nearly every step of nearly every meter. */
const PLAIN: JudgedStep = { state: "ok", move: "rise", witness: "none" };

/** A fall from a nearly full counter to a zero that stays one: as likely a sensor that died. */
const UNCONFIRMED: JudgedStep = { state: stateByRule("collapse", "none"), move: "collapse", witness: "none" };

/** `steps[i]` judges the step from reading i to reading i + 1. `rulings` are `effectiveRulings`. */
export function judgeSteps(
  readings: readonly ChainReading[],
  rules: StepRules,
  rulings: readonly Ruling[] = [],
): JudgedStep[] {
  const steps = readings.slice(1).map((to, at) => alone(readings[at] ?? to, to, rules, rulings));
  const downs = steps.map((step) => (isUpward(step.move) ? 0 : 1));
  // Without a fall there is no glitch: the rest is for the rare day that has one.
  if (!downs.includes(1)) return steps;
  const downsBefore = [0];
  for (const down of downs) downsBefore.push((downsBefore.at(-1) ?? 0) + down);
  const downsIn = (from: number, to: number) =>
    (downsBefore[Math.min(to, steps.length)] ?? 0) - (downsBefore[Math.max(from, 0)] ?? 0);
  const walls = new Set(steps.flatMap((step, at) => (isWall(step) ? [at] : [])));
  return steps.map((step, at) => {
    if (step.ruling !== undefined) return step;
    if (downsIn(at - WITNESSES_MAX, at + 1 + WITNESSES_MAX) === 0) return step;
    const found = witnessOf(readings, at, walls, rules);
    if (found === undefined) return step.move === "wrap" && !isSeenToCount(readings, at) ? UNCONFIRMED : step;
    const state = stateByRule(step.move, found.witness);
    return { ...step, ...found, state, turn: state === "rollover" ? step.turn : undefined };
  });
}

/** The step without its neighbours. */
function alone(
  from: ChainReading,
  to: ChainReading,
  rules: StepRules,
  rulings: readonly Ruling[],
): JudgedStep {
  if (from.joint !== undefined) {
    const move = to.milli < from.milli ? "fall" : "rise";
    const turn = wholeUnits(from.milli) - wholeUnits(to.milli);
    return { state: from.joint.kind, move, witness: "none", ruling: from.joint, turn };
  }
  const capacity = to.milli < from.milli ? capacityOf(from, to, rules) : undefined;
  const move = capacity === undefined ? moveOf(from, to, rules) : "wrap";
  const said = rulings.length === 0 ? undefined : rulingOf(from.atMs, to.atMs, rulings);
  const state = said && stateByRuling(said.ruling.kind, move);
  if (said === undefined || state === undefined) {
    if (move === "rise") return PLAIN;
    return { state: stateByRule(move, "none"), move, witness: "none", turn: turnOf(capacity) };
  }
  const { ruling, exact } = said;
  return {
    state,
    move,
    witness: "none",
    ruling,
    turn: turnByRuling(from, to, state, exact ? ruling : undefined),
  };
}

function moveOf(from: IndexReading, to: IndexReading, rules: StepRules): Exclude<Move, "wrap"> {
  if (to.milli >= from.milli) return isWithinBound(from, to, to.milli - from.milli, rules) ? "rise" : "jump";
  if (10 * to.milli < from.milli || to.milli < 0) return "collapse";
  return 10 * to.milli < 9 * from.milli ? "fall" : "dip";
}

/** Whether so much can be counted from the one reading to the other. */
export function isWithinBound(
  from: IndexReading,
  to: IndexReading,
  riseMilli: number,
  rules: StepRules,
): boolean {
  const quantumMilli = Math.max(from.quantumMilli, to.quantumMilli);
  return riseMilli <= rules.milliPerMsMax * (to.atMs - from.atMs) + quantumMilli;
}

/** What counters hold: 1,000 to 10^9 of kWh or m3 in powers of ten, and 24, 31 and 32 bits of Wh or l. Thousandths, ascending. */
const CAPACITIES_MILLI = [
  ...Array.from({ length: 7 }, (_, at) => 10 ** (9 + at)),
  ...[24, 31, 32].map((bits) => 1000 * 2 ** bits),
].sort((left, right) => left - right);

/** So near to its end, and to its beginning, a counter that turns must be: of all resets one in a thousand lies there. */
const NEAR_TURN = 1000;

/** The capacity, in thousandths, of a counter that ran full within the step; `undefined`: it did not as far as can be told. */
function capacityOf(from: IndexReading, to: IndexReading, rules: StepRules): number | undefined {
  const capacity = CAPACITIES_MILLI.find((one) => one > from.milli);
  if (capacity === undefined || to.milli < 0) return undefined;
  const nearEnd = (capacity - from.milli) * NEAR_TURN <= capacity;
  const nearStart = to.milli * NEAR_TURN <= capacity;
  const fits = isWithinBound(from, to, capacity - from.milli + to.milli, rules);
  return nearEnd && nearStart && fits ? capacity : undefined;
}

/** A counter that turned shows what it counted since, at once or in the next reading. */
function isSeenToCount(readings: readonly IndexReading[], step: number): boolean {
  const [to, next] = [readings[step + 1], readings[step + 2]];
  return [to, next].some((reading) => reading !== undefined && wholeUnits(reading.milli) > 0);
}

function turnOf(capacityMilli: number | undefined): number | undefined {
  return capacityMilli === undefined ? undefined : capacityMilli / 1000;
}

/** What a ruling tells of the fall; of a rollover without figures the least capacity above the index. */
function turnByRuling(
  from: IndexReading,
  to: IndexReading,
  state: RegisterState,
  ruling: Ruling | undefined,
): number | undefined {
  if (ruling === undefined || state !== ruling.kind || !["reset", "rollover", "swap"].includes(state))
    return undefined;
  const { closingMilli, openingMilli } = ruling;
  const turn =
    closingMilli !== null && openingMilli !== null
      ? wholeUnits(closingMilli) - wholeUnits(openingMilli)
      : state === "rollover"
        ? turnOf(CAPACITIES_MILLI.find((one) => one > from.milli))
        : undefined;
  // Nothing negative is booked, whatever was typed.
  return turn !== undefined && wholeUnits(to.milli) - wholeUnits(from.milli) + turn >= 0 ? turn : undefined;
}

/** Levels on either side of it have nothing to do with each other: no witness looks over it. */
function isWall({ ruling, state, move }: JudgedStep): boolean {
  if (ruling === undefined) return false;
  return state === "swap" || (!isUpward(move) && (state === "reset" || state === "rollover"));
}

/**
 * The nearest reading that says the step is undone, or undoes. A neighbour across a long silence that changes this also changes
 * the piece between (see replace-pieces.ts); of a step that is itself such a silence only the neighbours bear witness.
 */
function witnessOf(
  readings: readonly IndexReading[],
  step: number,
  walls: ReadonlySet<number>,
  { bridgeMaxMs }: StepRules,
): { readonly witness: Witness; readonly witnessed: IndexReading } | undefined {
  const from = readings[step];
  const to = readings[step + 1];
  if (from === undefined || to === undefined) return undefined;
  const reachMs = to.atMs - from.atMs > bridgeMaxMs ? -1 : bridgeMaxMs;
  const [u, v] = [wholeUnits(from.milli), wholeUnits(to.milli)];
  for (let at = step - 1; at >= Math.max(0, step - WITNESSES_MAX) && !walls.has(at); at--) {
    const before = readings[at];
    if (before === undefined || (at < step - 1 && from.atMs - before.atMs > reachMs)) break;
    if (undoes(wholeUnits(before.milli), u, v)) return { witness: "back", witnessed: before };
  }
  for (let at = step + 2; at <= step + 1 + WITNESSES_MAX && !walls.has(at - 1); at++) {
    const after = readings[at];
    if (after === undefined || (at > step + 2 && after.atMs - to.atMs > reachMs)) break;
    if (isUndoneAt(wholeUnits(after.milli), u, v)) return { witness: "left", witnessed: after };
  }
  return undefined;
}

/** Whether u → v leads back from where the index had gone since `before`. */
function undoes(before: number, u: number, v: number): boolean {
  if (u > v) return isBackDown(v, before, u);
  if (before <= u) return false;
  // From a dip an index climbs through what it has shown before; whether that was used twice, or shown too early, nobody knows.
  const isDip = 10 * u >= 9 * before;
  return isDip ? v >= before : 10 * v >= 9 * before;
}

function isUndoneAt(after: number, u: number, v: number): boolean {
  return u <= v ? isBackDown(after, u, v) : 10 * after >= 9 * u;
}

/** Down from `high` to about `low` or to what lies between: a tenth of the climb below it is near enough. */
function isBackDown(level: number, low: number, high: number): boolean {
  return low < high && level < high && 10 * level >= 11 * low - high;
}
