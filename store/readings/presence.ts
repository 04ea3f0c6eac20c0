// When devices connect, leave and speak: always many at once, because a restart brings all of them back together.
import type { Db } from "../pool.ts";

/** A device and when it came or went, in milliseconds since 1970. */
export type PresenceChange = { readonly deviceId: number; readonly atMs: number };

const columns = (changes: readonly PresenceChange[]): [number[], Date[]] => [
  changes.map(({ deviceId }) => deviceId),
  changes.map(({ atMs }) => new Date(atMs)),
];

/** Marks devices as connected to `broker`: the last broker that says so has them. */
export async function markConnected(
  db: Db,
  broker: string,
  changes: readonly PresenceChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await db.query(
    `update device d
     set connected_at = came.at, connected_by = $1
     from unnest($2::integer[], $3::timestamptz[]) came (id, at)
     where d.id = came.id`,
    [broker, ...columns(changes)],
  );
}

/** Marks devices as gone from `broker`; one that has connected to another meanwhile stays connected. */
export async function markDisconnected(
  db: Db,
  broker: string,
  changes: readonly PresenceChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await db.query(
    `update device d
     set disconnected_at = greatest(gone.at, d.connected_at), connected_by = null
     from unnest($2::integer[], $3::timestamptz[]) gone (id, at)
     where d.id = gone.id
       and d.connected_by = $1`,
    [broker, ...columns(changes)],
  );
}

/**
 * Of devices that are connected to `broker`, marks those again that nobody is said to have: their other connection, at
 * another broker, has ended, or this broker was taken for dead.
 */
export async function markStillConnected(
  db: Db,
  broker: string,
  deviceIds: readonly number[],
  nowMs: number,
): Promise<void> {
  if (deviceIds.length === 0) return;
  await db.query(
    `update device
     set connected_at = $3, connected_by = $1
     where id = any($2::integer[])
       and connected_by is null`,
    [broker, deviceIds, new Date(nowMs)],
  );
}

/** A device's `last_seen_at` is at most this old while it speaks: it is written once a minute, not once a message. */
export const SEEN_EVERY_MS = 60_000;

/**
 * Notes when each of these devices spoke last, in milliseconds since 1970; a mark that is less than half a minute older
 * stays. No mark lies in the future, whatever the caller's clock says, and one that does is replaced.
 */
export async function markSeen(db: Db, seenAtMs: ReadonlyMap<number, number>): Promise<void> {
  if (seenAtMs.size === 0) return;
  await db.query(
    `update device d
     set last_seen_at = least(seen.at, now())
     from unnest($1::integer[], $2::timestamptz[]) seen (id, at)
     where d.id = seen.id
       and (d.last_seen_at is null
         or d.last_seen_at < least(seen.at, now()) - make_interval(secs => $3)
         or d.last_seen_at > now())`,
    [[...seenAtMs.keys()], [...seenAtMs.values()].map((atMs) => new Date(atMs)), SEEN_EVERY_MS / 2000],
  );
}
