// What we ask of a device by ourselves, in its family's words: a command that nobody of flesh wrote.
import { sqlText, type Db } from "../pool.ts";

const REQUEST = sqlText(import.meta.url, "./request-of-device.sql");

export type OwnRequest = {
  readonly deviceId: number;
  /** The device's own, without its mount. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
};

/** Written down for the brokers, who hear of it; once, while the same waits. */
export async function requestOfDevice(db: Db, request: OwnRequest): Promise<void> {
  const { deviceId, topic, payload, createdAtMs, expiresAtMs } = request;
  await db.query({
    name: "request-of-device",
    text: REQUEST,
    values: [deviceId, topic, Buffer.from(payload), new Date(createdAtMs), new Date(expiresAtMs)],
  });
}
