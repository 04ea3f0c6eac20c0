// Commits a batch of messages: rows by COPY, what was refused to quarantine, one journal row, all in one transaction.
//
//   straight ──23505──▶ merging            a row is there already: only this batch pays for it
//      │ 22, 23, 54        │
//      ├──────────────────▶┴─▶ halves ─▶ … ─▶ one message ─▶ quarantine `refused_by_store`
//      └─ anything else ─▶ the same attempt again, for as long as `retry` allows
import { from as copyFrom } from "pg-copy-streams";
import type { Rejection } from "#devices/reading";
import { traceId } from "#devices/trace";
import { inTransaction, type Pool, type PoolClient } from "../pool.ts";
import { writeJournal, type JournalTouch } from "./journal.ts";
import { lockReplays, settleReplays, writeQuarantine, type RawMessage } from "./quarantine.ts";
import { READING_COLUMNS, type RowBuffer } from "./row-buffer.ts";
import { storeFailureOf } from "./store-failure.ts";

/** Messages in order of arrival; the arrays `messages`, `rowEnds` and `rejections` are parallel. */
export type ReadingBatch = {
  /** Which run of which process its trace ids name. */
  readonly instance?: string;
  readonly rows: RowBuffer;
  readonly messages: readonly RawMessage[];
  /** The rows of message i are those from `rowEnds[i - 1]` (or 0) up to `rowEnds[i]`. */
  readonly rowEnds: readonly number[];
  /** Why a message, or a part of it, goes to quarantine. */
  readonly rejections: readonly (Rejection | undefined)[];
  readonly touches: readonly JournalTouch[];
  /** Some of its messages come out of quarantine. */
  readonly replays?: boolean;
};

export type StoredBatch = {
  /** The messages whose rows the store refused: they are in quarantine, whole, and nothing of them is a reading. */
  readonly refused: readonly { readonly message: number; readonly cause: unknown }[];
  readonly transactions: number;
  readonly mergedTransactions: number;
  /** Whether any profile became stale. */
  readonly journalled: boolean;
};

/** Waits before the next attempt, or throws to give up: nothing of the part that was tried is then committed for sure. */
export type Retry = (error: unknown, attempt: number) => Promise<void>;

const COPY = `copy reading (${READING_COLUMNS}) from stdin (format binary)`;
// Emptied by each commit and kept per connection: a table dropped by each commit would bloat the catalogue.
const MERGE_TABLE = "create temp table if not exists reading_incoming (like reading) on commit delete rows";
const COPY_TO_MERGE = `copy reading_incoming (${READING_COLUMNS}) from stdin (format binary)`;
// In one order, so that two batches with the same rows wait for each other instead of deadlocking.
const MERGE = `
  with fresh as (
    insert into reading (${READING_COLUMNS})
    select ${READING_COLUMNS}
    from reading_incoming
    order by device_id, observed_at, layout_id, fingerprint
    on conflict do nothing
    returning layout_id, observed_at
  )
  select distinct layout_id as "layoutId", floor(extract(epoch from observed_at) / 86400)::integer as day
  from fresh`;

/** Returns once every message of the batch is committed, as readings or in quarantine. */
export async function storeBatch(pool: Pool, batch: ReadingBatch, retry: Retry): Promise<StoredBatch> {
  const run: Run = { pool, batch, retry, refused: [], transactions: 0, merged: 0, journalled: false };
  if (batch.messages.length > 0) await storePart(run, 0, batch.messages.length, "straight");
  return {
    refused: run.refused,
    transactions: run.transactions,
    mergedTransactions: run.merged,
    journalled: run.journalled,
  };
}

type Path = "straight" | "merging";

type Run = {
  readonly pool: Pool;
  readonly batch: ReadingBatch;
  readonly retry: Retry;
  readonly refused: { message: number; cause: unknown }[];
  transactions: number;
  merged: number;
  journalled: boolean;
};

