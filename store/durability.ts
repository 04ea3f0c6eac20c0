// Whether a commit of this database survives a power cut: what an acknowledgement promises rests on it.
import type { Db } from "./pool.ts";

/** Settings that must not be off for a commit to be on disk when it is answered. */
const NEEDED = ["fsync", "synchronous_commit", "full_page_writes"];

/** One sentence per setting that breaks the promise; empty when it holds for this connection's role and database. */
export async function durabilityFaults(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1) and setting = 'off' order by name",
    [NEEDED],
  );
  return rows.map(({ name }) => `${name} is off, so an acknowledged reading could be lost`);
}
