// MQTT 3.1.1, chapters 3.1 and 3.2: CONNECT and its answer.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import { openSite, RawClient, type Site } from "../test-site.ts";
import {
  answersPing,
  answersUntilClosed,
  bytes,
  CLEAN,
  connectBytes,
  connected,
  encoded,
  hang,
  publishBytes,
  segment,
  timesKept,
  WILL,
} from "./test-wire.ts";

const USER_NAME = 0x80;
const PASSWORD = 0x40;
const WILL_RETAIN = 0x20;
const WILL_QOS_1 = 0x08;

let site: Site;
beforeAll(async () => {
  site = await openSite({ limits: { connectWithinMs: 60_000 } });
});
afterAll(() => site.close());

/** The CONNACK's code, or undefined when the connection ended without one. */
async function codeOf(connect: Buffer): Promise<number | undefined> {
  const client = new RawClient(site.port);
  client.write(connect);
  const answer = await client.take("connack").catch(() => undefined);
  await hang(client);
  return answer?.cmd === "connack" ? answer.returnCode : undefined;
}

test.each([
  ["PUBLISH", "30 04 00 01 'a' 'x'"],
  ["PUBLISH, QoS 1", "32 06 00 01 'a' 00 01 'x'"],
  ["PUBACK", "40 02 00 01"],
  ["PUBREL", "62 02 00 01"],
  ["SUBSCRIBE", "82 06 00 01 00 01 'a' 00"],
  ["UNSUBSCRIBE", "a2 05 00 01 00 01 'a'"],
  ["PINGREQ", "c0 00"],
  ["DISCONNECT", "e0 00"],
])(
  "[MQTT-3.1.0-1] a %s as the first packet closes the connection, and the CONNECT behind it is not heard",
  async (_, hex) => {
    const client = new RawClient(site.port);
    expect(await answersUntilClosed(client, Buffer.concat([bytes(hex), connectBytes(site.meter)]))).toEqual(
      [],
    );
  },
);

test("[MQTT-3.1.0-2] a second CONNECT closes the connection, whether it waits for the CONNACK or not", async () => {
  const late = await connected(site);
  expect(await answersUntilClosed(late, connectBytes(site.meter))).toEqual([]);
  const hasty = new RawClient(site.port);
  const answers = await answersUntilClosed(hasty, connectBytes(site.meter), connectBytes(site.meter));
  expect(answers.filter((cmd) => cmd !== "connack")).toEqual([]);
  expect(answers.length).toBeLessThan(2);
});

test.each(["", "mqtt", "MQTTS", "MQIsdpX", "HTTP"])(
  "[MQTT-3.1.2-1] the protocol name %j closes the connection without an answer",
  async (name) => {
    const client = new RawClient(site.port);
    expect(await answersUntilClosed(client, connectBytes(site.meter, { name }))).toEqual([]);
  },
);

test.each([0, 1, 2, 3, 5, 6, 127])(
  "[MQTT-3.1.2-2] level %d is answered with 1, then closed",
  async (level) => {
    const client = new RawClient(site.port);
    client.write(connectBytes(site.meter, { level }));
    await client.closed;
    expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 1, sessionPresent: false }]);
  },
);

test("[MQTT-3.1.2-1] [MQTT-3.1.2-2] our decision: MQTT 3.1 is spoken too, and a bridge's mark in the level is overlooked", async () => {
  expect(await codeOf(connectBytes(site.meter, { name: "MQIsdp", level: 3 }))).toBe(0);
  expect(await codeOf(connectBytes(site.meter, { level: 0x84 }))).toBe(0);
});

test.each([
  ["[MQTT-3.1.2-3] the reserved flag", CLEAN | USER_NAME | PASSWORD | 1, []],
  ["[MQTT-3.1.2-13] the QoS of a will that is none", CLEAN | USER_NAME | PASSWORD | WILL_QOS_1, []],
  ["[MQTT-3.1.2-15] the retain flag of a will that is none", CLEAN | USER_NAME | PASSWORD | WILL_RETAIN, []],
  ["[MQTT-3.1.2-14] a will with QoS 3", CLEAN | USER_NAME | PASSWORD | WILL | 0x18, ["will", "x"]],
  ["[MQTT-3.1.2-9] a will whose topic and message are missing", CLEAN | USER_NAME | PASSWORD | WILL, []],
  ["[MQTT-3.1.2-19] a user name that is missing", CLEAN | USER_NAME | PASSWORD | WILL, ["will"]],
  ["[MQTT-3.1.2-22] a password without a user name", CLEAN | PASSWORD, []],
  ["[MQTT-3.1.2-18] a user name that no flag announced", CLEAN, []],
  ["[MQTT-3.1.2-20] a password that no flag announced", CLEAN | USER_NAME, []],
])("%s closes the connection without an answer", async (_, flags, will) => {
  expect(await codeOf(connectBytes(site.meter, { flags, will }))).toBeUndefined();
});

