// Which brokers run: each says so every few seconds, and the others clean up after one that does not.
import { sqlText, type Db } from "../pool.ts";

const FORGET = sqlText(import.meta.url, "./forget-brokers.sql");

/** Says that this broker runs. False when it was not (or no longer) known: what it had written may be undone. */
export async function markBrokerHeard(db: Db, broker: string): Promise<boolean> {
  const { rows } = await db.query<{ known: boolean }>(
    `insert into broker as b (id)
     values ($1)
     on conflict (id) do update
     set heard_at = now()
     returning b.started_at < b.heard_at as known`,
    [broker],
  );
  return rows[0]?.known ?? false;
}

/** This broker ends, with nothing connected to it. */
export async function forgetBroker(db: Db, broker: string): Promise<void> {
  await db.query("delete from broker where id = $1", [broker]);
}

/** Cleans up after brokers that were silent for so long; answers which. Times are the database's own. */
export async function forgetSilentBrokers(db: Db, silentMs: number): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(FORGET, [silentMs]);
  return rows.map((row) => row.id);
}
