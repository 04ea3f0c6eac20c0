// What the store has of a device, where a test runs neither API nor worker.
import { systemTime } from "#devices/time";
import { listReadings, type Pool } from "#store";
import type { Stored } from "./verdict.ts";

export async function storedInDatabase(pool: Pool, deviceId: string): Promise<Stored> {
  const { rows: registers } = await pool.query<{ id: number; name: string }>(
    "select id, name from register where device_id = $1",
    [deviceId],
  );
  const readings: string[] = [];
  for (const { id, name } of registers) {
    const span = { fromMs: 0, toMs: systemTime.now(), limit: 1_000_000 };
    const { items } = await listReadings(pool, id, span);
    for (const { observedAtMs, value } of items) readings.push(`${name} ${observedAtMs} ${value}`);
  }
  const { rows: kept } = await pool.query<{ payload: Buffer }>(
    "select payload from quarantine where device_id = $1",
    [deviceId],
  );
  return { readings, quarantined: kept.map(({ payload }) => payload.toString()), quarters: undefined };
}
