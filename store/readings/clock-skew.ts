// How far devices' clocks are off: written for many at once, now and then.
import type { Db } from "../pool.ts";

/** Beyond what an `integer` holds nobody needs to know more: 24 days. */
const SKEW_MAX_MS = 2 ** 31 - 1;

/** By device: how far its clock runs ahead of ours, ms, and when that was measured, ms since 1970. */
export async function markClockSkew(
  db: Db,
  skews: ReadonlyMap<number, { readonly aheadMs: number; readonly atMs: number }>,
): Promise<void> {
  if (skews.size === 0) return;
  const list = [...skews];
  await db.query(
    `update device d
     set clock_skew_ms = measured.ahead_ms, clock_skew_at = measured.at
     from unnest($1::integer[], $2::integer[], $3::timestamptz[]) measured (id, ahead_ms, at)
     where d.id = measured.id`,
    [
      list.map(([id]) => id),
      list.map(([, { aheadMs }]) => Math.max(-SKEW_MAX_MS, Math.min(SKEW_MAX_MS, Math.round(aheadMs)))),
      list.map(([, { atMs }]) => new Date(atMs)),
    ],
  );
}
