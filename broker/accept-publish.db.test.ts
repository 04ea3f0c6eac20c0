// The acknowledge path: PUBACK after the commit, in order, for garbage too, and a connection that survives the wait.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { IngestMessage } from "#ingest";
import { until } from "#testing";
import { createDevice, openClient, openSite, RawClient, senml, type Site } from "./test-site.ts";

/** An ingest that keeps what it gets and answers when told. */
function holdingIngest() {
  const held: { message: IngestMessage; done: () => void }[] = [];
  const pressing = { unacknowledgedBytes: 0, oldestMs: 0 };
  return {
    held,
    pressing,
    accept: (message: IngestMessage, done: () => void) => void held.push({ message, done }),
    pressure: () => pressing,
  };
}

const ingest = holdingIngest();
let site: Site;
let holding: Site;
beforeAll(async () => {
  site = await openSite();
  holding = await openSite({ ingest, limits: { readOnAfterMs: 100, unacknowledgedBytesMax: 100_000 } });
});
afterAll(async () => {
  await site.close();
  await holding.close();
});

const publish = (messageId: number, topic = "t", qos: 0 | 1 | 2 = 1) =>
  ({ cmd: "publish", topic, payload: String(messageId), qos, messageId, dup: false, retain: false }) as const;

async function rawClient(at: Site, clientId: string, keepalive = 60): Promise<RawClient> {
  const client = new RawClient(at.port);
  client.connect(at.meter, { clientId, keepalive });
  await client.take("connack");
  return client;
}

async function stored(name: string): Promise<number> {
  const { rows } = await site.pool.query<{ count: number }>(
    `select count(*)::integer as count
     from reading
     join layout on layout.id = reading.layout_id
     join register on register.id = any(layout.register_ids)
     where register.name = $1`,
    [name],
  );
  return rows[0]?.count ?? 0;
}

test("a device that nobody claimed behind a known gateway waits in quarantine, and its gateway is acknowledged", async () => {
  const { rows } = await site.pool.query<{ building_id: number }>("select building_id from device limit 1");
  const gateway = await createDevice(site.pool, rows[0]?.building_id ?? 0, "gateway");
  const client = await openClient(site.port, gateway);
  await client.publishAsync("zigbee/plug 7", '{"power":41.5}', { qos: 1 });
  await client.endAsync();
  const waiting = await site.pool.query(
    "select reason, detail, convert_from(payload, 'UTF8') as payload from quarantine where device_id = $1",
    [gateway.id],
  );
  expect(waiting.rows).toEqual([
    {
      reason: "device_unclaimed",
      detail: 'Nobody has claimed the device that speaks on "zigbee/plug 7" behind this gateway.',
      payload: '{"power":41.5}',
    },
  ]);
});

test("a QoS 1 and a QoS 2 publish are acknowledged once their reading is committed", async () => {
  const client = await openClient(site.port, site.meter);
  await client.publishAsync("t", senml("one", 1), { qos: 1 });
  expect(await stored("one")).toBe(1);
  await client.publishAsync("t", senml("two", 1), { qos: 2 });
  expect(await stored("two")).toBe(1);
  await client.endAsync();
});

test("no PUBACK leaves before ingest is done, and they leave in order of arrival [MQTT-4.6.0-2]", async () => {
  const client = await rawClient(holding, "order");
  ingest.held.length = 0;
  client.write(publish(11), publish(12), publish(13));
  await until(() => ingest.held.length === 3, "three publishes are held");
  ingest.held[2]?.done();
  ingest.held[1]?.done();
  client.write({ cmd: "pingreq" });
  await until(() => client.packets.length > 0, "the PINGREQ is answered");
  expect(client.packets.map((packet) => packet.cmd)).toEqual(["pingresp"]);
  ingest.held[0]?.done();
  const ids = [];
  for (let i = 0; i < 3; i++) ids.push((await client.take("puback")).messageId);
  expect(ids).toEqual([11, 12, 13]);
  client.socket.destroy();
});

test("ingest gets the device, its client id and the topic without the mount", async () => {
  const client = await rawClient(holding, "DVES_1");
  ingest.held.length = 0;
  client.write({ ...publish(1, "tele/x"), retain: true });
  await until(() => ingest.held.length === 1, "the publish is held");
  expect(ingest.held[0]?.message).toMatchObject({
    device: { id: holding.meter.id, profile: "senml", timezone: "Europe/Brussels" },
    clientId: "DVES_1",
    topic: "tele/x",
    qos: 1,
    retained: true,
  });
  client.socket.destroy();
});

test("a device whose publishes wait for the store is not closed by the keep-alive, and its PINGREQ is answered", async () => {
  const client = await rawClient(holding, "patient", 1);
  ingest.held.length = 0;
  for (let id = 1; id <= 200; id++) client.write(publish(id));
  client.write({ cmd: "pingreq" });
  await client.take("pingresp");
  const silenceMs = 2500;
  const closed = await Promise.race([
    client.closed.then(() => true),
    new Promise((resolve) => setTimeout(resolve, silenceMs, false)),
  ]);
  expect(closed).toBe(false);
  expect(ingest.held.length).toBe(200);
  for (const { done } of ingest.held) done();
  await until(() => client.packets.length === 200, "everything is acknowledged");
  // Nothing waits any more: silence ends the connection again [MQTT-3.1.2-24].
  await client.closed;
});

