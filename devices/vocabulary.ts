// The words that every folder shares: carriers, kinds, roles, profiles, clocks, flags and quarter-hour statuses.

export const CARRIERS = ["electricity", "gas", "heat", "water"] as const;
export type Carrier = (typeof CARRIERS)[number];

/** Import is energy taken from the grid and positive; export is a series of its own, positive too. */
export const DIRECTIONS = ["import", "export"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const REGISTER_KINDS = ["cumulative", "interval", "instantaneous"] as const;
export type RegisterKind = (typeof REGISTER_KINDS)[number];

/** What a cumulative register did from one reading to the next; only `ok` is plain consumption. */
export const REGISTER_STATES = ["ok", "glitch", "reset", "rollover", "swap", "spike"] as const;
export type RegisterState = (typeof REGISTER_STATES)[number];

/** The rules by which a register's readings begin to be shown in another unit, and by which they no longer are. */
export const SLIP_RULES = { opens: "unit slip", closes: "unit slip over" } as const;

/** Only `main` registers add up to a supply point's load; `outside`: the temperature outside the building. */
export const ASSIGNMENT_ROLES = ["main", "sub", "production", "outside"] as const;
export type AssignmentRole = (typeof ASSIGNMENT_ROLES)[number];

export const ROLES = ["admin", "coordinator", "manager", "resident", "supplier"] as const;
export type Role = (typeof ROLES)[number];

export const PURPOSES = ["load-profile", "tender", "publication"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** How a device speaks: one folder of `profiles/` each. */
export { PROFILE_IDS, type ProfileId } from "./profile-ids.ts";

/** Where `observedAt` comes from, best first: the rank decides which of two values of one instant counts. */
export const ClockSource = { payloadOffset: 0, payloadLocal: 1, networkServer: 2, broker: 3 } as const;
export type ClockSource = (typeof ClockSource)[keyof typeof ClockSource];

/** The name under which the API shows a clock. */
export const CLOCK_NAMES = ["device", "device-local", "server", "gateway"] as const;

/** Bits of a reading's `flags`. */
export const Flag = { skewed: 1, late: 2, retained: 4 } as const;
export type FlagName = keyof typeof Flag;

/** A quarter-hour's status, worst first: a better value replaces a worse one. */
export const QUARTER_STATUSES = [
  "missing",
  "profiled",
  "substituted",
  "interpolated",
  "measured",
  "validated",
] as const;
export type QuarterStatus = (typeof QUARTER_STATUSES)[number];
export const QuarterCode = {
  missing: 0,
  profiled: 1,
  substituted: 2,
  interpolated: 3,
  measured: 4,
  validated: 5,
} as const satisfies Record<QuarterStatus, number>;

/** Why a message waits in quarantine. The list is closed: a new reason is added here first. */
export const QUARANTINE_REASONS = [
  "reading_malformed",
  "checksum_wrong",
  "payload_too_deep",
  "text_invalid",
  "value_not_numeric",
  "unit_unknown",
  "unit_contradicts_register",
  "time_missing",
  "time_before_2000",
  "time_in_future",
  "too_many_registers",
  "too_many_layouts",
  "too_many_past_days",
  "description_missing",
  "device_unclaimed",
  "device_unknown",
  "refused_by_store",
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];
