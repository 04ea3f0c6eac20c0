// The rule of imported history, a day at a time: a better or equal status replaces, a worse one never does.
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";

/** A UTC day of quarter-hours, packed as in `load_profile_day`. */
export type PackedQuarters = {
  readonly quarters: Buffer;
  readonly statuses: Buffer;
  /** The longest interval behind it, s. */
  readonly resolutionS: number;
};

/** How many quarter-hours of a file do what. Quarter-hours without a value in the file are not counted. */
export type MergeCounts = {
  /** There was nothing. */
  readonly added: number;
  /** There was a value of the same or a worse status, and another one comes. */
  readonly replaced: number;
  readonly unchanged: number;
  /** A better value stays. */
  readonly kept: number;
};

export type MergedDay = MergeCounts & {
  /** `undefined`: no byte changes. */
  readonly merged: PackedQuarters | undefined;
};

const INT4_BYTES = 4;

/** Changes neither of the two. Merging the same day again changes nothing. */
export function mergeDay(held: PackedQuarters | undefined, file: PackedQuarters): MergedDay {
  const counts = { added: 0, replaced: 0, unchanged: 0, kept: 0 };
  const quarters = Buffer.from(held?.quarters ?? Buffer.alloc(file.quarters.length));
  const statuses = Buffer.from(held?.statuses ?? Buffer.alloc(file.statuses.length));
  let staying = 0;
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const status = file.statuses[slot] ?? QuarterCode.missing;
    const before = statuses[slot] ?? QuarterCode.missing;
    if (status === QuarterCode.missing || before > status) {
      if (before !== QuarterCode.missing) staying++;
      if (status !== QuarterCode.missing) counts.kept++;
      continue;
    }
    const value = file.quarters.readInt32LE(slot * INT4_BYTES);
    if (before === status && quarters.readInt32LE(slot * INT4_BYTES) === value) {
      counts.unchanged++;
      continue;
    }
    if (before === QuarterCode.missing) counts.added++;
    else counts.replaced++;
    quarters.writeInt32LE(value, slot * INT4_BYTES);
    statuses[slot] = status;
  }
  if (counts.added + counts.replaced === 0) return { ...counts, merged: undefined };
  // The longest interval still behind a value: what the file did not speak about may be as coarse as it was.
  const heldS = held !== undefined && staying + counts.unchanged > 0 ? held.resolutionS : 0;
  return {
    ...counts,
    merged: { quarters, statuses, resolutionS: Math.max(heldS, file.resolutionS) },
  };
}