test("a device that left is not missed: what it sent is still taken, and answered to nobody", async () => {
  const client = await rawClient(holding, "gone");
  ingest.held.length = 0;
  client.write(publish(1), publish(2));
  await until(() => ingest.held.length === 2, "two publishes are held");
  client.socket.destroy();
  await client.closed;
  for (const { done } of ingest.held) done();
  const next = await rawClient(holding, "gone");
  next.write({ cmd: "pingreq" });
  await next.take("pingresp");
  next.socket.destroy();
});

test("under pressure sockets are left unread and new connections are told that the server is unavailable", async () => {
  const client = await rawClient(holding, "pressed");
  ingest.held.length = 0;
  ingest.pressing.unacknowledgedBytes = 1e9;
  const refused = new RawClient(holding.port);
  refused.connect(holding.stranger);
  expect(await refused.take("connack")).toMatchObject({ returnCode: 3 });
  client.write(publish(1));
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(ingest.held).toEqual([]);
  ingest.pressing.unacknowledgedBytes = 0;
  await until(() => ingest.held.length === 1, "the publish is read");
  ingest.held[0]?.done();
  await client.take("puback");
  client.socket.destroy();
});

test("QoS 0 that arrives under pressure is dropped first, and counted", async () => {
  const client = await rawClient(holding, "best effort");
  ingest.held.length = 0;
  const heavy = { ...publish(1, "heavy"), payload: Buffer.alloc(100_000) };
  client.write(publish(0, "light", 0), heavy);
  await until(() => ingest.held.length === 2, "both are taken");
  // Unread while the heavy one waits, however small; then read in one go, the last but one under pressure again.
  client.write({ ...heavy, messageId: 2 }, publish(0, "light", 0), publish(3, "light"));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ingest.held).toHaveLength(2);
  ingest.held[1]?.done();
  await until(() => ingest.held.length === 4, "all but one are taken");
  const taken = ingest.held.map(({ message }) => `${message.topic} ${message.qos}`);
  expect(taken).toEqual(["light 0", "heavy 1", "heavy 1", "light 1"]);
  expect(await holding.broker.metrics()).toContain("koprogo_mqtt_qos0_dropped_total 1");
  for (const { done } of ingest.held.slice(2)) done();
  ingest.held[0]?.done();
  client.socket.destroy();
});

test("a flood of empty messages weighs something: it shuts the gate too", async () => {
  const client = await rawClient(holding, "empty");
  ingest.held.length = 0;
  const empty = Buffer.from([0x32, 5, 0, 1, 0x74, 0, 1]);
  const count = 20_000;
  client.write(Buffer.concat(Array.from({ length: count }, () => empty)));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(ingest.held.length).toBeLessThan(count);
  let answered = 0;
  await until(() => {
    for (; answered < ingest.held.length; answered++) ingest.held[answered]?.done();
    return answered === count;
  }, "every one of them is read in the end");
  client.socket.destroy();
});

test("a will goes the way of every message, when its device leaves without goodbye", async () => {
  const client = new RawClient(holding.port);
  client.connect(holding.meter, {
    clientId: "mortal",
    will: { topic: "LWT", payload: Buffer.from("Offline"), qos: 1, retain: true },
  });
  await client.take("connack");
  ingest.held.length = 0;
  client.socket.destroy();
  await until(() => ingest.held.length === 1, "the will is taken");
  expect(ingest.held[0]?.message).toMatchObject({ topic: "LWT", device: { id: holding.meter.id } });
});

test("a publish with a wildcard, to $SYS or with NUL in its topic ends its connection and nobody else's", async () => {
  const bystander = await openClient(site.port, site.meter, { clientId: "bystander" });
  for (const topic of ["a/+", "a/#", "$SYS/x", "a\0b"]) {
    const client = await rawClient(site, "offender");
    client.write(generatePublish(topic));
    await client.closed;
    expect(client.packets, topic).toEqual([]);
  }
  await bystander.publishAsync("t", senml("bystander", 1), { qos: 1 });
  expect(await stored("bystander")).toBe(1);
  await bystander.endAsync();
});

/** By hand, because the library refuses to write such topics. */
function generatePublish(topic: string): Buffer {
  const text = Buffer.from(topic);
  return Buffer.concat([Buffer.from([0x32, text.length + 4, 0, text.length]), text, Buffer.from([0, 1])]);
}

test("garbage is acknowledged, and waits in quarantine byte for byte with a reason", async () => {
  const client = await openClient(site.port, site.meter, { clientId: "garbage" });
  const bomb = "[".repeat(50_000);
  const payloads = ["", "not json", "\0\0\0", bomb, '[{"n":"x","u":"nonsense","v":1}]', "\xff\xfe"];
  for (const payload of payloads)
    await client.publishAsync("garbage", Buffer.from(payload, "latin1"), { qos: 1 });
  const { rows } = await site.pool.query<{
    payload: Buffer;
    reason: string;
    topic: Buffer;
    client_id: Buffer;
  }>(
    "select payload, reason, topic, client_id from quarantine where device_id = $1 and topic = 'garbage' order by id",
    [site.meter.id],
  );
  expect(rows.map((row) => row.payload.toString("latin1"))).toEqual(payloads);
  expect(rows.every((row) => row.reason !== "" && row.client_id.toString() === "garbage")).toBe(true);
  await client.endAsync();
});
