// The door to the work on profiles, without Redis: for who has it done on a store of their own (tests, the simulator).
export { createDrain, type Drain } from "./drain-journal.ts";
export { createEstimator } from "./estimate-due.ts";
