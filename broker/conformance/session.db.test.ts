// MQTT 3.1.1, chapters 3.1.2.4, 3.1.2.10, 3.1.4, 3.12 and 3.14: how long a connection lasts, and what outlives it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { openSite, RawClient, type Site } from "../test-site.ts";
import {
  answersPing,
  answersUntilClosed,
  bytes,
  connected,
  hang,
  publishBytes,
  timesKept,
} from "./test-wire.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

test("[MQTT-3.1.2-24] silence is ended after one and a half times the keep-alive, not before", async () => {
  const client = await connected(site, { keepalive: 2 });
  const startedMs = performance.now();
  await client.closed;
  const silentMs = performance.now() - startedMs;
  expect(silentMs).toBeGreaterThan(2900);
  expect(silentMs).toBeLessThan(20_000);
});

test.each<[string, Buffer]>([
  ["PINGREQ", bytes("c0 00")],
  ["PUBLISH, QoS 0", bytes("30 08 00 05 'alive' 'x'")],
  ["PUBLISH, QoS 1", bytes("32 0a 00 05 'alive' 00 01 'x'")],
  ["PUBLISH, QoS 2", bytes("34 0a 00 05 'alive' 00 02 'x'")],
  ["SUBSCRIBE", bytes("82 0a 00 01 00 05 'alive' 00")],
])("[MQTT-3.1.2-24] a %s now and then keeps a connection open", async (_, sign) => {
  const client = await connected(site, { keepalive: 2, clientId: "alive" });
  for (let sent = 0; sent < 3; sent += 1) {
    await sleep(1200);
    client.write(sign);
  }
  expect(await answersPing(client)).toBe(true);
  await hang(client);
});

test("[MQTT-3.1.2-24] bytes that are no whole packet are no sign of life", async () => {
  const client = await connected(site, { keepalive: 1, clientId: "drips" });
  client.write(bytes("32 7f 00 05"));
  const drip = setInterval(() => client.write(bytes("00")), 300);
  await client.closed;
  clearInterval(drip);
});

test("[MQTT-3.12.4-1] every PINGREQ is answered with a PINGRESP", async () => {
  const client = await connected(site);
  client.write(Buffer.concat(Array.from({ length: 100 }, () => bytes("c0 00"))));
  for (let count = 0; count < 100; count += 1) await client.take("pingresp");
  await hang(client);
});

test("[MQTT-3.1.4-2] a client id that comes again ends the older connection, its own device's alone", async () => {
  const first = await connected(site, { clientId: "same" });
  const strangers = await connected(site, { clientId: "same" }, site.stranger);
  const second = await connected(site, { clientId: "same" });
  await first.closed;
  expect(first.packets).toEqual([]);
  expect(await answersPing(second)).toBe(true);
  expect(await answersPing(strangers)).toBe(true);
  await Promise.all([hang(second), hang(strangers)]);
});

test("[MQTT-3.1.4-2] of many connections with one client id at once, one is left", async () => {
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => connected(site, { clientId: "crowd" }).catch(() => undefined)),
  );
  const alive = await Promise.all(
    clients.map(async (client) => client !== undefined && (await answersPing(client))),
  );
  expect(alive.filter(Boolean)).toHaveLength(1);
  await Promise.all(clients.map(async (client) => client && (await hang(client))));
});

test("[MQTT-3.1.4-2] what the older connection published before the take-over is kept", async () => {
  const first = await connected(site, { clientId: "heir" });
  first.write(publishBytes("heir", 1, "x"));
  await first.take("puback");
  const second = await connected(site, { clientId: "heir" });
  await first.closed;
  expect(await timesKept(site, "heir")).toBe(1);
  await hang(second);
});

test.each([true, false])(
  "[MQTT-3.1.2-6] our decision: a session ends with its connection, subscriptions and all (clean session asked: %s)",
  async (clean) => {
    const clientId = `forgotten ${String(clean)}`;
    const first = await connected(site, { clientId, clean });
    first.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "kept/for/me", qos: 1 }] });
    await first.take("suback");
    await hang(first);
    const sender = await connected(site, { clientId: "sender" });
    sender.write(publishBytes("kept/for/me", 1, "x"));
    await sender.take("puback");
    const second = await connected(site, { clientId, clean });
    sender.write(publishBytes("kept/for/me", 2, "y"));
    await sender.take("puback");
    expect(await answersPing(second)).toBe(true);
    expect(second.packets).toEqual([]);
    await Promise.all([hang(second), hang(sender)]);
  },
);

test("[MQTT-3.2.2-2] [MQTT-3.2.2-3] session present is 0, since no session was kept", async () => {
  for (let time = 0; time < 2; time += 1) {
    const client = await connected(site, { clientId: "stays", clean: false });
    client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "a", qos: 1 }] });
    await client.take("suback");
    await hang(client);
  }
  const client = new RawClient(site.port);
  client.connect(site.meter, { clientId: "stays", clean: false });
  expect(await client.take("connack")).toMatchObject({ returnCode: 0, sessionPresent: false });
  await hang(client);
});

test("[MQTT-3.14.4-2] DISCONNECT ends the connection, and what follows it is not read", async () => {
  const client = await connected(site);
  expect(
    await answersUntilClosed(client, Buffer.concat([bytes("e0 00"), publishBytes("behind", 1, "x")])),
  ).toEqual([]);
  expect(await timesKept(site, "behind")).toBe(0);
});

test("our decision ([MQTT-3.14.4-2] is about what follows): what was published before DISCONNECT, in one segment with it, is kept", async () => {
  const client = await connected(site);
  client.write(
    Buffer.concat([publishBytes("farewell", 1, "x"), bytes("30 0b 00 08 'farewell' 'y'"), bytes("e0 00")]),
  );
  await client.closed;
  const both = async (): Promise<boolean> => (await timesKept(site, "farewell")) === 2;
  for (let look = 0; look < 100 && !(await both()); look += 1) await sleep(20);
  expect(await both()).toBe(true);
});
