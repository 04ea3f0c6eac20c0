// The estimated layer under measured profiles, and the record of numbers that changed.
export * from "./duplicate-readings.ts";
export * from "./estimates.ts";
export * from "./list-estimates.ts";
export * from "./load-changes.ts";
export * from "./main-meters.ts";
export * from "./outside-hours.ts";
