// Whether a commit of this database survives a power cut: what an acknowledgement promises rests on it.
import { KoproError } from "#devices/error";
import type { Db } from "./pool.ts";

/** Settings that must not be off for a commit to be on disk when it is answered. */
const NEEDED = ["fsync", "synchronous_commit", "full_page_writes"];

/**
 * Refuses a database that could lose what it committed, for this connection's role and database.
 * @throws KoproError `config_invalid` naming each setting that breaks the promise.
 */
export async function requireDurableStore(db: Db): Promise<void> {
  const faults = await durabilityFaults(db);
  if (faults.length > 0) {
    throw new KoproError("config_invalid", `The database is not durable: ${faults.join("; ")}.`, {
      extra: { faults },
    });
  }
}

async function durabilityFaults(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1) and setting = 'off' order by name",
    [NEEDED],
  );
  return rows.map(({ name }) => `${name} is off, so an acknowledged reading could be lost`);
}
