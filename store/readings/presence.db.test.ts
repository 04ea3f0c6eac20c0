// Presence with several brokers: the last one that a device connected to has it, and the living clean up after the dead.
import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  currentChangeCursor,
  forgetBroker,
  forgetSilentBrokers,
  markBrokerHeard,
  markConnected,
  markDisconnected,
  markSeen,
  markStillConnected,
  openPool,
  readDeviceChanges,
  type Pool,
} from "#store";
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "presence-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const NOW = Date.UTC(2026, 0, 15, 12);

async function newDevice(): Promise<number> {
  return (await seedDevice(pool, { secretHash: randomBytes(32) })).context.id;
}

async function presenceOf(deviceId: number) {
  const { rows } = await pool.query<{ connected: Date | null; gone: Date | null; by: string | null }>(
    'select connected_at as connected, disconnected_at as gone, connected_by as "by" from device where id = $1',
    [deviceId],
  );
  const [row] = rows;
  return { connected: row?.connected?.getTime(), gone: row?.gone?.getTime(), by: row?.by };
}

test("a device that moves is at its new broker, whichever of the two writes last", async () => {
  const deviceId = await newDevice();
  await markConnected(pool, "old", [{ deviceId, atMs: NOW }]);
  await markConnected(pool, "new", [{ deviceId, atMs: NOW + 10 }]);
  await markDisconnected(pool, "old", [{ deviceId, atMs: NOW + 20 }]);
  expect(await presenceOf(deviceId)).toEqual({ connected: NOW + 10, gone: undefined, by: "new" });
  await markDisconnected(pool, "new", [{ deviceId, atMs: NOW + 30 }]);
  expect(await presenceOf(deviceId)).toEqual({ connected: NOW + 10, gone: NOW + 30, by: null });
});

test("whose other connection ended elsewhere is marked again by the broker that still has it", async () => {
  const [deviceId, other] = [await newDevice(), await newDevice()];
  await markConnected(pool, "one", [{ deviceId, atMs: NOW }]);
  await markConnected(pool, "two", [
    { deviceId, atMs: NOW + 1 },
    { deviceId: other, atMs: NOW + 1 },
  ]);
  await markDisconnected(pool, "two", [{ deviceId, atMs: NOW + 2 }]);
  await markStillConnected(pool, "one", [deviceId, other], NOW + 3);
  expect((await presenceOf(deviceId)).by).toBe("one");
  expect(await presenceOf(other)).toEqual({ connected: NOW + 1, gone: undefined, by: "two" });
});

test("last_seen_at moves at most once in half a minute", async () => {
  const deviceId = await newDevice();
  const seenAt = async () =>
    (await pool.query<{ at: Date }>("select last_seen_at as at from device where id = $1", [deviceId])).rows;
  await markSeen(pool, new Map([[deviceId, NOW]]));
  await markSeen(pool, new Map([[deviceId, NOW + 29_000]]));
  expect(await seenAt()).toEqual([{ at: new Date(NOW) }]);
  await markSeen(pool, new Map([[deviceId, NOW + 60_000]]));
  expect(await seenAt()).toEqual([{ at: new Date(NOW + 60_000) }]);
});

test("last_seen_at never lies in the future, and does not stay there when it once did", async () => {
  const deviceId = await newDevice();
  const seenAtMs = async (): Promise<number> => {
    const { rows } = await pool.query<{ at: Date }>("select last_seen_at as at from device where id = $1", [
      deviceId,
    ]);
    return rows[0]?.at.getTime() ?? Number.NaN;
  };
  await markSeen(pool, new Map([[deviceId, Date.now() + HOUR_MS]]));
  expect(await seenAtMs()).toBeLessThanOrEqual(Date.now() + MINUTE_MS);
  await pool.query("update device set last_seen_at = now() + interval '1 hour' where id = $1", [deviceId]);
  await markSeen(pool, new Map([[deviceId, NOW]]));
  expect(await seenAtMs()).toBe(NOW);
});

test("of a broker that fell silent the devices are gone since it was heard last, and its commands wait again", async () => {
  const [dead, alive] = [randomUUID(), randomUUID()];
  const [early, late, elsewhere] = [await newDevice(), await newDevice(), await newDevice()];
  expect(await markBrokerHeard(pool, dead)).toBe(false);
  expect(await markBrokerHeard(pool, dead)).toBe(true);
  await markBrokerHeard(pool, alive);
  const heardMs = Date.now() - 60_000;
  await pool.query("update broker set heard_at = $2 where id = $1", [dead, new Date(heardMs)]);
  await markConnected(pool, dead, [
    { deviceId: early, atMs: heardMs - 5000 },
    { deviceId: late, atMs: heardMs + 2000 },
  ]);
  await markConnected(pool, alive, [{ deviceId: elsewhere, atMs: heardMs }]);
  await pool.query(
    `insert into device_command (device_id, topic, payload, state, created_at, expires_at, sent_at, sent_by)
     values ($1, 't', '', 'sent', now(), now() + interval '1 hour', now(), $2)`,
    [early, dead],
  );
  const cursor = await currentChangeCursor(pool);

  expect(await forgetSilentBrokers(pool, 30_000)).toEqual([dead]);
  expect(await presenceOf(early)).toEqual({ connected: heardMs - 5000, gone: heardMs, by: null });
  expect((await presenceOf(late)).gone).toBe(heardMs + 2000);
  expect((await presenceOf(elsewhere)).by).toBe(alive);
  const { rows } = await pool.query("select state, sent_by from device_command where device_id = $1", [
    early,
  ]);
  expect(rows).toEqual([{ state: "pending", sent_by: null }]);
  const { changes } = await readDeviceChanges(pool, cursor);
  expect(changes).toEqual([{ deviceId: early, kind: "command" }]);

  expect(await forgetSilentBrokers(pool, 30_000)).toEqual([]);
  expect(await markBrokerHeard(pool, dead)).toBe(false);
  await forgetBroker(pool, alive);
  expect(await markBrokerHeard(pool, alive)).toBe(false);
});
