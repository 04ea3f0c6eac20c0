// Rates over real sockets: a device that is over its own is slowed, everything it sent is stored, and nobody else waits.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import {
  createDevice,
  LOOPBACK,
  openClient,
  openSite,
  RawClient,
  senml,
  type Site,
  type TestDevice,
} from "./test-site.ts";

/** The device may send 20 at once and 40 a second. */
const RATE = {
  deviceRateMax: 40,
  buildingRateMax: 60,
  rateBurstS: 0.5,
  deviceConnectRateMax: 0.1,
  deviceConnectBurst: 4,
};
let site: Site;
let neighbour: TestDevice;
let elsewhere: TestDevice;

beforeAll(async () => {
  site = await openSite({ limits: RATE, config: { ...LOOPBACK, MQTT_WS_PORT: 0 } });
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  neighbour = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const other = await site.pool.query<{ id: number }>(
    `insert into building (organisation_id, name, address, postal_code, country, region, timezone, dwellings)
     select organisation_id, name, address, postal_code, country, region, timezone, dwellings
     from building
     limit 1
     returning id`,
  );
  elsewhere = await createDevice(site.pool, other.rows[0]?.id ?? 0);
});
afterAll(() => site.close());

async function stored(device: TestDevice): Promise<number> {
  const { rows } = await site.pool.query<{ count: number }>(
    "select count(*)::integer as count from reading where device_id = $1",
    [device.id],
  );
  return rows[0]?.count ?? 0;
}

async function slowed(): Promise<number> {
  return Number(/^koprogo_mqtt_slowed_total (\d+)/m.exec(await site.broker.metrics())?.[1]);
}

/** Publishes `count` messages one after the other without waiting for answers; answers how long all of them took. */
async function flood(device: TestDevice, count: number, qos: 0 | 1, url?: string): Promise<number> {
  const port = Number(new URL(url ?? site.broker.urls.mqtt).port);
  const client = await openClient(port, device, url === undefined ? {} : { protocol: "ws" });
  const startMs = performance.now();
  const fromMs = Date.UTC(2025, 0, 1);
  const sent = Array.from({ length: count }, (_, index) =>
    client.publishAsync("t", senml(`flood${qos}`, index, fromMs + index * 1000), { qos }),
  );
  await Promise.all(sent);
  if (qos === 0) await client.subscribeAsync("behind");
  const tookMs = performance.now() - startMs;
  expect(client.connected).toBe(true);
  await client.endAsync();
  return tookMs;
}

test("QoS 1 over the rate is slowed by not being read, nothing is lost, and the neighbour is answered meanwhile", async () => {
  const before = await slowed();
  const state = { flooding: true };
  const flooded = flood(site.meter, 100, 1).finally(() => (state.flooding = false));
  const client = await openClient(site.port, elsewhere);
  let answered = 0;
  while (state.flooding) {
    await client.publishAsync("t", senml("steady", answered, Date.UTC(2026, 0, 1) + answered * 1000), {
      qos: 1,
    });
    answered++;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await client.endAsync();
  // One read may bring them all at once; then the burst and what is beyond it are paid back before the next.
  await flooded;
  expect(await stored(site.meter)).toBe(100);
  expect(await stored(elsewhere)).toBe(answered);
  expect(await slowed()).toBeGreaterThan(before);
});

test("what follows a read that was over the rate waits until it is paid for, and is answered then", async () => {
  const before = await slowed();
  const client = new RawClient(site.port);
  client.connect(site.stranger);
  await client.take("connack");
  const message = (id: number) =>
    ({
      cmd: "publish",
      topic: "t",
      payload: senml("debt", id, Date.UTC(2026, 0, 1) + id * 1000),
      qos: 1,
      messageId: id,
      dup: false,
      retain: false,
    }) as const;
  // 80 in one write: 20 of them are the burst, 60 are over, which is a second and a half.
  client.write(...Array.from({ length: 80 }, (_, index) => message(index + 1)));
  for (let index = 0; index < 80; index++) await client.take("puback");
  client.write(message(81), { cmd: "pingreq" });
  await client.take("puback");
  await client.take("pingresp");
  expect(await slowed()).toBeGreaterThan(before);
  expect(await stored(site.stranger)).toBe(81);
  client.socket.destroy();
});

test("QoS 0 over the rate is slowed alike, not dropped", async () => {
  const before = await stored(elsewhere);
  await flood(elsewhere, 100, 0);
  await until(async () => (await stored(elsewhere)) === before + 100, "all of them are stored");
});

test("over WebSocket too", async () => {
  const before = await slowed();
  await flood(neighbour, 100, 1, site.broker.urls.ws);
  expect(await stored(neighbour)).toBe(100);
  expect(await slowed()).toBeGreaterThan(before);
});

test("a device that connects again and again is told that the server is unavailable (3), others are not", async () => {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  const flapping = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const calm = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const codes: unknown[] = [];
  for (const device of [flapping, flapping, flapping, flapping, flapping, calm]) {
    const client = new RawClient(site.port);
    client.connect(device);
    codes.push(await client.take("connack"));
    client.socket.destroy();
    await client.closed;
  }
  expect(codes).toMatchObject([0, 0, 0, 0, 3, 0].map((returnCode) => ({ returnCode })));
  await until(
    async () => (await site.broker.metrics()).includes('reason="rate"} 1'),
    "the refusal is counted",
  );
});
