// Commands reach the device that listens for them: in order, until it acknowledges, and nobody else.
import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import {
  createDevice,
  createBuilding,
  openClient,
  openSite,
  RawClient,
  type Site,
  type TestDevice,
} from "./test-site.ts";

let site: Site;
let buildingId: number;
beforeAll(async () => {
  site = await openSite({ limits: { changesEveryMs: 50, pulseEveryMs: 100 } });
  buildingId = await createBuilding(site.pool);
});
afterAll(() => site.close());

async function command(
  device: TestDevice,
  topic: string,
  payload: string,
  expiresInS = 3600,
): Promise<number> {
  const { rows } = await site.pool.query<{ id: number }>(
    `insert into device_command (device_id, topic, payload, created_at, expires_at)
     values ($1, $2, $3, now(), now() + $4 * interval '1 second')
     returning id::integer as id`,
    [device.id, topic, Buffer.from(payload), expiresInS],
  );
  return rows[0]?.id ?? 0;
}

async function stateOf(id: number) {
  const { rows } = await site.pool.query<{ state: string; attempts: number; settled: boolean }>(
    "select state, attempts, settled_at is not null as settled from device_command where id = $1",
    [id],
  );
  return rows[0];
}

const becomes = (id: number, state: string) =>
  until(async () => (await stateOf(id))?.state === state, `command ${id} is ${state}`);

const newDevice = () => createDevice(site.pool, buildingId);

/** A raw connection that is subscribed, and acknowledges nothing by itself. */
async function listen(
  device: TestDevice,
  topic: string,
  qos: 0 | 1 | 2 = 1,
  clientId = "raw",
): Promise<RawClient> {
  const client = new RawClient(site.port);
  client.connect(device, { clientId });
  await client.take("connack");
  client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
  await client.take("suback");
  return client;
}

async function nextPublish(client: RawClient) {
  const packet = await client.take("publish");
  if (packet.cmd !== "publish") throw new Error("no publish");
  const { topic, payload, messageId = 0, qos } = packet;
  return { text: `${topic} ${payload.toString()}`, messageId, qos };
}

test("a device that listens gets it at once, and its PUBACK is the outcome; a stranger gets nothing", async () => {
  const device = await newDevice();
  const client = await openClient(site.port, device);
  const stranger = await openClient(site.port, site.stranger);
  const heard: string[] = [];
  stranger.on("message", (topic) => heard.push(topic));
  client.on("message", (topic, payload) => heard.push(`${topic} ${payload.toString()}`));
  await stranger.subscribeAsync("#", { qos: 1 });
  await client.subscribeAsync("cmnd/#", { qos: 1 });
  const id = await command(device, "cmnd/POWER", "ON");
  await becomes(id, "delivered");
  expect(heard).toEqual(["cmnd/POWER ON"]);
  expect(await stateOf(id)).toEqual({ state: "delivered", attempts: 1, settled: true });
  await client.endAsync();
  await stranger.endAsync();
});

test("it waits for the device, and for a subscription that hears it", async () => {
  const device = await newDevice();
  const id = await command(device, "set/valve", "open");
  const elsewhere = await listen(device, "get/#", 1, "elsewhere");
  await sleep(300);
  expect(elsewhere.packets).toEqual([]);
  expect(await stateOf(id)).toMatchObject({ state: "pending", attempts: 0 });
  const client = await listen(device, "set/+");
  const { text, messageId } = await nextPublish(client);
  expect(text).toBe("set/valve open");
  client.write({ cmd: "puback", messageId });
  await becomes(id, "delivered");
  elsewhere.socket.destroy();
  client.socket.destroy();
});

test("one at a time, in order; one whose topic nobody hears holds up nothing", async () => {
  const device = await newDevice();
  const unheard = await command(device, "other", "x");
  const ids = [
    await command(device, "c", "1"),
    await command(device, "c", "2"),
    await command(device, "c", "3"),
  ];
  const client = await listen(device, "c");
  for (const expected of ["c 1", "c 2", "c 3"]) {
    const { text, messageId } = await nextPublish(client);
    expect(text).toBe(expected);
    await sleep(150);
    expect(client.packets).toEqual([]);
    client.write({ cmd: "puback", messageId });
  }
  for (const id of ids) await becomes(id, "delivered");
  expect(await stateOf(unheard)).toMatchObject({ state: "pending" });
  client.socket.destroy();
});

test("a connection that ends without its PUBACK makes it wait again, for the next one", async () => {
  const device = await newDevice();
  const id = await command(device, "c", "once more");
  const first = await listen(device, "c");
  await nextPublish(first);
  first.socket.destroy();
  await becomes(id, "pending");
  const second = await listen(device, "c");
  const { messageId } = await nextPublish(second);
  second.write({ cmd: "puback", messageId });
  await becomes(id, "delivered");
  expect(await stateOf(id)).toMatchObject({ attempts: 2 });
  second.socket.destroy();
});

