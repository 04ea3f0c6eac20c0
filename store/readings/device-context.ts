// Who is behind a connection: a device's secret or certificate is checked, and what its messages need to be read is loaded.
import type { ProfileId } from "#devices/vocabulary";
import { sqlText, type Db } from "../pool.ts";

/** What a connected device's messages need to be decoded and judged. */
export type DeviceContext = {
  readonly id: number;
  readonly buildingId: number;
  readonly profile: ProfileId;
  /** As registered; `null` where nobody said. */
  readonly expectedIntervalS: number | null;
  /** IANA zone of the building. */
  readonly timezone: string;
  /** The gateway it speaks through, or `null` for a device that connects itself. */
  readonly parentId: number | null;
};

/** Who a connection says it is, and what it shows for it. */
export type Claim = {
  readonly deviceId: number;
  readonly proof:
    | { readonly kind: "secret"; readonly secretHash: Buffer }
    | { readonly kind: "certificate"; readonly validFromMs: number };
};

const AUTHENTICATE = sqlText(import.meta.url, "./authenticate-devices.sql");

/** The largest identifier that the database's `integer` holds. */
const ID_MAX = 2_147_483_647;

/**
 * For each claim the device, if it holds at `nowMs`; many are one query. A secret's hash (SHA-256) must be one of the
 * device's credentials, neither revoked nor expired; it is looked up, so nothing about it can be timed. A certificate,
 * whose signature and dates the caller has checked, must not be from before the device's last revocation, and the
 * device must not speak through a gateway. Of a removed device nothing holds.
 */
export async function authenticateDevices(
  db: Db,
  claims: readonly Claim[],
  nowMs: number,
): Promise<(DeviceContext | undefined)[]> {
  const { rows } = await db.query<DeviceContext & { place: number }>({
    name: "authenticate-devices",
    text: AUTHENTICATE,
    values: [
      claims.map(({ deviceId }) => (isStorable(deviceId) ? deviceId : 0)),
      claims.map(({ proof }) => (proof.kind === "secret" ? proof.secretHash : null)),
      claims.map(({ proof }) => (proof.kind === "certificate" ? new Date(proof.validFromMs) : null)),
      new Date(nowMs),
    ],
  });
  const devices = claims.map((): DeviceContext | undefined => undefined);
  for (const { place, ...device } of rows) devices[place - 1] = device;
  return devices;
}

function isStorable(deviceId: number): boolean {
  return Number.isInteger(deviceId) && deviceId >= 1 && deviceId <= ID_MAX;
}
