// Keeping: a file of history is in the database before it is read, so that whoever reads it may die.
import { KoproError } from "#devices/error";
import { DAY_MS } from "#devices/time";
import type { Scope } from "../directory/scope.ts";
import { inTransaction, sqlText, type Db, type Pool, type PoolClient } from "../pool.ts";

export type NewImport = ImportKey & {
  readonly fileName: string;
  readonly chunks: readonly Buffer[];
  /** What was decided before reading. */
  readonly notes: readonly string[];
};

/** What tells a file: its bytes (SHA-256), and what they were said to be of. */
export type ImportKey = {
  readonly format: string;
  readonly fileHash: Buffer;
  /** The one that was chosen for the whole file. */
  readonly supplyPointId: number | null;
};

const EXPIRE = sqlText(import.meta.url, "./expire-staged.sql");

/** A preview that nobody committed is kept so long. */
const PREVIEW_DAYS_MAX = 7;
/** Files of an account that wait to be read. */
const STAGED_MAX = 8;
/** So long the process that took the file has it for itself: it reads it at once. */
const OWN_S = 10;
/** First key of our advisory locks on what an account stages: no other use of advisory locks may take it. */
const STAGING_SPACE = 0x1419;
const PIECE_BYTES = 1024 * 1024;

export type Kept = {
  readonly id: number;
  /** `false`: the viewer's own import of the same file, which waits to be read or to be committed. */
  readonly isNew: boolean;
};

/**
 * The import, `staged`, with its file: all of it, or nothing. Of a file that waits already, its import: one that was read, only
 * if every row of it could be, because otherwise another reading can say something else, once a missing supply point is
 * registered.
 * @throws KoproError `too_many_requests` when too many of the viewer's files wait to be read.
 */
export async function keepImport(pool: Pool, scope: Scope, input: NewImport): Promise<Kept> {
  return inTransaction(pool, async (client) => {
    // One file of a person after the other: of two that are the same, the second finds the first.
    await client.query("select pg_advisory_xact_lock($1, $2)", [STAGING_SPACE, scope.accountId]);
    await client.query(EXPIRE, [scope.accountId, expiryOf(scope)]);
    const same = await findWaiting(client, scope, input);
    if (same !== undefined) return { id: same, isNew: false };
    await refuseTooMany(client, scope);
    const id = await insertImport(client, scope, input);
    let place = 0;
    for (const piece of piecesOf(input.chunks)) {
      await client.query("insert into import_file (import_id, place, bytes) values ($1, $2, $3)", [
        id,
        place++,
        piece,
      ]);
    }
    return { id, isNew: true };
  });
}

async function findWaiting(db: Db, scope: Scope, key: ImportKey): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    `select id
    from import
    where created_by = $1
      and state in ('staged', 'previewed')
      and created_at >= $2
      and format = $3
      and file_hash = $4
      and supply_point_id is not distinct from $5
      and (rows_refused = 0 or state = 'staged')
    order by id desc
    limit 1`,
    [scope.accountId, expiryOf(scope), key.format, key.fileHash, key.supplyPointId],
  );
  return rows[0]?.id;
}

async function refuseTooMany(db: Db, scope: Scope): Promise<void> {
  const { rows } = await db.query<{ count: number }>(
    "select count(*)::integer as count from import where created_by = $1 and state = 'staged'",
    [scope.accountId],
  );
  if ((rows[0]?.count ?? 0) < STAGED_MAX) return;
  throw new KoproError(
    "too_many_requests",
    `${STAGED_MAX} of your files wait to be read: wait until one is.`,
    {
      extra: { retryAfterS: OWN_S },
    },
  );
}

async function insertImport(client: PoolClient, scope: Scope, input: NewImport): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into import
      (created_by, created_at, format, file_name, file_hash, supply_point_id, state, bytes_total, notes, reading_until)
    values ($1, $2, $3, $4, $5, $6, 'staged', $7, $8, now() + make_interval(secs => $9))
    returning id`,
    [
      scope.accountId,
      new Date(scope.atMs),
      input.format,
      input.fileName,
      input.fileHash,
      input.supplyPointId,
      input.chunks.reduce((sum, { length }) => sum + length, 0),
      JSON.stringify(input.notes),
      OWN_S,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("the database gave the import no identifier");
  return id;
}

/** Of equal size, whatever pieces the network made. */
function* piecesOf(chunks: readonly Buffer[]): Generator<Buffer> {
  let held: Buffer[] = [];
  let size = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + PIECE_BYTES - size);
      held.push(part);
      size += part.length;
      at += part.length;
      if (size < PIECE_BYTES) continue;
      yield Buffer.concat(held);
      [held, size] = [[], 0];
    }
  }
  if (size > 0) yield Buffer.concat(held);
}

/** What this person brought and never committed is given up after a week: the file is still theirs. */
function expiryOf(scope: Scope): Date {
  return new Date(scope.atMs - PREVIEW_DAYS_MAX * DAY_MS);
}
