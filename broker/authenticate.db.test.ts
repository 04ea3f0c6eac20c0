// Who may connect: every refusal has its CONNACK code, and no device can disturb another's connection.
import { generate } from "mqtt-packet";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { createIngest } from "#ingest";
import { openPool, postgresStore } from "#store";
import { createBroker } from "./create-broker.ts";
import { until } from "#testing";
import {
  createDevice,
  LOOPBACK,
  openClient,
  openSite,
  RawClient,
  type Site,
  type TestDevice,
} from "./test-site.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite({
    limits: { reverifyAfterMs: 50, credentialCacheMs: 50, connectionsPerDeviceMax: 3 },
  });
});
afterAll(() => site.close());

/** The code of the CONNACK, after which the broker closes when it refused. */
async function codeOf(
  device: Partial<TestDevice>,
  options: Parameters<RawClient["connect"]>[1] = {},
): Promise<unknown> {
  const client = new RawClient(site.port);
  client.connect(device, options);
  const connack = await client.take("connack");
  const code = "returnCode" in connack ? connack.returnCode : undefined;
  if (code === 0) client.socket.destroy();
  await client.closed;
  return code;
}

test("a device with its secret is accepted", async () => {
  expect(await codeOf(site.meter)).toBe(0);
});

test("anonymous is not authorised (5)", async () => {
  expect(await codeOf({})).toBe(5);
});

test("a wrong secret, another device's secret and an unknown device are a bad user name or password (4)", async () => {
  expect(await codeOf({ username: site.meter.username, password: "wrong" })).toBe(4);
  expect(await codeOf({ username: site.meter.username, password: site.stranger.password })).toBe(4);
  expect(await codeOf({ username: "2000000000", password: site.meter.password })).toBe(4);
});

test("a user name that is no device id, and a missing password, are malformed (4)", async () => {
  for (const username of ["admin", "0", "01", "99999999999", "1' or '1'='1"]) {
    expect(await codeOf({ username, password: "x" }), username).toBe(4);
  }
  expect(await codeOf({ username: site.meter.username })).toBe(4);
});

test("an empty client id needs a clean session (2), and with one it is made up", async () => {
  expect(await codeOf(site.meter, { clientId: "", clean: true })).toBe(0);
  const client = new RawClient(site.port);
  const connect = Buffer.from(
    generate({
      cmd: "connect",
      clientId: "",
      clean: true,
      keepalive: 60,
      protocolId: "MQTT",
      protocolVersion: 4,
      username: site.meter.username,
      password: Buffer.from(site.meter.password),
    }),
  );
  const flagsAt = 9;
  const cleanSession = 2;
  connect.writeUInt8(connect.readUInt8(flagsAt) & ~cleanSession, flagsAt);
  client.write(connect);
  await client.closed;
  expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 2 }]);
});

test("MQTT 5 is answered with an unacceptable protocol version (1)", async () => {
  const client = new RawClient(site.port);
  client.connect(site.meter, { protocolVersion: 5 });
  await client.closed;
  expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 1 }]);
});

test("a will with a topic that nobody may publish to is not authorised (5)", async () => {
  for (const topic of ["a/#", "+/a", "$SYS/x"]) {
    const will = { topic, payload: Buffer.from("x"), qos: 1, retain: false } as const;
    expect(await codeOf(site.meter, { will }), topic).toBe(5);
  }
});

test("two devices with the same client id stay connected side by side", async () => {
  const [one, other] = await Promise.all([
    openClient(site.port, site.meter, { clientId: "DVES_1" }),
    openClient(site.port, site.stranger, { clientId: "DVES_1" }),
  ]);
  await one.publishAsync("a", "x", { qos: 1 });
  await other.publishAsync("a", "x", { qos: 1 });
  expect([one.connected, other.connected]).toEqual([true, true]);
  await Promise.all([one.endAsync(), other.endAsync()]);
});

