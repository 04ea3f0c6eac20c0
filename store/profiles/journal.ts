// The journal of stale profiles: claiming its rows, and putting back what must wait.
import type { Carrier } from "#devices/vocabulary";
import { DAY_MS, utcDay } from "#devices/time";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import { STALE_CAUSES, type StaleCause } from "./stale-cause.ts";
import type { Pair, Urgency, WaitingPairs } from "./waiting-pairs.ts";

export { STALE_CAUSES, type StaleCause };

/** A register's UTC day (counted from 1970) whose profile is stale, with what is needed to judge the register. */
export type StaleDay = {
  readonly deviceId: number;
  readonly registerId: number;
  readonly day: number;
  readonly carrier: Carrier | null;
  readonly quantity: string;
  readonly unit: string;
  readonly interpolateMaxS: number;
  /** Decimal text, unit per hour. */
  readonly maxPerHour: string | null;
  readonly connectionKva: number | null;
  /** Late readings made it stale: quarters already shown are wrong. */
  readonly late: boolean;
  readonly cause: StaleCause;
  /** Since the row was last computed; `null` where there is none. */
  readonly computedAgoMs: number | null;
};

export type JournalPair = {
  readonly registerId: number;
  readonly day: number;
  readonly late: boolean;
  /** `readings` where it is not told. */
  readonly cause?: StaleCause;
};

type StaleRow = {
  device_id: number;
  register_id: number;
  day: number;
  carrier: Carrier | null;
  quantity: string;
  unit: string;
  interpolate_max_s: number;
  max_per_hour: string | null;
  connection_kva: number | null;
  late: boolean;
  cause: StaleCause;
  computed_ago_ms: number | null;
};

const CLAIM = sqlText(import.meta.url, "./claim-journal.sql");
const DESCRIBE = sqlText(import.meta.url, "./describe-stale.sql");
const LOCK_WAITING = "select id from journal where id = any ($1::bigint[]) for key share skip locked";

/** So many rows are looked at in one claim: commits come by the hundred a second, and most name the same days. */
const ROWS_MAX = 256;
/** Claims whose every pair waits already, after which the rest is left for the next transaction. */
const CLAIMS_MAX = 32;

/**
 * Takes rows that are due, oldest first, out of the journal: as many as hold `pairsMax` pairs, and one at least. Each pair comes once, by
 * device, day and register. What is taken is gone when the transaction commits: compute it, or put it back.
 *
 * What `waiting` knows to wait in another row is left to that row. That row is locked until the transaction ends, so nobody
 * computes it before: whoever does then sees all the readings that were told of here.
 */
export async function claimJournal(
  client: PoolClient,
  pairsMax: number,
  waiting: WaitingPairs,
): Promise<StaleDay[]> {
  for (let claim = 0; claim < CLAIMS_MAX; claim++) {
    const told = await claimPairs(client, pairsMax, waiting);
    if (told === undefined) return [];
    const stale = await describeStale(client, await withoutWaiting(client, told, waiting));
    if (stale.length > 0) return stale;
  }
  return [];
}

type Told = Pair & { urgency: Urgency };
type ClaimedRow = {
  id: string;
  register_ids: Buffer;
  days: Buffer;
  late: boolean;
  cause: StaleCause;
};

/** By register and day, each once, as urgent as the most urgent row said; `undefined` where no row is due. */
async function claimPairs(
  client: PoolClient,
  pairsMax: number,
  waiting: WaitingPairs,
): Promise<Iterable<Told> | undefined> {
  const { rows } = await client.query<ClaimedRow>({
    name: "claim-journal",
    text: CLAIM,
    values: [ROWS_MAX, pairsMax],
  });
  if (rows.length === 0) return undefined;
  const told = new Map<string, Told>();
  for (const row of rows) {
    const registerIds = integersOf(row.register_ids);
    const days = integersOf(row.days);
    for (const [at, registerId] of registerIds.entries()) {
      const pair = { registerId, day: (days[at] ?? 0) + FIRST_DAY };
      waiting.forget(pair, row.id);
      const key = `${registerId} ${pair.day}`;
      const known = told.get(key);
      if (known === undefined) told.set(key, { ...pair, urgency: row });
      else known.urgency = moreUrgent(known.urgency, row);
    }
  }
  return told.values();
}

