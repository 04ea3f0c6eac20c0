// What one process, and one device in it, may use.

export type IngestLimits = {
  /** A batch is committed when it holds this many messages… */
  readonly batchCountMax: number;
  /** …or this many bytes of rows and quarantined payloads… */
  readonly batchBytesMax: number;
  /** …or when its first message has waited this long. */
  readonly flushAfterMs: number;
  /** Batches that may be in the store at once, each on a connection of its own. */
  readonly writersMax: number;
  readonly registersPerDeviceMax: number;
  readonly layoutsPerDeviceMax: number;
  /** Descriptions of messages to come. */
  readonly factsPerDeviceMax: number;
  /** Distinct days, older than `pastDayAfterMs`, that a device may touch in an hour: each may create a chunk. */
  readonly pastDaysPerHourMax: number;
  readonly pastDayAfterMs: number;
  /** A device's registers and door cache leave the memory when it was silent for this long. */
  readonly deviceIdleMs: number;
};

export const DEFAULT_LIMITS: IngestLimits = {
  batchCountMax: 2000,
  batchBytesMax: 4 * 1024 * 1024,
  flushAfterMs: 5,
  writersMax: 2,
  // A layout of all of them must fit into PostgreSQL's index, which takes 2,704 bytes.
  registersPerDeviceMax: 600,
  layoutsPerDeviceMax: 256,
  factsPerDeviceMax: 1000,
  pastDaysPerHourMax: 400,
  pastDayAfterMs: 35 * 86_400_000,
  deviceIdleMs: 3_600_000,
};
