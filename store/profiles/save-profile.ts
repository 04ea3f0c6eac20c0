// Day rows and unallocated pieces as the worker keeps them: saved by the transaction that took the work from the journal.
import { DAY_MS, QUARTER_MS, utcDay } from "#devices/time";
import { QuarterCode, REGISTER_STATES } from "#devices/vocabulary";
import { sqlText, type Db, type PoolClient } from "../pool.ts";

export type ProfileDay = {
  readonly registerId: number;
  /** UTC days since 1970. */
  readonly day: number;
  readonly quarters: Buffer;
  readonly statuses: Buffer;
};

/** Why: a state of the register (analytics/profile), a silence, or the end of a chain inside a quarter-hour. */
export const UNALLOCATED_CAUSES = [
  "gap",
  "partial",
  ...REGISTER_STATES.filter((state) => state !== "ok"),
] as const;
export type UnallocatedCause = (typeof UNALLOCATED_CAUSES)[number];

/** Energy that was metered but belongs to no quarter-hour: whole Wh (or l) in [fromMs, toMs). Known by its beginning and cause. */
export type Unallocated = {
  readonly registerId: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly energy: number;
  readonly cause: UnallocatedCause;
};

/** A quarter-hour's energies and statuses, of a day. */
export type DayBytes = Pick<ProfileDay, "quarters" | "statuses">;

/** A day that was saved and is new, or another than it was. */
export type SavedDay = {
  readonly registerId: number;
  readonly day: number;
  /** Of both layers together, as it is now. */
  readonly revision: number;
  /** What was measured before; `undefined`: there was no row. */
  readonly before: DayBytes | undefined;
  /** What stands under it. */
  readonly estimated: DayBytes | undefined;
};

export type RegisterSpan = { readonly registerId: number; readonly fromMs: number; readonly toMs: number };

const SAVE_DAYS = sqlText(import.meta.url, "./save-days.sql");
const LIST_UNALLOCATED = sqlText(import.meta.url, "./list-unallocated.sql");

/** First key of our advisory locks on registers: no other use of advisory locks may take it. */
const LOCK_SPACE = 0x10ad;

/**
 * Locks registers until the transaction ends, as far as no other worker holds them, and returns those it got: a worker
 * waits for nobody, so workers cannot wait for each other. Read the readings after this, or an older profile may win.
 */
export async function lockRegisters(
  client: PoolClient,
  registerIds: readonly number[],
): Promise<Set<number>> {
  const { rows } = await client.query<{ id: number }>({
    name: "lock-registers",
    text: "select id from unnest($2::integer[]) as id where pg_try_advisory_xact_lock($1, id)",
    values: [LOCK_SPACE, registerIds],
  });
  return new Set(rows.map((row) => row.id));
}

type SavedRow = Pick<SavedDay, "registerId" | "day" | "revision"> & {
  readonly quarters: Buffer | null;
  readonly statuses: Buffer | null;
  readonly estimatedQuarters: Buffer | null;
  readonly estimatedStatuses: Buffer | null;
};

/** Returns the days that are new, or of which a byte changed. What starts with values is assigned from the earliest of them on. */
export async function saveDays(client: PoolClient, days: readonly ProfileDay[]): Promise<SavedDay[]> {
  if (days.length === 0) return [];
  const { rows } = await client.query<SavedRow>({
    name: "save-days",
    text: SAVE_DAYS,
    values: [
      days.map((row) => row.registerId),
      days.map((row) => utcDay(row.day * DAY_MS)),
      days.map((row) => row.quarters),
      days.map((row) => row.statuses),
      days.map((row) => instantOf(valuedFromMs(row))),
    ],
  });
  return rows.map(({ registerId, day, revision, ...row }) => ({
    registerId,
    day,
    revision,
    before: bytesOf(row.quarters, row.statuses),
    estimated: bytesOf(row.estimatedQuarters, row.estimatedStatuses),
  }));
}

/** Where the day's first quarter-hour that has a value begins. */
export function valuedFromMs({ day, statuses }: Pick<ProfileDay, "day" | "statuses">): number | undefined {
  const slot = statuses.findIndex((status) => status !== QuarterCode.missing);
  return slot < 0 ? undefined : day * DAY_MS + slot * QUARTER_MS;
}

function instantOf(atMs: number | undefined): Date | null {
  return atMs === undefined ? null : new Date(atMs);
}

function bytesOf(quarters: Buffer | null, statuses: Buffer | null): DayBytes | undefined {
  return quarters === null || statuses === null ? undefined : { quarters, statuses };
}

type UnallocatedRow = {
  register_id: number;
  from_ms: number;
  to_ms: number;
  energy: number;
  cause: UnallocatedCause;
};

/** The pieces that overlap each span, whole, by register and time. */
export async function listUnallocated(db: Db, spans: readonly RegisterSpan[]): Promise<Unallocated[]> {
  const { rows } = await db.query<UnallocatedRow>({
    name: "list-unallocated",
    text: LIST_UNALLOCATED,
    values: [
      spans.map((span) => span.registerId),
      spans.map((span) => instant(span.fromMs)),
      spans.map((span) => instant(span.toMs)),
    ],
  });
  return rows.map((row) => ({
    registerId: row.register_id,
    fromMs: row.from_ms,
    toMs: row.to_ms,
    energy: row.energy,
    cause: row.cause,
  }));
}

/** `remove` names pieces by what identifies them within their register. */
export async function replaceUnallocated(
  client: PoolClient,
  remove: readonly Pick<Unallocated, "registerId" | "fromMs" | "cause">[],
  add: readonly Unallocated[],
): Promise<void> {
  if (remove.length > 0) {
    await client.query({
      name: "remove-unallocated",
      text: `delete from unallocated u
        using unnest($1::integer[], $2::timestamptz[], $3::text[]) as gone (register_id, from_at, cause)
        where u.register_id = gone.register_id and u.from_at = gone.from_at and u.cause = gone.cause`,
      values: [
        remove.map((piece) => piece.registerId),
        remove.map((piece) => instant(piece.fromMs)),
        remove.map((piece) => piece.cause),
      ],
    });
  }
  if (add.length > 0) {
    await client.query({
      name: "add-unallocated",
      text: `insert into unallocated (register_id, from_at, to_at, energy, cause)
        select * from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[], $4::bigint[], $5::text[])`,
      values: [
        add.map((piece) => piece.registerId),
        add.map((piece) => instant(piece.fromMs)),
        add.map((piece) => instant(piece.toMs)),
        add.map((piece) => piece.energy),
        add.map((piece) => piece.cause),
      ],
    });
  }
}

function instant(instantMs: number): string {
  return Number.isFinite(instantMs)
    ? new Date(instantMs).toISOString()
    : instantMs < 0
      ? "-infinity"
      : "infinity";
}
