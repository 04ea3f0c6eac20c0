// Who is behind a connection: a device's secret is checked and what its messages need to be read is loaded.
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

const AUTHENTICATE = sqlText(import.meta.url, "./authenticate-device.sql");

/** The largest identifier that the database's `integer` holds. */
const ID_MAX = 2_147_483_647;

/**
 * The device with this id, if `secretHash` (SHA-256 of the secret) is one of its credentials at `nowMs`: neither
 * revoked nor expired, on a device that was not removed. The hash is looked up, so nothing about it can be timed.
 */
export async function authenticateDevice(
  db: Db,
  deviceId: number,
  secretHash: Buffer,
  nowMs: number,
): Promise<DeviceContext | undefined> {
  if (!Number.isInteger(deviceId) || deviceId < 1 || deviceId > ID_MAX) return undefined;
  const { rows } = await db.query<DeviceContext>({
    name: "authenticate-device",
    text: AUTHENTICATE,
    values: [deviceId, secretHash, new Date(nowMs)],
  });
  return rows[0];
}
