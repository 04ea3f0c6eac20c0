// Brings a database to the newest schema: numbered files, once each, checked against what ran before.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { KoproError } from "#devices/error";
import { inTransaction, openPool, type PoolClient } from "./pool.ts";

export type Migration = {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
};

/** Any number: it only has to be the same in every process that migrates. */
const MIGRATION_LOCK = 5_577_760;

/** The migrations of this version, ascending. */
export function migrationsOnDisk(folder = new URL("./migrations/", import.meta.url)): Migration[] {
  return readdirSync(folder)
    .filter((file) => /^\d{4}-.*\.sql$/.test(file))
    .sort()
    .map((name) => {
      const sql = readFileSync(new URL(name, folder), "utf8");
      return {
        number: Number(name.slice(0, 4)),
        name,
        sql,
        checksum: createHash("sha256").update(sql).digest("hex"),
      };
    });
}

/**
 * Applies what is missing, each migration in the one transaction of the run; two processes that start at once
 * wait for each other. Returns the names applied.
 * @throws KoproError `migration_changed` when a file differs from what ran, or ran and is gone.
 */
export async function migrate(url: string, migrations = migrationsOnDisk()): Promise<string[]> {
  const pool = openPool(url, { applicationName: "koprogo-migrate", max: 1 });
  try {
    return await inTransaction(pool, (client) => migrateIn(client, migrations));
  } finally {
    await pool.end();
  }
}

async function migrateIn(client: PoolClient, migrations: readonly Migration[]): Promise<string[]> {
  await client.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  await client.query(
    `create table if not exists migration (
       number integer constraint migration_pk primary key,
       name text not null,
       checksum text not null,
       applied_at timestamptz not null default now()
     )`,
  );
  const ran = await client.query<{ number: number; name: string; checksum: string }>(
    "select number, name, checksum from migration order by number",
  );
  for (const row of ran.rows) refuseChanged(row, migrations);

  const done = new Set(ran.rows.map((row) => row.number));
  const missing = migrations.filter((migration) => !done.has(migration.number));
  for (const { number, name, sql, checksum } of missing) {
    await client.query(sql);
    await client.query("insert into migration (number, name, checksum) values ($1, $2, $3)", [
      number,
      name,
      checksum,
    ]);
  }
  return missing.map((migration) => migration.name);
}

function refuseChanged(
  ran: { number: number; name: string; checksum: string },
  migrations: readonly Migration[],
): void {
  const onDisk = migrations.find((migration) => migration.number === ran.number);
  if (onDisk === undefined) {
    throw new KoproError(
      "migration_changed",
      `The database has run ${ran.name}, which this version does not know.`,
    );
  }
  if (onDisk.checksum !== ran.checksum) {
    throw new KoproError(
      "migration_changed",
      `${onDisk.name} differs from the ${ran.name} that the database has run.`,
    );
  }
}
