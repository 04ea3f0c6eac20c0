// The states of a register from one reading to the next, and the total table that leads to them (README.md shows the same).
//
//   move + witness ──▶ state, unless a person has ruled:  ruling + direction ──▶ state
//
// OK alone books energy; ROLLOVER, and RESET or SWAP with known indices, book what flowed and name what the index fell by.
import type { RegisterState } from "#devices/vocabulary";

/** What a step looks like by itself. Exactly one holds for any two readings (`moveOf` in judge-steps.ts). */
export const MOVES = ["rise", "jump", "dip", "fall", "collapse", "wrap"] as const;
export type Move = (typeof MOVES)[number];

/** What the readings around say: nothing; a later one undoes the step; the step undoes an earlier one. */
export const WITNESSES = ["none", "left", "back"] as const;
export type Witness = (typeof WITNESSES)[number];

const BY_RULE: Readonly<Record<Move, Readonly<Record<Witness, RegisterState>>>> = {
  rise: { none: "ok", left: "glitch", back: "glitch" },
  jump: { none: "spike", left: "spike", back: "glitch" },
  dip: { none: "glitch", left: "glitch", back: "glitch" },
  fall: { none: "swap", left: "glitch", back: "glitch" },
  collapse: { none: "reset", left: "glitch", back: "glitch" },
  wrap: { none: "rollover", left: "glitch", back: "glitch" },
};

/** `undefined`: the ruling says nothing of such a step, and the rules decide. */
const BY_RULING: Readonly<
  Record<RegisterState, { readonly up: RegisterState | undefined; readonly down: RegisterState }>
> = {
  ok: { up: "ok", down: "glitch" },
  glitch: { up: "glitch", down: "glitch" },
  reset: { up: undefined, down: "reset" },
  rollover: { up: undefined, down: "rollover" },
  swap: { up: "swap", down: "swap" },
  spike: { up: "spike", down: "spike" },
};

export function stateByRule(move: Move, witness: Witness): RegisterState {
  return BY_RULE[move][witness];
}

/** What a person's ruling makes of a step of this move; no ruling lets a falling index book negative energy. */
export function stateByRuling(ruling: RegisterState, move: Move): RegisterState | undefined {
  return BY_RULING[ruling][isUpward(move) ? "up" : "down"];
}

export function isUpward(move: Move): boolean {
  return move === "rise" || move === "jump";
}
