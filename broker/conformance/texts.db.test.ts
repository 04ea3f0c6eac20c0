// MQTT 3.1.1, chapter 1.5.3 and 4.7.3: texts of the protocol, and the names of topics.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSite, RawClient, type Site } from "../test-site.ts";
import {
  answersUntilClosed,
  CLEAN,
  connectBytes,
  connected,
  field,
  hang,
  id,
  packet,
  publishBytes,
  timesKept,
  WILL,
} from "./test-wire.ts";

const USER_AND_PASSWORD = 0xc0;

let site: Site;
beforeAll(async () => {
  site = await openSite({ limits: { connectWithinMs: 60_000 } });
});
afterAll(() => site.close());

describe.each([
  ["[MQTT-1.5.3-1] a lone surrogate", "eda080"],
  ["[MQTT-1.5.3-1] a pair of surrogates as two", "eda0bdedb880"],
  ["[MQTT-1.5.3-1] an overlong slash", "c0af"],
  ["[MQTT-1.5.3-1] an overlong NUL", "c080"],
  ["[MQTT-1.5.3-1] a sequence cut short", "e282"],
  ["[MQTT-1.5.3-1] a stray continuation", "80"],
  ["[MQTT-1.5.3-1] a byte that UTF-8 never has", "ff"],
  ["[MQTT-1.5.3-1] beyond U+10FFFF", "f4908080"],
  ["[MQTT-1.5.3-2] NUL", "00"],
])("%s", (_, hex) => {
  const bad = Buffer.concat([Buffer.from("t/"), Buffer.from(hex, "hex")]);

  test.each<[string, Buffer]>([
    ["a topic, QoS 0", packet(0x30, field(bad), Buffer.from("x"))],
    ["a topic, QoS 1", publishBytes(bad, 1, "x")],
    ["a topic, QoS 2", publishBytes(bad, 1, "x", 2)],
    [
      "a filter to subscribe to",
      packet(0x82, id(1), field("fine"), Buffer.from([0]), field(bad), Buffer.from([0])),
    ],
    ["a filter to unsubscribe from", packet(0xa2, id(1), field(bad))],
  ])("closes the connection in %s", async (_, written) => {
    expect(await answersUntilClosed(await connected(site), written)).toEqual([]);
  });

  test.each<[string, Parameters<typeof connectBytes>[1]]>([
    ["a client id", { clientId: bad }],
    ["a user name", { username: bad }],
    ["a will's topic", { flags: USER_AND_PASSWORD | CLEAN | WILL, will: [bad, "x"] }],
  ])("closes the connection in %s, without an answer", async (_, parts) => {
    expect(await answersUntilClosed(new RawClient(site.port), connectBytes(site.meter, parts))).toEqual([]);
  });
});

test("[MQTT-1.5.3-1] [MQTT-1.5.3-2] nothing of a topic that is no text was taken in", async () => {
  const { rows } = await site.pool.query("select topic from quarantine where topic like 't/%'");
  expect(rows).toEqual([]);
});

test("(3.1.3.3, 3.1.3.5, 3.3.3) a password, a payload and a will's message may be any bytes", async () => {
  const any = Buffer.from([0, 0xff, 0xc0, 0x80]);
  const wrong = new RawClient(site.port);
  wrong.write(connectBytes(site.meter, { password: any }));
  expect(await wrong.take("connack")).toMatchObject({ returnCode: 4 });
  const client = await connected(site, { will: { topic: "w", payload: any, qos: 0, retain: false } });
  client.write(packet(0x32, field("any"), id(1), any));
  expect(await client.take("puback")).toMatchObject({ messageId: 1 });
  expect(await timesKept(site, "any")).toBe(1);
  await hang(client);
});

test("[MQTT-1.5.3-3] U+FEFF stays where it is", async () => {
  const client = await connected(site);
  client.write(publishBytes("\uFEFFbom", 1, "x"), publishBytes("a\uFEFFb", 2, "x"));
  await client.take("puback");
  await client.take("puback");
  expect(await timesKept(site, "\uFEFFbom")).toBe(1);
  expect(await timesKept(site, "a\uFEFFb")).toBe(1);
  await hang(client);
});

test("[MQTT-4.7.3-1] an empty topic and an empty filter close the connection", async () => {
  for (const qos of [1, 2] as const) {
    expect(await answersUntilClosed(await connected(site), publishBytes("", 1, "x", qos))).toEqual([]);
  }
  expect(await answersUntilClosed(await connected(site), packet(0x30, field(""), Buffer.from("x")))).toEqual(
    [],
  );
  expect(
    await answersUntilClosed(await connected(site), packet(0x82, id(1), field(""), Buffer.from([1]))),
  ).toEqual([]);
  expect(await answersUntilClosed(await connected(site), packet(0xa2, id(1), field("")))).toEqual([]);
  expect(await timesKept(site, "")).toBe(0);
});

test("[MQTT-4.7.3-3] a topic of 65535 bytes is taken in whole", async () => {
  const topic = "x".repeat(65_535);
  const client = await connected(site);
  client.write(publishBytes(topic, 1, "y"));
  expect(await client.take("puback")).toMatchObject({ messageId: 1 });
  expect(await timesKept(site, topic)).toBe(1);
  await hang(client);
});

test("[MQTT-4.7.3-4] no topic is changed: case, blanks and slashes at either end tell them apart", async () => {
  const topics = [
    "Case",
    "case",
    " case",
    "/case",
    "case/",
    "//",
    "/",
    " ",
    "e\u0301",
    "\u00e9",
    "$own/case",
  ];
  const client = await connected(site);
  for (const [index, topic] of topics.entries()) client.write(publishBytes(topic, index + 1, "x"));
  for (const _ of topics) await client.take("puback");
  for (const topic of topics) expect(await timesKept(site, topic), JSON.stringify(topic)).toBe(1);
  await hang(client);
});

test.each(["#", "+", "a/#", "a/+/b", "a#", "+a"])(
  "[MQTT-3.3.2-2] publishing to %s closes the connection",
  async (topic) => {
    for (const qos of [1, 2] as const) {
      expect(await answersUntilClosed(await connected(site), publishBytes(topic, 1, "x", qos))).toEqual([]);
    }
    expect(await timesKept(site, topic)).toBe(0);
  },
);

test("[MQTT-4.7.2-1] publishing to $SYS closes the connection", async () => {
  expect(await answersUntilClosed(await connected(site), publishBytes("$SYS/broker/x", 1, "x"))).toEqual([]);
});
