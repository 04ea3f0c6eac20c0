// Staging: a file that was read becomes an import with its days and its preview, all at once or not at all.
import { DAY_MS } from "#devices/time";
import type { Scope } from "../directory/scope.ts";
import { inTransaction, sqlText, type Db, type Pool, type PoolClient } from "../pool.ts";
import type { ImportError } from "./imports.ts";
import { mergeStaged } from "./merge-staged.ts";
import type { PackedQuarters } from "./merge-day.ts";

export type StagedDay = PackedQuarters & {
  readonly supplyPointId: number;
  /** Days from 1970. */
  readonly day: number;
};

export type NewImport = {
  readonly format: string;
  readonly fileName: string;
  /** SHA-256. */
  readonly fileHash: Buffer;
  readonly supplyPointId: number | null;
  readonly rowsRead: number;
  readonly rowsRefused: number;
  readonly errors: readonly ImportError[];
  /** Ordered by supply point and day; empty: the import has failed, its errors say why. */
  readonly days: readonly StagedDay[];
};

const INSERT_DAYS = sqlText(import.meta.url, "./insert-staged.sql");
const EXPIRE = sqlText(import.meta.url, "./expire-staged.sql");

const GIVE_UP = sqlText(import.meta.url, "./give-up-staged.sql");

const BATCH_DAYS = 500;
/** A preview that nobody committed is kept so long. */
const STAGED_DAYS_MAX = 7;
/** Previews of an account that wait for their commit. */
const STAGED_MAX = 20;
/** First key of our advisory locks on what an account stages: no other use of advisory locks may take it. */
const STAGING_SPACE = 0x1419;

/** What tells a file: its bytes, and what they were said to be of. */
export type ImportKey = Pick<NewImport, "format" | "fileHash" | "supplyPointId">;

/**
 * The viewer's preview of the same file, if every row of it could be read: otherwise another reading can say something else,
 * once a missing supply point is registered.
 */
export async function findStaged(db: Db, scope: Scope, key: ImportKey): Promise<number | undefined> {
  const { rows } = await db.query<{ id: number }>(
    `select id
    from import
    where created_by = $1
      and state = 'previewed'
      and created_at >= $2
      and format = $3
      and file_hash = $4
      and supply_point_id is not distinct from $5
      and rows_refused = 0
    order by id desc
    limit 1`,
    [scope.accountId, expiryOf(scope), key.format, key.fileHash, key.supplyPointId],
  );
  return rows[0]?.id;
}

export type Staged = {
  readonly id: number;
  /** `false`: the viewer's own preview of the same file, which came meanwhile. */
  readonly isNew: boolean;
};

/**
 * The import's identifier: that of `findStaged` if there is one by now. Else its state is `previewed`, or `failed` without
 * days; a process that ends before leaves nothing behind. Every supply point must be one that the viewer may write to
 * (`importTargets…`).
 */
export async function stageImport(pool: Pool, scope: Scope, input: NewImport): Promise<Staged> {
  return inTransaction(pool, async (client) => {
    // One file of a person after the other: of two that are the same, the second finds the first.
    await client.query("select pg_advisory_xact_lock($1, $2)", [STAGING_SPACE, scope.accountId]);
    await client.query(EXPIRE, [scope.accountId, expiryOf(scope)]);
    const same = await findStaged(client, scope, input);
    if (same !== undefined) return { id: same, isNew: false };
    if (input.days.length > 0) await makeRoom(client, scope, input);
    const id = await insertImport(client, scope, input);
    for (let first = 0; first < input.days.length; first += BATCH_DAYS) {
      await insertDays(client, id, input.days.slice(first, first + BATCH_DAYS));
    }
    if (input.days.length > 0) {
      const changes = await mergeStaged(client, id, false);
      await client.query("update import set state = 'previewed', preview = $2 where id = $1", [
        id,
        JSON.stringify(changes),
      ]);
    }
    return { id, isNew: true };
  });
}

async function insertImport(client: PoolClient, scope: Scope, input: NewImport): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into import
      (created_by, created_at, format, file_name, file_hash, supply_point_id, state, rows_read, rows_refused, errors)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    returning id`,
    [
      scope.accountId,
      new Date(scope.atMs),
      input.format,
      input.fileName,
      input.fileHash,
      input.supplyPointId,
      input.days.length > 0 ? "staged" : "failed",
      input.rowsRead,
      input.rowsRefused,
      JSON.stringify(input.errors),
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error("the database gave the import no identifier");
  return id;
}

async function insertDays(client: PoolClient, importId: number, days: readonly StagedDay[]): Promise<void> {
  await client.query({
    name: "insert-staged",
    text: INSERT_DAYS,
    values: [
      importId,
      days.map((day) => day.supplyPointId),
      days.map((day) => day.day),
      Buffer.concat(days.map((day) => day.quarters)),
      Buffer.concat(days.map((day) => day.statuses)),
      days.map((day) => day.resolutionS),
    ],
  });
}

/** What this person brought and never committed is given up after a week: the file is still theirs. */
function expiryOf(scope: Scope): Date {
  return new Date(scope.atMs - STAGED_DAYS_MAX * DAY_MS);
}

/** For one more: an earlier preview of the same file goes, and the oldest beyond the number that is kept. */
async function makeRoom(client: PoolClient, scope: Scope, key: ImportKey): Promise<void> {
  const { format, fileHash, supplyPointId } = key;
  await client.query(GIVE_UP, [scope.accountId, STAGED_MAX - 1, format, fileHash, supplyPointId]);
}
