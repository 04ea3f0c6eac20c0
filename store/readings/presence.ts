// When devices connect, leave and speak: always many at once, because a restart brings all of them back together.
import type { Db } from "../pool.ts";

/** Marks devices as connected since `atMs`. */
export async function markConnected(db: Db, deviceIds: readonly number[], atMs: number): Promise<void> {
  if (deviceIds.length === 0) return;
  await db.query(
    "update device set connected_at = $2 where id = any($1::integer[]) and (connected_at is null or connected_at < $2)",
    [deviceIds, new Date(atMs)],
  );
}

/** Marks devices as gone since `atMs`; a device is online while `connected_at` is the later of the two. */
export async function markDisconnected(db: Db, deviceIds: readonly number[], atMs: number): Promise<void> {
  if (deviceIds.length === 0) return;
  await db.query(
    "update device set disconnected_at = $2 where id = any($1::integer[]) and (disconnected_at is null or disconnected_at < $2)",
    [deviceIds, new Date(atMs)],
  );
}

/** A device's `last_seen_at` is at most this old while it speaks: it is written once a minute, not once a message. */
export const SEEN_EVERY_MS = 60_000;

/** Notes that these devices spoke at `atMs`; rows marked less than a minute before stay as they are. */
export async function markSeen(db: Db, deviceIds: readonly number[], atMs: number): Promise<void> {
  if (deviceIds.length === 0) return;
  await db.query(
    "update device set last_seen_at = $2 where id = any($1::integer[]) and (last_seen_at is null or last_seen_at < $3)",
    [deviceIds, new Date(atMs), new Date(atMs - SEEN_EVERY_MS / 2)],
  );
}
