// A device in a building, with a supply point per carrier, for tests that need one to send readings.
import type { Carrier, ProfileId } from "#devices/vocabulary";
import { sqlText, type Pool } from "../pool.ts";
import type { DeviceContext } from "../readings/index.ts";

const SEED = sqlText(import.meta.url, "./seed-device.sql");

export type SeededDevice = {
  readonly context: DeviceContext;
  readonly supplyPoints: Readonly<Record<Carrier, number>>;
};

export async function seedDevice(
  pool: Pool,
  over: { profile?: ProfileId; expectedIntervalS?: number | null; secretHash?: Buffer } = {},
): Promise<SeededDevice> {
  const { rows } = await pool.query<SeededDevice>(SEED, [
    over.profile ?? "senml",
    over.expectedIntervalS ?? null,
    over.secretHash ?? Buffer.alloc(32, 1),
  ]);
  const seeded = rows[0];
  if (seeded === undefined) throw new Error("the device was not created");
  return seeded;
}