function moreUrgent(one: Urgency, other: Urgency): Urgency {
  if (one.late === other.late && one.cause === other.cause) return one;
  const cause = STALE_CAUSES.findLast((known) => known === one.cause || known === other.cause) ?? one.cause;
  return { late: one.late || other.late, cause };
}

/** Leaves out what waits in a row that is there, and holds it there until the transaction ends. */
async function withoutWaiting(
  client: PoolClient,
  told: Iterable<Told>,
  waiting: WaitingPairs,
): Promise<Told[]> {
  const pairs = [...told];
  const rowIds = new Set(pairs.flatMap((pair) => waiting.rowOf(pair, pair.urgency) ?? []));
  if (rowIds.size === 0) return pairs;
  const { rows } = await client.query<{ id: string }>({
    name: "lock-waiting",
    text: LOCK_WAITING,
    values: [[...rowIds]],
  });
  const there = new Set(rows.map(({ id }) => id));
  return pairs.filter((pair) => {
    const rowId = waiting.rowOf(pair, pair.urgency);
    if (rowId === undefined) return true;
    if (there.has(rowId)) return false;
    waiting.forget(pair, rowId);
    return true;
  });
}

/** Planned anew each time: a plan that was kept since the tables were small takes seconds once they are not. */
async function describeStale(client: PoolClient, told: readonly Told[]): Promise<StaleDay[]> {
  if (told.length === 0) return [];
  const { rows } = await client.query<StaleRow>(DESCRIBE, [
    told.map(({ registerId }) => registerId),
    told.map(({ day }) => utcDay(day * DAY_MS)),
    told.map(({ urgency }) => urgency.late),
    told.map(({ urgency }) => urgency.cause),
  ]);
  return rows.map((row) => ({
    deviceId: row.device_id,
    registerId: row.register_id,
    day: row.day,
    carrier: row.carrier,
    quantity: row.quantity,
    unit: row.unit,
    interpolateMaxS: row.interpolate_max_s,
    maxPerHour: row.max_per_hour,
    connectionKva: row.connection_kva,
    late: row.late,
    cause: row.cause,
    computedAgoMs: row.computed_ago_ms,
  }));
}

/** PostgreSQL counts its days from 2000-01-01. */
const FIRST_DAY = Date.UTC(2000, 0, 1) / DAY_MS;
const DIMENSIONS_AT = 0;
const LENGTH_AT = 12;
const FIRST_AT = 20;
/** Each element is preceded by its size. */
const SIZE_BYTES = 4;
const ELEMENT_BYTES = 8;

/** Of an array of `integer` or `date` without nulls, as `array_send` writes it. */
function integersOf(sent: Buffer): number[] {
  if (sent.readInt32BE(DIMENSIONS_AT) === 0) return [];
  return Array.from({ length: sent.readInt32BE(LENGTH_AT) }, (_, nth) =>
    sent.readInt32BE(FIRST_AT + nth * ELEMENT_BYTES + SIZE_BYTES),
  );
}

/** One row: these pairs are due again in `delayMs`. */
export async function putBack(
  db: Db,
  pairs: readonly JournalPair[],
  delayMs: number,
  waiting: WaitingPairs,
): Promise<void> {
  if (pairs.length === 0) return;
  const late = pairs.some((pair) => pair.late);
  const cause = STALE_CAUSES.findLast((known) => pairs.some((pair) => pair.cause === known)) ?? "readings";
  const { rows } = await db.query<{ id: string }>({
    name: "put-back",
    text: `insert into journal (not_before, register_ids, days, late, cause)
      values (now() + make_interval(secs => $1::float8 / 1000), $2::integer[], $3::date[], $4, $5)
      returning id`,
    values: [
      delayMs,
      pairs.map((pair) => pair.registerId),
      pairs.map((pair) => utcDay(pair.day * DAY_MS)),
      late,
      cause,
    ],
  });
  const [row] = rows;
  if (row !== undefined) waiting.note({ id: row.id, late, cause }, pairs);
}
