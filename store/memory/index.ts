// The door to the store in memory: for tests and for the simulator's virtual time.
export { MemoryDatabase } from "./memory-database.ts";
export type { MemoryDay } from "./memory-database.ts";
export { profileLines } from "./profile-lines.ts";
export { memoryStore, type MemoryStore, type Wire } from "./memory-store.ts";
