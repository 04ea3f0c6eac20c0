// Devices that speak through a gateway and that nobody has claimed; and the claim, which makes one a device with a past.
import type { Carrier, ProfileId } from "#devices/vocabulary";
import { sqlText, type Db, type PoolClient } from "../pool.ts";
import { moveUnclaimed, requestReplay } from "../quarantine/request-replay.ts";
import { lockDevice } from "./device-access.ts";
import { insertDevice } from "./devices.ts";
import { scoped, type Scope } from "./scope.ts";

/** Identifies an unclaimed device: which gateway, and what it calls whom. */
export type UnclaimedKey = { readonly gatewayId: number; readonly externalId: string };

export type UnclaimedDevice = UnclaimedKey & {
  readonly buildingId: number;
  /** IANA zone of the building. */
  readonly timezone: string;
  /** The viewer may see what it measures; else only which registers it has. */
  readonly readable: boolean;
  readonly messages: number;
  /** Of payload. */
  readonly bytes: number;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** Of the latest message: as which it was recognised, its topic, when it came, and its bytes unless they are many. */
  readonly profile: string | null;
  readonly topic: Buffer;
  readonly receivedAt: Date;
  readonly payload: Buffer | null;
};

const LIST = sqlText(import.meta.url, "./list-unclaimed.sql");
const PAYLOAD_SHOWN_BYTES = 16 * 1024;

/** By gateway and name. `after`: the last one of the page before. */
export async function listUnclaimed(
  db: Db,
  scope: Scope,
  page: {
    readonly gatewayId?: number | undefined;
    readonly after?: UnclaimedKey | undefined;
    readonly limit: number;
  },
): Promise<{ readonly items: UnclaimedDevice[]; readonly next: UnclaimedKey | undefined }> {
  const { gatewayId = null, after, limit } = page;
  const rows = await scoped<UnclaimedDevice>(db, scope, LIST, [
    gatewayId,
    after?.gatewayId ?? 0,
    after?.externalId ?? "",
    limit + 1,
    PAYLOAD_SHOWN_BYTES,
  ]);
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? items.at(-1) : undefined };
}

export type DeviceClaim = UnclaimedKey & {
  readonly name: string;
  /** `undefined`: as which it was recognised. */
  readonly profile: Exclude<ProfileId, "gateway"> | undefined;
  readonly expectedIntervalS: number | null;
  readonly supplyPoints: Readonly<Partial<Record<Carrier, number>>>;
};

export type ClaimOutcome =
  | { readonly deviceId: number }
  /** Nothing unclaimed of this name is seen. */
  | "unknown"
  | "claimed_already"
  /** No family recognised it, and the claim names none. */
  | "profile_missing"
  /** A supply point is not seen, of another building or of another carrier than it is given for. */
  | "supply_point_unknown";

/**
 * Makes an unclaimed device a child of its gateway and gives it all that it said so far, to be read again. Within the
 * caller's transaction. The gateway's row is locked, so messages that are being quarantined meanwhile are among them.
 */
export async function claimDevice(
  client: PoolClient,
  scope: Scope,
  claim: DeviceClaim,
): Promise<ClaimOutcome> {
  const { gatewayId, externalId } = claim;
  if (!(await lockDevice(client, scope, gatewayId))) return "unknown";
  const { rows } = await client.query<Gateway>(LOOK, [gatewayId, externalId]);
  const gateway = rows[0];
  if (gateway === undefined) return "unknown";
  if (gateway.claimed) return "claimed_already";
  if (gateway.lastSeenAt === null) return "unknown";
  const profile = claim.profile ?? gateway.profile;
  if (profile === null) return "profile_missing";
  const deviceId = await insertDevice(client, scope, {
    buildingId: gateway.buildingId,
    name: claim.name,
    profile,
    expectedIntervalS: claim.expectedIntervalS,
    supplyPoints: claim.supplyPoints,
    behind: { gatewayId, externalId },
  });
  if (deviceId === undefined) return "supply_point_unknown";
  await client.query("update device set last_seen_at = $2 where id = $1", [deviceId, gateway.lastSeenAt]);
  await moveUnclaimed(client, { gatewayId, externalId, deviceId });
  await requestReplay(client, { deviceId });
  return { deviceId };
}

type Gateway = {
  readonly buildingId: number;
  readonly claimed: boolean;
  readonly lastSeenAt: Date | null;
  readonly profile: ProfileId | null;
};

const LOOK = sqlText(import.meta.url, "./look-at-unclaimed.sql");
