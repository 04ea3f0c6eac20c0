// The faults by the names of the command line: of the way to the broker, of the meter, of its clock, and of processes.

/** Between device and broker: lost, doubled, shuffled, late, unreadable, refused. */
export const WAY_FAULTS = ["loss", "gaps", "duplicates", "reorder", "late", "corruption", "revoked"] as const;

/** Of the meter's index: what it shows is not what was used. */
export const METER_FAULTS = ["reset", "rollover", "glitch", "sentinel", "swap", "slip"] as const;

/** Of the device's clock: wrong by a while, set to another time; `dst` puts the story around a night that changes the clocks. */
export const CLOCK_FAULTS = ["skew", "step", "dst"] as const;

/** Of what receives: a process or service killed, a store that is slow, all connections lost at once. */
export const PROCESS_FAULTS = ["kill", "slow", "storm"] as const;

export const FAULT_KINDS = [...WAY_FAULTS, ...METER_FAULTS, ...CLOCK_FAULTS, ...PROCESS_FAULTS] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
