// Who may connect: a credential of this device, neither revoked nor expired, and a device that is still there.
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { authenticateDevices, openPool, type Claim, type Pool } from "#store";
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

const withSecret = (deviceId: number, secretHash: Buffer): Claim => ({
  deviceId,
  proof: { kind: "secret", secretHash },
});
const withCertificate = (deviceId: number, validFromMs: number): Claim => ({
  deviceId,
  proof: { kind: "certificate", validFromMs },
});

async function authenticateDevice(db: Pool, deviceId: number, secretHash: Buffer, nowMs: number) {
  const [device] = await authenticateDevices(db, [withSecret(deviceId, secretHash)], nowMs);
  return device;
}

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

test("many claims are one query, each answered in its place", async () => {
  const hashes = Array.from({ length: 50 }, () => randomBytes(32));
  const seeded = await Promise.all(hashes.map((secretHash) => seedDevice(pool, { secretHash })));
  const claims = seeded.flatMap(({ context }, index) => [
    withSecret(context.id, hashes[index] ?? randomBytes(32)),
    withSecret(context.id, randomBytes(32)),
    withCertificate(context.id, NOW),
  ]);
  const ids = (await authenticateDevices(pool, claims, NOW)).map((device) => device?.id);
  expect(ids).toEqual(seeded.flatMap(({ context }) => [context.id, undefined, context.id]));
  expect(await authenticateDevices(pool, [], NOW)).toEqual([]);
});

test("a certificate from before the last revocation, of a removed device or of one behind a gateway does not hold", async () => {
  const { context } = await seedDevice(pool);
  const holds = async (deviceId: number, validFromMs: number) =>
    (await authenticateDevices(pool, [withCertificate(deviceId, validFromMs)], NOW))[0] !== undefined;
  expect(await holds(context.id, NOW - 1)).toBe(true);
  await pool.query("update device set certificates_from = $2 where id = $1", [context.id, new Date(NOW)]);
  expect([await holds(context.id, NOW - 1), await holds(context.id, NOW)]).toEqual([false, true]);
  await pool.query("update device set removed_at = now() where id = $1", [context.id]);
  expect(await holds(context.id, NOW)).toBe(false);
  const [gateway, child] = [await seedDevice(pool), await seedDevice(pool)];
  await pool.query("update device set parent_id = $2, external_id = 'x' where id = $1", [
    child.context.id,
    gateway.context.id,
  ]);
  expect(await holds(child.context.id, NOW)).toBe(false);
});
