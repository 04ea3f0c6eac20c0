// Imported history: staged, previewed, committed; under it the rule by which a better value stays.
export { importTargetsByCode, importTargetsById } from "./import-targets.ts";
export type { ImportTargetRow } from "./import-targets.ts";
export { findImport, listImports } from "./imports.ts";
export type { ImportError, ImportRow, ImportState } from "./imports.ts";
export { keepImport } from "./keep-import.ts";
export type { ImportKey, Kept, NewImport } from "./keep-import.ts";
export { claimImport, claimNextImport, fileOf, saveProgress } from "./claim-import.ts";
export type { ClaimedImport } from "./claim-import.ts";
export { finishImport } from "./finish-import.ts";
export type { ReadImport, StagedDay } from "./finish-import.ts";
export { commitImport } from "./commit-import.ts";
export type { ChangedDay, ImportChange } from "./changes.ts";
export type { SeenChange } from "./withheld-from.ts";
export type { MergeCounts, PackedQuarters } from "./merge-day.ts";
export { longestInterval } from "./longest-interval.ts";
export { spreadDays, type SpreadDay } from "./spread-days.ts";
