// Commits a batch to PostgreSQL: rows by COPY, what was refused to quarantine, one journal row, all in one transaction.
import { from as copyFrom } from "pg-copy-streams";
import { inTransaction, type Pool, type PoolClient } from "../pool.ts";
import { touchesOf, writeJournal, type JournalTouch } from "./journal.ts";
import { lockReplays, settleReplays, writeQuarantine, type QuarantineRow } from "./quarantine.ts";
import { READING_COLUMNS } from "./row-buffer.ts";
import {
  rejectedRows,
  storeBatchBy,
  type Path,
  type ReadingBatch,
  type Retry,
  type StoredBatch,
} from "./store-batch.ts";

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

export function storeBatch(pool: Pool, batch: ReadingBatch, retry: Retry): Promise<StoredBatch> {
  const committer = {
    commitPart: (part: ReadingBatch, from: number, to: number, path: Path) =>
      commitPart(pool, part, from, to, path),
    keepRefused: (row: QuarantineRow) => inTransaction(pool, (client) => writeQuarantine(client, [row])),
  };
  return storeBatchBy(committer, batch, retry);
}

/**
 * One transaction. If it fails nothing of it is there. If only its answer was lost it may be: then the next attempt
 * meets its own rows, merges, and finds its quarantine rows by their content.
 */
async function commitPart(
  pool: Pool,
  batch: ReadingBatch,
  from: number,
  to: number,
  path: Path,
): Promise<boolean> {
  const rowFrom = batch.rowEnds[from - 1] ?? 0;
  const rowTo = batch.rowEnds[to - 1] ?? 0;
  return inTransaction(pool, async (client) => {
    let touches = batch.touches;
    if (rowTo > rowFrom) {
      const rows = batch.rows.copyData(rowFrom, rowTo);
      if (path === "straight") await copy(client, COPY, rows);
      else touches = await merge(client, rows, touches);
    }
    if (batch.replays === true) await lockReplays(client, batch.messages.slice(from, to));
    await writeQuarantine(client, rejectedRows(batch, from, to));
    if (batch.replays === true) await settleReplays(client, batch, from, to);
    return writeJournal(client, touches);
  });
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
  return touchesOf(fresh.rows, touches);
}
