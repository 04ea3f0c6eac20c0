// Devices that speak through a gateway: who they are, what came before they were known, and when they last spoke.
import { sqlText, type Db } from "../pool.ts";
import type { DeviceContext } from "./device-context.ts";
import { SEEN_EVERY_MS } from "./presence.ts";

/** A claimed device, with the gateway's name for it. */
export type Child = { readonly externalId: string; readonly device: DeviceContext };

const LOAD = sqlText(import.meta.url, "./load-children.sql");
const ADOPT = sqlText(import.meta.url, "./adopt-claimed.sql");

/** The claimed devices of many gateways in one query. */
export async function loadChildren(db: Db, gatewayIds: readonly number[]): Promise<Child[]> {
  const { rows } = await db.query<DeviceContext & { externalId: string }>({
    name: "load-children",
    text: LOAD,
    values: [gatewayIds],
  });
  return rows.map(({ externalId, ...device }) => ({ externalId, device }));
}

/** Gives claimed devices what was kept as unclaimed after their claim, to be read again; returns how many messages. */
export async function adoptClaimed(db: Db, gatewayIds: readonly number[]): Promise<number> {
  const { rowCount } = await db.query({ name: "adopt-claimed", text: ADOPT, values: [gatewayIds] });
  return rowCount ?? 0;
}

/** Notes when each of these devices spoke last; a mark that is less than half a minute older stays. */
export async function markChildrenSeen(db: Db, seenAtMs: ReadonlyMap<number, number>): Promise<void> {
  if (seenAtMs.size === 0) return;
  await db.query(
    `update device d
     set last_seen_at = seen.at
     from unnest($1::integer[], $2::timestamptz[]) seen (id, at)
     where d.id = seen.id
       and (d.last_seen_at is null or d.last_seen_at < seen.at - make_interval(secs => $3))`,
    [[...seenAtMs.keys()], [...seenAtMs.values()].map((atMs) => new Date(atMs)), SEEN_EVERY_MS / 2000],
  );
}