test("[MQTT-3.1.3-1] bytes behind the last field close the connection without an answer", async () => {
  expect(await codeOf(connectBytes(site.meter, { behind: bytes("00") }))).toBeUndefined();
});

test("[MQTT-3.1.3-5] client ids of 1 to 23 letters and digits are accepted, and longer or stranger ones too", async () => {
  for (const clientId of ["a", "abcdefghijklmnopqrstuvw", "x".repeat(1000), "ünï/cødé #+$", "__proto__"]) {
    expect(await codeOf(connectBytes(site.meter, { clientId })), clientId).toBe(0);
  }
});

test("[MQTT-3.1.3-6] [MQTT-3.1.3-7] [MQTT-3.1.3-8] an empty client id is accepted with a clean session, else answered with 2", async () => {
  expect(await codeOf(connectBytes(site.meter, { clientId: "" }))).toBe(0);
  expect(await codeOf(connectBytes(site.meter, { clientId: "", flags: USER_NAME | PASSWORD }))).toBe(2);
});

test("[MQTT-3.1.3-6] two connections that gave no client id are two sessions", async () => {
  const one = await connected(site, { clientId: "" });
  const other = await connected(site, { clientId: "" });
  expect(await answersPing(one)).toBe(true);
  expect(await answersPing(other)).toBe(true);
  await Promise.all([hang(one), hang(other)]);
});

test("[MQTT-3.2.0-1] [MQTT-3.2.2-1] the CONNACK comes before every other answer, with session present 0", async () => {
  const client = new RawClient(site.port);
  client.write(
    connectBytes(site.meter),
    publishBytes("first", 1, "x"),
    { cmd: "subscribe", messageId: 2, subscriptions: [{ topic: "a", qos: 0 }] },
    { cmd: "pingreq" },
  );
  await until(() => client.packets.length === 4, "all four are answered");
  expect(client.packets[0]).toMatchObject({ cmd: "connack", returnCode: 0, sessionPresent: false });
  expect(client.packets.map(({ cmd }) => cmd).toSorted()).toEqual([
    "connack",
    "pingresp",
    "puback",
    "suback",
  ]);
  await hang(client);
});

test("[MQTT-3.1.4-5] nothing that follows a refused CONNECT is processed [MQTT-3.2.2-4] [MQTT-3.2.2-5]", async () => {
  const client = new RawClient(site.port);
  client.write(connectBytes(site.meter, { password: "wrong" }), publishBytes("refused", 1, "x"));
  await client.closed;
  expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 4, sessionPresent: false }]);
  expect(await timesKept(site, "refused")).toBe(0);
});

test("(4.2) the transport is a stream: a CONNECT is read in whatever two segments it comes", async () => {
  const whole = connectBytes(site.meter);
  for (let at = 1; at < whole.length; at += 1) {
    const client = new RawClient(site.port);
    client.socket.setNoDelay(true);
    client.write(whole.subarray(0, at));
    await segment();
    client.write(whole.subarray(at));
    expect(await client.take("connack"), `cut at ${at}`).toMatchObject({ returnCode: 0 });
    await hang(client);
  }
});

test("(4.2) the transport is a stream: a CONNECT and a PUBLISH are read byte by byte", async () => {
  const client = new RawClient(site.port);
  client.socket.setNoDelay(true);
  for (const byte of Buffer.concat([connectBytes(site.meter), publishBytes("slow", 1, "x")])) {
    client.write(Buffer.from([byte]));
    await segment();
  }
  expect(await client.take("puback")).toMatchObject({ messageId: 1 });
  await hang(client);
});

test("[MQTT-3.1.4-1] a CONNECT cut short and ended is nothing, wherever it is cut", async () => {
  const whole = encoded({ cmd: "connect", clientId: "cut", protocolId: "MQTT", protocolVersion: 4 });
  await Promise.all(
    Array.from({ length: whole.length - 1 }, async (_, index) => {
      const client = new RawClient(site.port);
      client.write(whole.subarray(0, index + 1));
      client.socket.end();
      await client.closed;
      expect(client.packets).toEqual([]);
    }),
  );
});
