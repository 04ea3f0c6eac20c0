// The acknowledge path through mqtt.js, against a broker of which every packet is ours: it fails when the library changes.
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KoproError } from "#devices/error";
import { until } from "#testing";
import { DEFAULT_UPSTREAM_LIMITS } from "./limits.ts";
import {
  openConnection,
  requireKnownMqtt,
  type ConnectionOptions,
  type UpstreamConnection,
  type UpstreamMessage,
} from "./mqtt-connection.ts";
import { openTestBroker, publish, type TestBroker } from "./test-broker.ts";

type Taken = { readonly message: UpstreamMessage; readonly settle: () => void };

let broker: TestBroker;
let taken: Taken[];
const open: UpstreamConnection[] = [];
beforeEach(async () => {
  broker = await openTestBroker();
  taken = [];
});
afterEach(() => {
  for (const connection of open.splice(0)) connection.end();
  broker.close();
});

function consume(over: Partial<ConnectionOptions> = {}): UpstreamConnection {
  const connection = openConnection({
    url: broker.url,
    clientId: "group-1",
    filters: ["$share/group/d/#"],
    limits: DEFAULT_UPSTREAM_LIMITS,
    admits: () => true,
    take: (message, settle) => taken.push({ message, settle }),
    connected: () => undefined,
    subscribed: () => undefined,
    ...over,
  });
  open.push(connection);
  return connection;
}

const settle = (...places: number[]): void => {
  for (const place of places) taken[place]?.settle();
};
const inOrder = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test("it resumes its session under its name, with the credentials of the address, and says how much it takes", async () => {
  const told: unknown[] = [];
  consume({ connected: (resumed) => told.push(resumed), subscribed: () => told.push("subscribed") });
  const side = await broker.accept();
  const connect = await side.greet({ sessionPresent: true });
  expect(connect).toMatchObject({
    protocolVersion: 5,
    clientId: "group-1",
    clean: false,
    username: "someone",
    password: Buffer.from("a:secret"),
    properties: { sessionExpiryInterval: 604_800, receiveMaximum: 8192, maximumPacketSize: 1_048_576 },
  });
  expect(side.of("subscribe")[0]?.subscriptions).toEqual([
    { topic: "$share/group/d/#", qos: 1, nl: false, rap: true, rh: 2 },
  ]);
  await until(() => told.length > 1, "it is told");
  expect(told).toEqual([true, "subscribed"]);
});

test("thousands are taken before the first is acknowledged, and each PUBACK waits for its own commit", async () => {
  consume();
  const side = await broker.accept();
  await side.greet();
  side.send(...inOrder(3000).map((id) => publish(id)));
  await until(() => taken.length === 3000, "all are taken");
  await sleep(50);
  expect(side.acknowledged()).toEqual([]);
  settle(0);
  await until(() => side.acknowledged().length > 0, "the first is acknowledged");
  await sleep(20);
  expect(side.acknowledged()).toEqual([1]);
});

test("PUBACKs leave in the order of arrival, in whatever order the commits come [MQTT-4.6.0-2]", async () => {
  consume();
  const side = await broker.accept();
  await side.greet();
  side.send(...inOrder(5).map((id) => publish(id + 40)));
  await until(() => taken.length === 5, "all are taken");
  settle(4, 2, 1);
  await sleep(30);
  expect(side.acknowledged()).toEqual([]);
  settle(0);
  await until(() => side.acknowledged().length === 3, "what waited for the first leaves with it");
  settle(3);
  await until(() => side.acknowledged().length === 5, "all are acknowledged");
  expect(side.acknowledged()).toEqual([41, 42, 43, 44, 45]);
});

test("a commit after the end of its connection is answered to nobody, not on the next connection either", async () => {
  const first = consume();
  const side = await broker.accept();
  await side.greet();
  side.send(publish(7), publish(8));
  await until(() => taken.length === 2, "both are taken");
  side.socket.destroy();
  await first.closed;
  expect(first.unacknowledged()).toBe(0);
  consume();
  const next = await broker.accept();
  await next.greet({ sessionPresent: true });
  settle(0, 1);
  next.send(publish(9));
  await until(() => taken.length === 3, "the next connection takes");
  settle(2);
  await until(() => next.acknowledged().length > 0, "its own is acknowledged");
  expect(next.acknowledged()).toEqual([9]);
});

test("while it may take no more, messages stay on the connection, it goes on pinging, and then all come in order", async () => {
  let admits = false;
  // A ping every third of a second while it holds; held without one the library would close after 1.5 s.
  consume({ admits: () => admits, limits: { ...DEFAULT_UPSTREAM_LIMITS, keepAliveS: 1 } });
  const side = await broker.accept();
  await side.greet();
  side.send(...inOrder(50).map((id) => publish(id)));
  await until(() => side.of("pingreq").length > 5, "it was held for two seconds");
  expect(taken).toEqual([]);
  admits = true;
  await until(() => taken.length === 50, "all are taken");
  expect(taken.map(({ message }) => message.payload.toString())).toEqual(
    inOrder(50).map((id) => `message ${id}`),
  );
});

test("a message carries its retain flag as published, and a repeated one is a message like any other", async () => {
  consume();
  const side = await broker.accept();
  await side.greet();
  side.send(publish(1, { retain: true }), publish(2, { dup: true }), publish(0, { qos: 0 }));
  await until(() => taken.length === 3, "all are taken");
  expect(taken.map(({ message }) => [message.topic, message.qos, message.retained])).toEqual([
    ["d/1/meter", 1, true],
    ["d/1/meter", 1, false],
    ["d/1/meter", 0, false],
  ]);
  settle(2, 1, 0);
  await until(() => side.acknowledged().length === 2, "QoS 0 is not acknowledged");
  expect(side.acknowledged()).toEqual([1, 2]);
});

test("a broker that refuses, or grants less than QoS 1, is named as the reason", async () => {
  const unsubscribed = consume();
  await (await broker.accept()).greet({ granted: 0x87 });
  expect(await unsubscribed.closed).toMatchObject({ refused: true });
  const lossy = consume();
  await (await broker.accept()).greet({ granted: 0 });
  expect(await lossy.closed).toMatchObject({
    refused: true,
    error: { message: expect.stringContaining("QoS 0") },
  });
  const unknown = consume();
  const side = await broker.accept();
  await until(() => side.of("connect").length > 0, "it connects");
  side.send({ cmd: "connack", reasonCode: 0x87, sessionPresent: false });
  const reason = await unknown.closed;
  expect(reason.refused).toBe(true);
  expect(String(reason.error)).not.toContain("secret");
});

test("a broker that is not there, or goes away, is a reason that passes", async () => {
  const gone = consume();
  const side = await broker.accept();
  await side.greet();
  side.send({ cmd: "disconnect", reasonCode: 0x8b });
  side.socket.end();
  expect(await gone.closed).toMatchObject({
    refused: false,
    error: { message: expect.stringContaining("139") },
  });
  broker.close();
  const nobody = consume();
  expect(await nobody.closed).toMatchObject({ refused: false, error: { code: "ECONNREFUSED" } });
});

test("another version of the library is refused", () => {
  expect(() => requireKnownMqtt("5.17.0")).toThrow(KoproError);
  expect(() => requireKnownMqtt()).not.toThrow();
});
