// Marks messages in quarantine to be read again; whoever reads them looks for the mark.
import type { QuarantineReason } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

const REQUEST_SEEN = sqlText(import.meta.url, "./request-seen-replay.sql");
const REQUEST = sqlText(import.meta.url, "./request-replay.sql");
const MOVE = sqlText(import.meta.url, "./move-unclaimed.sql");
const RETURN = sqlText(import.meta.url, "./return-to-gateway.sql");

export type ReplayRequest = {
  readonly deviceId: number;
  readonly reason?: QuarantineReason | undefined;
  /** Of a gateway: how it calls the device that spoke. */
  readonly externalId?: string | undefined;
};

/** Returns how many messages of the device it marked. For no viewer: the caller knows that this device may be touched. */
export async function requestReplay(
  db: Db,
  { deviceId, reason, externalId }: ReplayRequest,
): Promise<number> {
  const { rowCount } = await db.query(REQUEST, [deviceId, reason ?? null, externalId ?? null]);
  return rowCount ?? 0;
}

/** What a gateway said of a device that now is one becomes that device's own. Returns how many messages that were. */
export async function moveUnclaimed(
  db: Db,
  move: { readonly gatewayId: number; readonly externalId: string; readonly deviceId: number },
): Promise<number> {
  const { rowCount } = await db.query(MOVE, [move.gatewayId, move.externalId, move.deviceId]);
  return rowCount ?? 0;
}

/** What waits of a device behind a gateway is unclaimed again. Returns how many messages that are. */
export async function returnToGateway(db: Db, deviceId: number): Promise<number> {
  const { rowCount } = await db.query(RETURN, [deviceId]);
  return rowCount ?? 0;
}

const REQUESTED_AT_ONCE = 100_000;

/** Marks what the viewer sees, the oldest first, at most 100,000 messages; returns how many. */
export async function requestSeenReplay(
  db: Db,
  scope: Scope,
  filter: { readonly deviceId?: number | undefined; readonly reason?: QuarantineReason | undefined },
): Promise<number> {
  const [row] = await scoped<{ count: number }>(db, scope, REQUEST_SEEN, [
    filter.deviceId ?? null,
    filter.reason ?? null,
    REQUESTED_AT_ONCE,
  ]);
  return row?.count ?? 0;
}
