// Finishing: what a file said becomes days and a preview, and the file goes, all at once or not at all.
import type { Direction } from "#devices/vocabulary";
import type { Scope } from "../directory/scope.ts";
import { inTransaction, sqlText, type Pool, type PoolClient } from "../pool.ts";
import type { ClaimedImport } from "./claim-import.ts";
import type { ImportError } from "./imports.ts";
import type { ImportKey } from "./keep-import.ts";
import { mergeStaged } from "./merge-staged.ts";
import type { PackedQuarters } from "./merge-day.ts";

export type StagedDay = PackedQuarters & {
  readonly supplyPointId: number;
  readonly direction: Direction;
  /** Days from 1970. */
  readonly day: number;
};

export type ReadImport = {
  readonly rowsRead: number;
  readonly rowsRefused: number;
  readonly errors: readonly ImportError[];
  readonly notes: readonly string[];
  /** Ordered by supply point, direction and day; empty: the import has failed, its errors say why. */
  readonly days: readonly StagedDay[];
};

const INSERT_DAYS = sqlText(import.meta.url, "./insert-staged.sql");
const GIVE_UP = sqlText(import.meta.url, "./give-up-staged.sql");

const BATCH_DAYS = 500;
/** Previews of an account that wait for their commit. */
const PREVIEWED_MAX = 20;

/**
 * `previewed`, or `failed` without days. `false`, and nothing changes: another process has taken over. Every supply point must be
 * one that the viewer may write to (`importTargets…`).
 */
export async function finishImport(pool: Pool, claimed: ClaimedImport, read: ReadImport): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<ImportKey>(
      `select format, file_hash as "fileHash", supply_point_id as "supplyPointId"
      from import
      where id = $1
        and reading_attempt = $2
        and state = 'staged'
      for update`,
      [claimed.id, claimed.attempt],
    );
    const [key] = rows;
    if (key === undefined) return false;
    const isGood = read.days.length > 0;
    if (isGood) await makeRoom(client, claimed.scope, key);
    for (let first = 0; first < read.days.length; first += BATCH_DAYS) {
      await insertDays(client, claimed.id, read.days.slice(first, first + BATCH_DAYS));
    }
    const changes = isGood ? await mergeStaged(client, claimed.id, false) : undefined;
    await client.query(
      `update import
      set
        state = $2,
        rows_read = $3,
        rows_refused = $4,
        errors = $5,
        notes = notes || $6::jsonb,
        preview = $7,
        bytes_read = case when $2 = 'previewed' then bytes_total else bytes_read end
      where id = $1`,
      [
        claimed.id,
        isGood ? "previewed" : "failed",
        read.rowsRead,
        read.rowsRefused,
        JSON.stringify(read.errors),
        JSON.stringify(read.notes),
        changes === undefined ? null : JSON.stringify(changes),
      ],
    );
    await client.query("delete from import_file where import_id = $1", [claimed.id]);
    return true;
  });
}

async function insertDays(client: PoolClient, importId: number, days: readonly StagedDay[]): Promise<void> {
  await client.query({
    name: "insert-staged",
    text: INSERT_DAYS,
    values: [
      importId,
      days.map((day) => day.supplyPointId),
      days.map((day) => day.direction),
      days.map((day) => day.day),
      Buffer.concat(days.map((day) => day.quarters)),
      Buffer.concat(days.map((day) => day.statuses)),
      days.map((day) => day.resolutionS),
    ],
  });
}

/** For one more: an earlier preview of the same file goes, and the oldest beyond the number that is kept. */
async function makeRoom(client: PoolClient, scope: Scope, key: ImportKey): Promise<void> {
  const { format, fileHash, supplyPointId } = key;
  await client.query(GIVE_UP, [scope.accountId, PREVIEWED_MAX - 1, format, fileHash, supplyPointId]);
}
