// The raw readings of one register, as received: unpacked, ordered by the device's time, nothing applied.
import { unpackDecimals, type Decimal } from "#devices/decimal";
import { CLOCK_NAMES, Flag, type FlagName } from "#devices/vocabulary";
import { sqlText, type Db } from "../pool.ts";

export type StoredReading = {
  readonly observedAtMs: number;
  readonly receivedAtMs: number;
  /** As received, in the register's unit. */
  readonly value: Decimal;
  /** Where `observedAtMs` comes from. */
  readonly clock: (typeof CLOCK_NAMES)[number];
  readonly flags: readonly FlagName[];
};

/** Where a page ends: the identity of its last row. */
export type ReadingCursor = {
  readonly observedAtMs: number;
  readonly layoutId: number;
  readonly fingerprint: string;
};

type Row = {
  layout_id: number;
  observed_at: Date;
  received_at: Date;
  clock: number;
  flags: number;
  fingerprint: string;
  values: Buffer;
  position: number;
};

const LIST = sqlText(import.meta.url, "./list-readings.sql");

/**
 * Readings with `fromMs <= observedAt < toMs`, at most `limit`, ascending. Corrections of one instant follow each
 * other; which of them counts is the profile's business. A value that came again for its instant, in a row with other registers
 * beside it, is one reading. `next` is the cursor of the page after this one.
 */
export async function listReadings(
  db: Db,
  registerId: number,
  span: { fromMs: number; toMs: number; limit: number; after?: ReadingCursor | undefined },
): Promise<{ items: StoredReading[]; next: ReadingCursor | undefined }> {
  const after = span.after;
  const { rows } = await db.query<Row>(LIST, [
    registerId,
    new Date(span.fromMs),
    new Date(span.toMs),
    span.limit + 1,
    after === undefined ? null : new Date(after.observedAtMs),
    after?.layoutId ?? null,
    after?.fingerprint ?? null,
  ]);
  const page = pageOf(rows, span.limit);
  const last = page.at(-1);
  return {
    items: withoutRepeats(page.flatMap(readingOf)),
    next:
      rows.length > span.limit && last !== undefined
        ? {
            observedAtMs: last.observed_at.getTime(),
            layoutId: last.layout_id,
            fingerprint: last.fingerprint,
          }
        : undefined,
  };
}

/** At most so many rows, and of the last instant all or none where that leaves any: a repeat is next to what it repeats. */
function pageOf(rows: readonly Row[], limit: number): readonly Row[] {
  const atMs = rows[limit]?.observed_at.getTime();
  const whole = rows.slice(0, limit).filter((row) => row.observed_at.getTime() !== atMs);
  return whole.length > 0 ? whole : rows.slice(0, limit);
}

/** Of equal values of one instant the one that came first; the order stays. */
export function withoutRepeats(readings: readonly StoredReading[]): StoredReading[] {
  const first = new Map<string, StoredReading>();
  for (const reading of readings) {
    const key = `${reading.observedAtMs} ${reading.value}`;
    const known = first.get(key);
    if (known === undefined || reading.receivedAtMs < known.receivedAtMs) first.set(key, reading);
  }
  return [...first.values()];
}

function readingOf(row: Row): StoredReading[] {
  const value = unpackDecimals(row.values)[row.position - 1];
  const clock = CLOCK_NAMES[row.clock];
  if (value === null || value === undefined || clock === undefined) return [];
  return [
    {
      observedAtMs: row.observed_at.getTime(),
      receivedAtMs: row.received_at.getTime(),
      value,
      clock,
      flags: flagNames(row.flags),
    },
  ];
}

/** The names of the bits that are set. */
export function flagNames(flags: number): FlagName[] {
  return (Object.keys(Flag) as FlagName[]).filter((name) => (flags & Flag[name]) !== 0);
}
