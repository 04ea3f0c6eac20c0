// Who may connect: a credential of this device, neither revoked nor expired, and a device that is still there.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authenticateDevice, markConnected, markDisconnected, markSeen, openPool, type Pool } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "device-context-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const NOW = Date.UTC(2026, 0, 15, 12);

test("the right secret gives what the device's messages need to be read", async () => {
  const secretHash = randomBytes(32);
  const { context } = await seedDevice(pool, { profile: "dsmr-p1", expectedIntervalS: 10, secretHash });
  expect(await authenticateDevice(pool, context.id, secretHash, NOW)).toEqual({
    id: context.id,
    buildingId: context.buildingId,
    profile: "dsmr-p1",
    expectedIntervalS: 10,
    timezone: "Europe/Brussels",
    parentId: null,
  });
});

test("another device's secret, a wrong one and an impossible id are unknown", async () => {
  const secretHash = randomBytes(32);
  const { context } = await seedDevice(pool, { secretHash });
  const other = await seedDevice(pool, { secretHash: randomBytes(32) });
  expect(await authenticateDevice(pool, other.context.id, secretHash, NOW)).toBeUndefined();
  expect(await authenticateDevice(pool, context.id, randomBytes(32), NOW)).toBeUndefined();
  for (const id of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
    expect(await authenticateDevice(pool, id, secretHash, NOW)).toBeUndefined();
  }
});

test("a secret ends when it expires or is revoked, or with its device; a second one overlaps", async () => {
  const [old, fresh] = [randomBytes(32), randomBytes(32)];
  const { context } = await seedDevice(pool, { secretHash: old });
  await pool.query(
    "insert into device_credential (device_id, secret_hash, created_at) values ($1, $2, now())",
    [context.id, fresh],
  );
  await pool.query("update device_credential set expires_at = $2 where secret_hash = $1", [
    old,
    new Date(NOW + 1000),
  ]);
  expect(await authenticateDevice(pool, context.id, old, NOW)).toBeDefined();
  expect(await authenticateDevice(pool, context.id, fresh, NOW)).toBeDefined();
  expect(await authenticateDevice(pool, context.id, old, NOW + 1000)).toBeUndefined();
  await pool.query("update device_credential set revoked_at = now() where secret_hash = $1", [fresh]);
  expect(await authenticateDevice(pool, context.id, fresh, NOW)).toBeUndefined();
  await pool.query("update device set removed_at = now() where id = $1", [context.id]);
  expect(await authenticateDevice(pool, context.id, old, NOW)).toBeUndefined();
});

test("presence keeps the latest change, and last_seen_at moves at most once in half a minute", async () => {
  const { context } = await seedDevice(pool);
  const ids = [context.id];
  await markConnected(pool, ids, NOW);
  await markDisconnected(pool, ids, NOW + 5);
  await markConnected(pool, ids, NOW - 5);
  await markSeen(pool, ids, NOW);
  await markSeen(pool, ids, NOW + 29_000);
  const { rows } = await pool.query(
    "select connected_at, disconnected_at, last_seen_at from device where id = $1",
    [context.id],
  );
  expect(rows).toEqual([
    { connected_at: new Date(NOW), disconnected_at: new Date(NOW + 5), last_seen_at: new Date(NOW) },
  ]);
  await markSeen(pool, ids, NOW + 60_000);
  const later = await pool.query("select last_seen_at from device where id = $1", [context.id]);
  expect(later.rows).toEqual([{ last_seen_at: new Date(NOW + 60_000) }]);
});
