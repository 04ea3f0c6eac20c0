// What a load is made of: packed days of registers, each with the time in which it counts.

/** A UTC day of one register: 96 little-endian int4 (Wh, or l) and a status byte each (`QuarterCode`). */
export type DayRow = {
  /** `YYYY-MM-DD`, UTC. */
  readonly day: string;
  readonly quarters: Buffer;
  readonly statuses: Buffer;
  /** Grows whenever a byte of the row, or of the imported row laid over it, changes: an ETag is made of the list of them. */
  readonly revision: number;
};

/** One register's days, as far as it was the supply point's main register in [fromMs, toMs). */
export type RegisterDays = {
  /** 0 (`IMPORTED`): history that came in files, for the time in which the supply point has no main register. */
  readonly registerId: number;
  readonly supplyPointId: number;
  /** `-Infinity` where the assignment has no beginning. */
  readonly fromMs: number;
  /** `Infinity` where it has no end. */
  readonly toMs: number;
  readonly days: readonly DayRow[];
};

/** The same as it comes out of the database: all days end to end. Cutting thousands of years into days costs more than adding them. */
export type PackedDays = Omit<RegisterDays, "days"> & {
  /** UTC days from 1970, in order; one that is not there has no row. */
  readonly dayNumbers: readonly number[];
  readonly revisions: readonly number[];
  /** As in `DayRow`, one day after another. */
  readonly quarters: Buffer;
  readonly statuses: Buffer;
};
