// Marks messages in quarantine to be read again; whoever reads them looks for the mark.
import type { QuarantineReason } from "#devices/vocabulary";
import { scoped, type Scope } from "../directory/scope.ts";
import { sqlText, type Db } from "../pool.ts";

const REQUEST_SEEN = sqlText(import.meta.url, "./request-seen-replay.sql");

/** A row whose attempt is under way is marked anew: the attempt may know nothing of the fix that this request follows. */
const WAITING = "replayed_at is null and (replay_requested_at is null or replay_requested_at > now())";

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
  const { rowCount } = await db.query(
    `update quarantine
     set replay_requested_at = now()
     where device_id = $1
       and ($2::text is null or reason = $2)
       and ($3::text is null or external_id = $3)
       and ${WAITING}`,
    [deviceId, reason ?? null, externalId ?? null],
  );
  return rowCount ?? 0;
}

/** What a gateway said of a device that now is one becomes that device's own. Returns how many messages that were. */
export async function moveUnclaimed(
  db: Db,
  move: { readonly gatewayId: number; readonly externalId: string; readonly deviceId: number },
): Promise<number> {
  const { rowCount } = await db.query(
    `update quarantine
     set device_id = $3, external_id = null
     where device_id = $1
       and external_id = $2
       and reason = 'device_unclaimed'
       and replayed_at is null`,
    [move.gatewayId, move.externalId, move.deviceId],
  );
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
