// Changes are read once each, in whatever order their transactions begin and commit.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  currentChangeCursor,
  expireDeviceChanges,
  openPool,
  readDeviceChanges,
  type ChangeCursor,
  type Pool,
} from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
let cursor: ChangeCursor;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "device-changes-test" });
  cursor = await currentChangeCursor(pool);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

async function readOn(): Promise<string[]> {
  const read = await readDeviceChanges(pool, cursor);
  ({ cursor } = read);
  return read.changes.map(({ kind, deviceId }) => `${kind} ${deviceId}`);
}

test("what was committed before reading began is not read, and nothing is read twice", async () => {
  const { context } = await seedDevice(pool);
  cursor = await currentChangeCursor(pool);
  expect(await readOn()).toEqual([]);
  await pool.query("update device set expected_interval_s = 60 where id = $1", [context.id]);
  expect(await readOn()).toEqual([`access ${context.id}`]);
  expect(await readOn()).toEqual([]);
});

test("a transaction that began first and commits last is not missed, nor are those in between read again", async () => {
  const [slow, quick] = [(await seedDevice(pool)).context.id, (await seedDevice(pool)).context.id];
  await readOn();
  const client = await pool.connect();
  await client.query("begin");
  await client.query("update device set expected_interval_s = 61 where id = $1", [slow]);
  await pool.query("update device set expected_interval_s = 61 where id = $1", [quick]);
  expect(await readOn()).toEqual([`access ${quick}`]);
  await pool.query("update device set expected_interval_s = 62 where id = $1", [quick]);
  expect(await readOn()).toEqual([`access ${quick}`]);
  expect(await readOn()).toEqual([]);
  await client.query("commit");
  client.release();
  expect(await readOn()).toEqual([`access ${slow}`]);
  expect(await readOn()).toEqual([]);
});

test("what was rolled back is never read", async () => {
  const { context } = await seedDevice(pool);
  await readOn();
  const client = await pool.connect();
  await client.query("begin");
  await client.query("update device set expected_interval_s = 63 where id = $1", [context.id]);
  await client.query("rollback");
  client.release();
  expect(await readOn()).toEqual([]);
});

test("a secret, a removal and a command are heard of; presence is not, nor what stays as it was", async () => {
  const { id } = (await seedDevice(pool)).context;
  await readOn();
  await pool.query(
    "insert into device_credential (device_id, secret_hash, created_at) values ($1, sha256('x'), now())",
    [id],
  );
  expect(await readOn()).toEqual([`access ${id}`]);
  await pool.query(
    `insert into device_command (device_id, topic, payload, created_at, expires_at)
     values ($1, 't', '', now(), now() + interval '1 hour')`,
    [id],
  );
  expect(await readOn()).toEqual([`command ${id}`]);
  await pool.query(
    "update device set last_seen_at = now(), connected_at = now(), connected_by = 'x' where id = $1",
    [id],
  );
  await pool.query("update device set profile = profile where id = $1", [id]);
  expect(await readOn()).toEqual([]);
  await pool.query("update device set removed_at = now() where id = $1", [id]);
  expect(await readOn()).toEqual([`access ${id}`]);
});

test("changes of more than a day ago are forgotten", async () => {
  const before = await pool.query("select from device_change");
  await pool.query(
    "update device_change set changed_at = now() - interval '25 hours' where id = (select min(id) from device_change)",
  );
  expect(await expireDeviceChanges(pool, Date.now())).toBe(1);
  expect((await pool.query("select from device_change")).rowCount).toBe((before.rowCount ?? 0) - 1);
});
