// Load profiles in the database: the journal of what is stale, the raw readings behind it, the day rows derived.
export { staleDays } from "./stale-days.ts";
export { claimJournal, putBack } from "./journal.ts";
export type { JournalPair, StaleDay } from "./journal.ts";
export { readJournalBacklog, type JournalBacklog } from "./journal-backlog.ts";
export { indexValues, indexValuesBeyond } from "./index-values.ts";
export type { BeyondNeed, DeviceSpan, IndexValue, ValuesByRegister } from "./index-values.ts";
export { forgetProfiles, hurryJournal, profileLines } from "./recompute-profiles.ts";
export {
  listUnallocated,
  lockRegisters,
  replaceUnallocated,
  saveDays,
  UNALLOCATED_CAUSES,
} from "./save-profile.ts";
export type {
  DayBytes,
  ProfileDay,
  RegisterSpan,
  SavedDay,
  Unallocated,
  UnallocatedCause,
} from "./save-profile.ts";
export { accountSource, findUnallocated, isStale } from "./account.ts";
export type { AccountSource, PieceRecord } from "./account.ts";
export { shownDay } from "./over-estimates.ts";
export { carrierQuantity, loadPackedDays, loadSupplyPointDays, unpackDays } from "./load-days.ts";
export type { LoadQuery, ProfileQuantity } from "./load-days.ts";
export type { DayRow, PackedDays, RegisterDays } from "./register-days.ts";
export {
  addPlainQuarters,
  addProfiledBuildings,
  addShape,
  analyzeProfiles,
  createPlainQuarters,
  dropPlainQuarters,
  plainFigures,
  profileBytes,
} from "./plain-quarters.ts";
export type { PlainFigures } from "./plain-quarters.ts";