test("a second connection of the same device with the same client id takes the first one over [MQTT-3.1.4-2]", async () => {
  const first = await openClient(site.port, site.meter, { clientId: "same" });
  const gone = new Promise((resolve) => first.once("close", () => resolve(undefined)));
  const second = await openClient(site.port, site.meter, { clientId: "same" });
  await gone;
  expect(second.connected).toBe(true);
  await second.endAsync();
});

test("without the secret nobody takes a connection over", async () => {
  const client = await openClient(site.port, site.meter, { clientId: "mine" });
  expect(await codeOf({ username: site.meter.username, password: "guess" }, { clientId: "mine" })).toBe(4);
  await client.publishAsync("a", "x", { qos: 1 });
  expect(client.connected).toBe(true);
  await client.endAsync();
});

test("a device has a bounded number of connections (3)", async () => {
  const clients = await Promise.all(
    [1, 2, 3].map((n) => openClient(site.port, site.meter, { clientId: `c${n}` })),
  );
  expect(await codeOf(site.meter, { clientId: "one too many" })).toBe(3);
  await Promise.all(clients.map((client) => client.endAsync()));
});

test("a revoked device is refused, and its open connection is closed at its next message", async () => {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  const device = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const client = await openClient(site.port, device);
  await site.pool.query("update device_credential set revoked_at = now() where device_id = $1", [device.id]);
  const gone = new Promise((resolve) => client.once("close", () => resolve(undefined)));
  const talk = setInterval(() => client.publish("a", "x"), 20);
  await gone;
  clearInterval(talk);
  expect(await codeOf(device)).toBe(4);
});

test("a revoked device that only listens is closed too", async () => {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  const device = await createDevice(site.pool, rows[0]?.building_id ?? 0);
  const client = await openClient(site.port, device);
  const gone = new Promise((resolve) => client.once("close", () => resolve(undefined)));
  await site.pool.query("update device_credential set revoked_at = now() where device_id = $1", [device.id]);
  await gone;
});

test("connecting, speaking and leaving are written to the device", async () => {
  const presence = async () => {
    const { rows } = await site.pool.query<{ online: boolean; seen: boolean }>(
      `select connected_at > coalesce(disconnected_at, '-infinity') as online, last_seen_at is not null as seen
       from device where id = $1`,
      [site.stranger.id],
    );
    return rows[0];
  };
  const client = await openClient(site.port, site.stranger);
  await until(async () => (await presence())?.online === true, "the device is online");
  await until(async () => (await presence())?.seen === true, "the device was seen");
  await client.endAsync();
  await until(async () => (await presence())?.online === false, "the device is offline");
});

test("while the store is away a device that is not known is told that the server is unavailable (3)", async () => {
  const away = openPool("postgres://nobody@127.0.0.1:9/none", { applicationName: "away" });
  const log = pino({ level: "silent" });
  const ingest = createIngest({ store: postgresStore(away), time: systemTime, log });
  // What it asks at the start is answered, everything after it meets a store that is gone.
  let started = false;
  const pool = new Proxy(away, {
    get: (_target, name) => {
      const chosen = started ? away : site.pool;
      const member: unknown = Reflect.get(chosen, name);
      return typeof member === "function" ? (member.bind(chosen) as unknown) : member;
    },
  });
  const broker = await createBroker({ pool, time: systemTime, log, ingest, config: LOOPBACK });
  started = true;
  const client = new RawClient(Number(new URL(broker.urls.mqtt).port));
  client.connect(site.meter);
  await client.closed;
  expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 3 }]);
  await broker.close();
  await ingest.close();
  await away.end();
});

test("the broker refuses to start on a database that answers before it has written", async () => {
  const name = new URL(site.databaseUrl).pathname.slice(1);
  await site.pool.query(`alter database ${name} set synchronous_commit = off`);
  const pool = openPool(site.databaseUrl, { applicationName: "not-durable", max: 1 });
  const log = pino({ level: "silent" });
  const ingest = createIngest({ store: postgresStore(pool), time: systemTime, log });
  await expect(createBroker({ pool, time: systemTime, log, ingest, config: LOOPBACK })).rejects.toThrow(
    "synchronous_commit is off",
  );
  await ingest.close();
  await pool.end();
});