test("a subscription of QoS 0 gets it once and acknowledges nothing: it stays sent, and expires", async () => {
  const device = await newDevice();
  const first = await listen(device, "c", 0);
  const id = await command(device, "c", "maybe", 5);
  const after = await command(device, "c", "next");
  expect(await nextPublish(first)).toMatchObject({ text: "c maybe", qos: 0 });
  expect((await nextPublish(first)).text).toBe("c next");
  first.socket.destroy();
  const second = await listen(device, "c", 1);
  await sleep(300);
  expect(second.packets).toEqual([]);
  expect(await stateOf(after)).toEqual({ state: "sent", attempts: 1, settled: false });
  await becomes(id, "expired");
  second.socket.destroy();
});

test("what is cancelled or has expired is not sent; one acknowledged late was delivered", async () => {
  const device = await newDevice();
  const cancelled = await command(device, "c", "cancelled");
  await site.pool.query("update device_command set state = 'cancelled', settled_at = now() where id = $1", [
    cancelled,
  ]);
  const short = await command(device, "c", "short", 1);
  await becomes(short, "expired");
  const client = await listen(device, "c");
  const late = await command(device, "c", "late", 5);
  const { text, messageId } = await nextPublish(client);
  expect(text).toBe("c late");
  const next = await command(device, "c", "next");
  await becomes(late, "expired");
  expect((await nextPublish(client)).text).toBe("c next");
  client.write({ cmd: "puback", messageId });
  await becomes(late, "delivered");
  expect(await stateOf(next)).toMatchObject({ state: "sent" });
  expect(await stateOf(short)).toMatchObject({ attempts: 0 });
  client.socket.destroy();
});

test("the next one goes out, in whatever fraction of a millisecond the one before it expired", async () => {
  const devices = await Promise.all(Array.from({ length: 200 }, () => newDevice()));
  const clients = await Promise.all(devices.map((device) => listen(device, "c")));
  // One expires in each millisecond of four ticks, at the end of it.
  await site.pool.query(
    `insert into device_command (device_id, topic, payload, created_at, expires_at)
     select device_id, 'c', payload, now(),
       date_trunc('milliseconds', now()) + lasts * interval '1 hour'
         + (1999.9 + place) * (1 - lasts) * interval '1 millisecond'
     from unnest($1::integer[]) with ordinality as d (device_id, place)
     cross join (values (0, 'never acknowledged'::bytea), (1, 'next')) as c (lasts, payload)
     order by lasts, place`,
    [devices.map((device) => device.id)],
  );
  for (const text of ["c never acknowledged", "c next"])
    for (const client of clients) expect((await nextPublish(client)).text).toBe(text);
  for (const client of clients) client.socket.destroy();
});

test("the PUBACK of a live message is no command's, however their identifiers run", async () => {
  const device = await newDevice();
  const listener = await listen(device, "#", 1, "listener");
  const speaker = await openClient(site.port, device, { clientId: "speaker" });
  const id = await command(device, "c", "mine");
  const sent = await nextPublish(listener);
  const live = new Set<number | undefined>();
  for (let i = 0; i < 20; i++) {
    await speaker.publishAsync("t", "[]", { qos: 1 });
    const { messageId } = await nextPublish(listener);
    live.add(messageId);
    listener.write({ cmd: "puback", messageId });
  }
  expect(live.has(sent.messageId)).toBe(false);
  expect(sent.messageId).toBeGreaterThanOrEqual(65_000);
  expect(await stateOf(id)).toMatchObject({ state: "sent" });
  await speaker.endAsync();
  listener.socket.destroy();
});

test("of a hundred devices that come back at once each gets its own", async () => {
  const devices = await Promise.all(Array.from({ length: 100 }, () => newDevice()));
  const ids = await Promise.all(devices.map((device) => command(device, "c", String(device.id))));
  const clients = await Promise.all(devices.map((device) => listen(device, "c")));
  for (const [index, client] of clients.entries()) {
    const { text, messageId } = await nextPublish(client);
    expect(text).toBe(`c ${devices[index]?.id}`);
    client.socket.write(generate({ cmd: "puback", messageId }));
  }
  for (const id of ids) await becomes(id, "delivered");
  for (const client of clients) client.socket.destroy();
});

test("what it subscribed to and unsubscribed from in its CONNECT's segment is sent nothing", async () => {
  const device = await newDevice();
  const client = new RawClient(site.port);
  const connect = {
    cmd: "connect",
    protocolId: "MQTT",
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
  } as const;
  const { username, password } = device;
  client.write(
    Buffer.concat([
      generate({ ...connect, clientId: "at once", username, password: Buffer.from(password) }),
      generate({
        cmd: "subscribe",
        messageId: 1,
        subscriptions: [
          { topic: "early", qos: 1 },
          { topic: "late", qos: 1 },
        ],
      }),
      generate({ cmd: "unsubscribe", messageId: 2, unsubscriptions: ["early"] }),
    ]),
  );
  await client.take("unsuback");
  const early = await command(device, "early", "x");
  await command(device, "late", "y");
  expect((await nextPublish(client)).text).toBe("late y");
  expect(await stateOf(early)).toMatchObject({ state: "pending", attempts: 0 });
  client.socket.destroy();
});
