// Staging: a file that was read becomes an import with its days and its preview, all at once or not at all.
import { DAY_MS } from "#devices/time";
import type { Scope } from "../directory/scope.ts";
import { inTransaction, sqlText, type Pool, type PoolClient } from "../pool.ts";
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

const BATCH_DAYS = 500;
/** A preview that nobody committed is kept so long. */
const STAGED_DAYS_MAX = 7;

/**
 * The import's identifier. Its state is `previewed`, or `failed` without days; a process that ends before leaves nothing
 * behind. Every supply point must be one that the viewer may write to (`importTargets…`).
 */
export async function stageImport(pool: Pool, scope: Scope, input: NewImport): Promise<number> {
  return inTransaction(pool, async (client) => {
    await expireStaged(client, scope);
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
    return id;
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
async function expireStaged(client: PoolClient, scope: Scope): Promise<void> {
  await client.query(EXPIRE, [scope.accountId, new Date(scope.atMs - STAGED_DAYS_MAX * DAY_MS)]);
}
