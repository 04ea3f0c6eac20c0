// Readings: who may send them, which registers they belong to, how they are committed and how they are read back.
export * from "./consumer-slot.ts";
export * from "./device-context.ts";
export * from "./load-devices.ts";
export * from "./clock-skew.ts";
export * from "./device-facts.ts";
export * from "./presence.ts";
export * from "./children.ts";
export * from "./brokers.ts";
export * from "./device-changes.ts";
export * from "./registers.ts";
export * from "./row-buffer.ts";
export { storeBatch } from "./commit-batch.ts";
export type { ReadingBatch, Retry, StoredBatch } from "./store-batch.ts";
export * from "./list-readings.ts";
export * from "./latest-readings.ts";
export { feedsProfile, QUANTITIES_OF_PROFILES } from "./profile-quantities.ts";
export type { JournalTouch } from "./journal.ts";
export { NO_DEVICE_ID, type RawMessage } from "./quarantine.ts";
export { storeFailureOf, type StoreFailure } from "./store-failure.ts";
export {
  createNarrowReadings,
  encodeNarrowReadings,
  listNarrowReadings,
  readingBytes,
  writeNarrowReadings,
  type NarrowRow,
} from "./narrow-rows.ts";
