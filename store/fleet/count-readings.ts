// How much of a load is there, over all devices.
import type { Db } from "../pool.ts";

/** Rows observed since. */
export async function countReadings(db: Db, fromMs: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    "select count(*)::integer as n from reading where observed_at >= $1",
    [new Date(fromMs)],
  );
  return rows[0]?.n ?? 0;
}

/** Minutes of a device in which it has rows, since. */
export async function countMinutesOfReadings(db: Db, fromMs: number): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    `select count(distinct (device_id, floor(extract(epoch from observed_at) / 60)))::integer as n
     from reading
     where observed_at >= $1`,
    [new Date(fromMs)],
  );
  return rows[0]?.n ?? 0;
}