/** Stores the messages `[from, to)`. */
async function storePart(run: Run, from: number, to: number, firstPath: Path): Promise<void> {
  let path = firstPath;
  for (let attempt = 1; ; attempt++) {
    try {
      return await commitPart(run, from, to, path);
    } catch (error) {
      const failure = storeFailureOf(error);
      if (failure === "store") await run.retry(error, attempt);
      else if (failure === "duplicate" && path === "straight") path = "merging";
      else if (to - from > 1) {
        const middle = (from + to) >>> 1;
        await storePart(run, from, middle, path);
        return storePart(run, middle, to, path);
      } else return refuse(run, from, error);
    }
  }
}

/**
 * One transaction. If it fails nothing of it is there. If only its answer was lost it may be: then the next attempt
 * meets its own rows, merges, and finds its quarantine rows by their content.
 */
async function commitPart(run: Run, from: number, to: number, path: Path): Promise<void> {
  const { batch } = run;
  const rowFrom = batch.rowEnds[from - 1] ?? 0;
  const rowTo = batch.rowEnds[to - 1] ?? 0;
  const journalled = await inTransaction(run.pool, async (client) => {
    let touches = batch.touches;
    if (rowTo > rowFrom) {
      const rows = batch.rows.copyData(rowFrom, rowTo);
      if (path === "straight") await copy(client, COPY, rows);
      else touches = await merge(client, rows, touches);
    }
    if (batch.replays === true) await lockReplays(client, batch.messages.slice(from, to));
    await writeQuarantine(client, rejected(batch, from, to));
    if (batch.replays === true) await settleReplays(client, batch, from, to);
    return writeJournal(client, touches);
  });
  run.transactions += 1;
  if (path === "merging") run.merged += 1;
  run.journalled ||= journalled;
}

/** A message that the store refuses on its own goes to quarantine, and its rows nowhere. */
async function refuse(run: Run, message: number, cause: unknown): Promise<void> {
  const refused = run.batch.messages[message];
  if (refused === undefined) return;
  const detail = `The store refused this message: ${cause instanceof Error ? cause.message : String(cause)}`;
  const earlier = run.batch.rejections[message];
  const rejection: Rejection = {
    reason: "refused_by_store",
    detail: earlier === undefined ? detail : `${detail}; ${earlier.detail}`,
  };
  // The device may be what is refused (its row is gone): the second form names none, and is kept all the same.
  let anonymous = false;
  for (let attempt = 1; ; attempt++) {
    try {
      await inTransaction(run.pool, (client) =>
        writeQuarantine(client, [
          { message: refused, rejection, anonymous, traceId: traceId(run.batch.instance, refused.trace) },
        ]),
      );
      break;
    } catch (error) {
      if (storeFailureOf(error) === "store" || anonymous) await run.retry(error, attempt);
      else anonymous = true;
    }
  }
  run.transactions += 1;
  run.refused.push({ message, cause });
}

function rejected(batch: ReadingBatch, from: number, to: number) {
  const rows = [];
  for (let i = from; i < to; i++) {
    const rejection = batch.rejections[i];
    const message = batch.messages[i];
    if (rejection === undefined || message === undefined) continue;
    rows.push({ message, rejection, anonymous: false, traceId: traceId(batch.instance, message.trace) });
  }
  return rows;
}

/** Listens instead of using `pipeline`: on a connection lost at the start, destroying this stream never ends. */
function copy(client: PoolClient, text: string, rows: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = client.query(copyFrom(text));
    stream.on("error", reject);
    stream.on("finish", resolve);
    stream.end(rows);
  });
}

/** Inserts what is not there yet; returns the touches of what was new. */
async function merge(
  client: PoolClient,
  rows: Buffer,
  touches: readonly JournalTouch[],
): Promise<readonly JournalTouch[]> {
  await client.query(MERGE_TABLE);
  await copy(client, COPY_TO_MERGE, rows);
  const fresh = await client.query<{ layoutId: number; day: number }>(MERGE);
  const keys = new Set(fresh.rows.map((row) => `${row.layoutId} ${row.day}`));
  return touches.filter((touch) => keys.has(`${touch.layoutId} ${touch.rowDay}`));
}
