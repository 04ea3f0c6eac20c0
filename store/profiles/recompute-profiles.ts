// Proof that profiles are derived: as text to compare, forgotten to be computed again from raw, and without their waiting times.
import { inTransaction, sqlText, type Db, type Pool } from "../pool.ts";

const LINES = sqlText(import.meta.url, "./profile-lines.sql");
const FORGET = sqlText(import.meta.url, "./forget-profiles.sql");

/** Every byte of the registers' day rows, unallocated pieces and decisions: equal lines are equal profiles. */
export async function profileLines(db: Db, registerIds: readonly number[]): Promise<string[]> {
  const { rows } = await db.query<{ line: string }>(LINES, [registerIds]);
  return rows.map((row) => row.line);
}

/** Forgets the registers' profiles and makes all their days stale: the worker computes them from raw readings alone. */
export async function forgetProfiles(pool: Pool, registerIds: readonly number[]): Promise<void> {
  await inTransaction(pool, async (client) => {
    await client.query("delete from load_profile_day where register_id = any ($1::integer[])", [registerIds]);
    await client.query("delete from unallocated where register_id = any ($1::integer[])", [registerIds]);
    await client.query("delete from register_decision where register_id = any ($1::integer[])", [
      registerIds,
    ]);
    await client.query(FORGET, [registerIds]);
  });
}

/**
 * Makes what waits for these registers due now, as if a minute had passed, and returns how many journal rows name them.
 * A row that a worker has claimed counts until it has committed.
 */
export async function hurryJournal(db: Db, registerIds: readonly number[]): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>(
    `select count(*)::integer as waiting
     from journal
     where register_ids && $1::integer[]`,
    [registerIds],
  );
  const waiting = rows[0]?.waiting ?? 0;
  if (waiting === 0) return 0;
  await db.query(
    `update load_profile_day
     set computed_at = computed_at - interval '1 minute'
     where register_id = any ($1::integer[])`,
    [registerIds],
  );
  await db.query(
    `update journal
     set not_before = now()
     where not_before > now()
       and register_ids && $1::integer[]`,
    [registerIds],
  );
  return waiting;
}
