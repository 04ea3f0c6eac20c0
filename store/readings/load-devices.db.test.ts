// Devices by identifier: those that are there, many at once.
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDevices, openPool, type Pool } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "load-devices-test", max: 2 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test("devices that are there are loaded, unknown and removed ones are missing", async () => {
  const meter = await seedDevice(pool, { profile: "dsmr-p1", expectedIntervalS: 10 });
  const removed = await seedDevice(pool);
  await pool.query("update device set removed_at = now() where id = $1", [removed.context.id]);
  const loaded = await loadDevices(pool, [meter.context.id, removed.context.id, 2_147_483_647]);
  expect(loaded).toEqual([meter.context]);
  expect(meter.context).toMatchObject({ profile: "dsmr-p1", expectedIntervalS: 10, parentId: null });
});
