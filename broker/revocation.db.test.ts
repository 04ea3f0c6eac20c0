// A credential that ends disconnects at once; what the device left to be said after its end is not said any more.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { pino } from "pino";
import { systemTime } from "#devices/time";
import { createChangeWaker } from "#jobs";
import { freshRedis, until, type FreshRedis } from "#testing";
import { createBroker, type Broker } from "./create-broker.ts";
import {
  createBuilding,
  createDevice,
  LOOPBACK,
  openClient,
  openSite,
  RawClient,
  type Site,
  type TestDevice,
} from "./test-site.ts";

/** So long that nothing but the word from Redis can be the cause. */
const NEVER_MS = 3_600_000;

let site: Site;
let redis: FreshRedis;
let woken: Broker;
let buildingId: number;
beforeAll(async () => {
  redis = await freshRedis();
  // By itself, within a second; the once-a-minute verification plays no part in a test.
  site = await openSite();
  woken = await createBroker({
    pool: site.pool,
    time: systemTime,
    log: pino({ level: "silent" }),
    ingest: site.ingest,
    config: LOOPBACK,
    redisUrl: redis.url,
    limits: { changesEveryMs: NEVER_MS },
  });
  buildingId = await createBuilding(site.pool);
});
afterAll(async () => {
  await woken.close();
  await site.close();
  await redis.stop();
});

const portOf = (broker: Broker) => Number(new URL(broker.urls.mqtt).port);

const revoke = (device: TestDevice) =>
  site.pool.query("update device_credential set revoked_at = now() where device_id = $1", [device.id]);

async function connected(
  port: number,
  device: TestDevice,
  options: Parameters<RawClient["connect"]>[1] = {},
) {
  const client = new RawClient(port);
  client.connect(device, options);
  const connack = await client.take("connack");
  return { client, code: "returnCode" in connack ? connack.returnCode : undefined };
}

test("without Redis an open connection is closed within a second or two, and stays out", async () => {
  const device = await createDevice(site.pool, buildingId);
  const { client } = await connected(site.port, device);
  await revoke(device);
  await client.closed;
  // The cache that let it in is forgotten with it.
  expect((await connected(site.port, device)).code).toBe(4);
});

test("a word over Redis closes it at once", async () => {
  const waker = createChangeWaker(redis.url, { warn: () => undefined });
  const device = await createDevice(site.pool, buildingId);
  const { client } = await connected(portOf(woken), device);
  let closed = false;
  void client.closed.then(() => (closed = true));
  await revoke(device);
  await sleep(300);
  expect(closed).toBe(false);
  await until(() => {
    waker.notify();
    return closed;
  }, "the connection is closed");
  expect((await connected(portOf(woken), device)).code).toBe(4);
  waker.close();
});

test("the others of the building stay connected, and one whose interval is changed too", async () => {
  const [gone, stays] = [
    await createDevice(site.pool, buildingId),
    await createDevice(site.pool, buildingId),
  ];
  const first = await connected(site.port, gone);
  const second = await connected(site.port, stays);
  await site.pool.query("update device set expected_interval_s = 30 where id = $1", [stays.id]);
  await revoke(gone);
  await first.client.closed;
  second.client.write({ cmd: "pingreq" });
  await second.client.take("pingresp");
  second.client.socket.destroy();
});

test("its will is not published, but that of a connection that was cut is: once, to ingest and to its own listeners", async () => {
  const device = await createDevice(site.pool, buildingId);
  const will = { topic: "status", payload: Buffer.from("not SenML"), qos: 1, retain: false } as const;
  const stored = async () =>
    (
      await site.pool.query("select 1 from quarantine where device_id = $1 and topic = 'status'::bytea", [
        device.id,
      ])
    ).rowCount;
  const listener = await openClient(site.port, device, { clientId: "listener" });
  const heard: string[] = [];
  listener.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  await listener.subscribeAsync("#", { qos: 1 });

  const cut = await connected(site.port, device, { clientId: "cut", will });
  cut.client.socket.destroy();
  await until(async () => heard.length > 0 && (await stored()) === 1, "the will is heard and stored");
  await sleep(200);
  expect(heard).toEqual(["status not SenML"]);

  const polite = await connected(site.port, device, { clientId: "polite", will });
  polite.client.write({ cmd: "disconnect" });
  await polite.client.closed;
  const revoked = await connected(site.port, device, { clientId: "revoked", will });
  await revoke(device);
  await revoked.client.closed;
  await sleep(200);
  expect(await stored()).toBe(1);
  listener.end(true);
});
