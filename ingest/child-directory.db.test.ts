// Behind a gateway: claimed devices' messages become theirs, strangers' wait with their names, and no claim loses a message.
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createIngest, createReplayer, type Ingest, type IngestMessage } from "#ingest";
import {
  claimDevice,
  inTransaction,
  openPool,
  removeDevice,
  scopeOf,
  type DeviceContext,
  type Pool,
  postgresStore,
} from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 0, 15, 12);
const admin = scopeOf({ id: 1, role: "admin", organisationId: 1, unitId: null }, NOW);
const log = pino({ level: "silent" });
const time = { now: () => NOW };

let database: FreshDatabase;
let pool: Pool;
let opened: Ingest[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "children-test" });
});
afterEach(async () => {
  await Promise.all(opened.map((ingest) => ingest.close(2000)));
  opened = [];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function start(): Ingest {
  const ingest = createIngest({ store: postgresStore(pool), time, log });
  opened.push(ingest);
  return ingest;
}

const gatewayDevice = async (): Promise<DeviceContext> =>
  (await seedDevice(pool, { profile: "gateway" })).context;

/** What a receiver says of a meter: `total` cubic metres, so many minutes before now. */
function heard(gateway: DeviceContext, id: string, total: string, minutesAgo = 0): IngestMessage {
  const timestamp = new Date(NOW - minutesAgo * 60_000).toISOString();
  const payload = `{"_":"telegram","media":"water","meter":"made","name":"","id":"${id}","total_m3":${total},"timestamp":"${timestamp}"}`;
  return {
    device: gateway,
    clientId: "receiver",
    topic: `wmbus/${id}`,
    payload: Buffer.from(payload),
    qos: 1,
    retained: false,
    receivedAtMs: NOW - minutesAgo * 60_000,
  };
}

const sendAll = (ingest: Ingest, messages: readonly IngestMessage[]) =>
  Promise.all(messages.map((one) => new Promise<void>((resolve) => ingest.accept(one, resolve))));

async function claim(gatewayId: number, externalId: string): Promise<number> {
  const outcome = await inTransaction(pool, (client) =>
    claimDevice(client, admin, {
      gatewayId,
      externalId,
      name: externalId,
      profile: undefined,
      expectedIntervalS: 60,
      supplyPoints: {},
    }),
  );
  if (typeof outcome === "string") throw new Error(outcome);
  return outcome.deviceId;
}

async function readingsOf(deviceId: number): Promise<number> {
  const { rows } = await pool.query("select count(*)::integer as n from reading where device_id = $1", [
    deviceId,
  ]);
  return rows[0].n;
}

async function quarantineOf(
  deviceId: number,
): Promise<{ external_id: string; profile: string; waits: boolean }[]> {
  const { rows } = await pool.query(
    "select external_id, profile, replayed_at is null as waits from quarantine where device_id = $1 order by id",
    [deviceId],
  );
  return rows;
}

async function drained(): Promise<void> {
  const replayer = createReplayer({ pool, time, log });
  for (;;) {
    replayer.wake();
    const { rows } = await pool.query(
      "select 1 from quarantine where replay_requested_at is not null limit 1",
    );
    if (rows.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await replayer.close();
}

test("two gateways that call a device alike do not mix: only the claimed one's messages are readings", async () => {
  const [one, other] = [await gatewayDevice(), await gatewayDevice()];
  const ingest = start();
  await sendAll(ingest, [heard(one, "20260001", "1.5", 2), heard(other, "20260001", "9.5", 2)]);
  expect(await quarantineOf(one.id)).toEqual([
    { external_id: "20260001/water", profile: "wmbusmeters", waits: true },
  ]);
  const child = await claim(one.id, "20260001/water");
  ingest.forgetChildren(one.id);
  await sendAll(ingest, [heard(one, "20260001", "1.6"), heard(other, "20260001", "9.6")]);
  expect(await readingsOf(child)).toBe(1);
  expect(await readingsOf(one.id)).toBe(0);
  expect(await quarantineOf(other.id)).toHaveLength(2);
});

test("a claim's past becomes readings, once, however often it is read again", async () => {
  const gateway = await gatewayDevice();
  const ingest = start();
  await sendAll(
    ingest,
    [30, 20, 10].map((minutes) => heard(gateway, "20260002", `${60 - minutes}.0`, minutes)),
  );
  const child = await claim(gateway.id, "20260002/water");
  expect(await quarantineOf(gateway.id)).toEqual([]);
  await drained();
  expect(await readingsOf(child)).toBe(3);
  expect((await quarantineOf(child)).map(({ waits }) => waits)).toEqual([false, false, false]);
  await pool.query(
    "update quarantine set replayed_at = null, replay_requested_at = now() where device_id = $1",
    [child],
  );
  await drained();
  ingest.forgetChildren(gateway.id);
  await sendAll(ingest, [heard(gateway, "20260002", "50.0", 10)]);
  expect(await readingsOf(child)).toBe(3);
});

test("what a broker still quarantined after a claim it had not heard of is adopted and read", async () => {
  const gateway = await gatewayDevice();
  const ingest = start();
  await sendAll(ingest, [heard(gateway, "20260003", "1.0", 20)]);
  const child = await claim(gateway.id, "20260003/water");
  await sendAll(ingest, [heard(gateway, "20260003", "2.0", 10)]);
  expect(await quarantineOf(gateway.id)).toHaveLength(1);
  ingest.forgetChildren(gateway.id);
  await sendAll(ingest, [heard(gateway, "20260003", "3.0")]);
  expect(await quarantineOf(gateway.id)).toEqual([]);
  await drained();
  expect(await readingsOf(child)).toBe(3);
});

test("messages of a gateway that is not loaded yet keep their order and are counted as unacknowledged", async () => {
  const gateway = await gatewayDevice();
  const ingest = start();
  const order: number[] = [];
  const messages = [1, 2, 3].map((n) => heard(gateway, `2026100${n}`, "1.0"));
  const done = messages.map(
    (one, index) => new Promise<void>((resolve) => ingest.accept(one, () => (order.push(index), resolve()))),
  );
  const bytes = messages.reduce((sum, { payload }) => sum + payload.length, 0);
  expect(ingest.pressure().unacknowledgedBytes).toBe(bytes);
  expect(ingest.queues().heldMessages).toBe(3);
  await Promise.all(done);
  expect(order).toEqual([0, 1, 2]);
  expect(ingest.pressure()).toEqual({ unacknowledgedBytes: 0, oldestMs: 0 });
});

test("a child is seen when it speaks, and a removed one is a stranger again", async () => {
  const gateway = await gatewayDevice();
  const ingest = start();
  await sendAll(ingest, [heard(gateway, "20260004", "1.0", 60)]);
  const child = await claim(gateway.id, "20260004/water");
  ingest.forgetChildren(gateway.id);
  await sendAll(ingest, [heard(gateway, "20260004", "2.0")]);
  await ingest.close();
  const { rows } = await pool.query("select last_seen_at from device where id = $1", [child]);
  expect(rows[0].last_seen_at).toEqual(new Date(NOW));
  await pool.query("update device set removed_at = now() where id = $1", [child]);
  await sendAll(start(), [heard(gateway, "20260004", "3.0")]);
  expect(await quarantineOf(gateway.id)).toMatchObject([{ external_id: "20260004/water", waits: true }]);
  expect(await claim(gateway.id, "20260004/water")).not.toBe(child);
});

test("what a removed device had not become readings is unclaimed again, and the next claim has it at once", async () => {
  const gateway = await gatewayDevice();
  await sendAll(start(), [heard(gateway, "20260006", "1.0", 20), heard(gateway, "20260006", "2.0", 10)]);
  const removed = await claim(gateway.id, "20260006/water");
  await inTransaction(pool, (client) => removeDevice(client, admin, removed));
  const waiting = { external_id: "20260006/water", profile: "wmbusmeters", waits: true };
  expect(await quarantineOf(gateway.id)).toEqual([waiting, waiting]);
  const child = await claim(gateway.id, "20260006/water");
  await drained();
  expect([await readingsOf(removed), await readingsOf(child)]).toEqual([0, 2]);
});

test("two claims of one device at once: one of them has it", async () => {
  const gateway = await gatewayDevice();
  await sendAll(start(), [heard(gateway, "20260005", "1.0")]);
  const outcomes = await Promise.allSettled([1, 2].map(() => claim(gateway.id, "20260005/water")));
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("closing commits what was accepted before the gateway's children were known", async () => {
  const gateway = await gatewayDevice();
  const ingest = start();
  let done = 0;
  for (let n = 0; n < 5; n++) ingest.accept(heard(gateway, `2026200${n}`, "1.0"), () => (done += 1));
  await ingest.close();
  expect(done).toBe(5);
});

test("bytes that no family knows wait under their topic, and so does a topic of any length", async () => {
  const gateway = await gatewayDevice();
  const topic = `tele/${"x".repeat(400)}/SENSOR`;
  await sendAll(start(), [
    { ...heard(gateway, "1", "1"), topic: "tele/cellar/SENSOR", payload: Buffer.from("21.5") },
    { ...heard(gateway, "1", "1"), topic, payload: Buffer.from([0, 255, 254]) },
  ]);
  expect(await quarantineOf(gateway.id)).toEqual([
    { external_id: "tele/cellar/SENSOR", profile: null, waits: true },
    { external_id: topic.slice(0, 256), profile: null, waits: true },
  ]);
});
