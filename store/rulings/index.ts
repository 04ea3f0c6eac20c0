// Registers that did something odd: what the rules decided, what people decided instead, and meters that were swapped.
export { findRulings, listRulings, recordRuling, withdrawRuling } from "./rulings.ts";
export type { NewRuling, RulingRecord, StoredRuling } from "./rulings.ts";
export { findDecisions, listDecisions, listUnitSlips, saveDecisions } from "./decisions.ts";
export type { DecisionRecord, RegisterDecision, UnitSlipEdge } from "./decisions.ts";
export { listSwapRegisters, recordSwap, withdrawSwap } from "./swaps.ts";
export type { NewSwap, SwapOutcome, SwapRefusal, SwapRegister } from "./swaps.ts";
export { dismissSwap, findRecordedSwaps, findSuspectedSwaps } from "./find-swaps.ts";
export type { Swap } from "./find-swaps.ts";
