// MQTT 3.1.1, chapters 3.3, 4.3 and 4.6: PUBLISH, QoS 0 and 1, in every way in which its bytes can come.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import { openSite, type RawClient, type Site } from "../test-site.ts";
import {
  answersPing,
  answersUntilClosed,
  bytes,
  connected,
  field,
  hang,
  id,
  packet,
  publishBytes,
  segment,
  timesKept,
} from "./test-wire.ts";

const PINGREQ = bytes("c0 00");
const QOS0 = 0x30;
const QOS1 = 0x32;
const DUP = 0x08;
const RETAIN = 0x01;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

/** The ids of so many PUBACKs, in the order of their arrival. */
async function acknowledged(client: RawClient, count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    const answer = await client.take("puback");
    if (answer.cmd === "puback") ids.push(answer.messageId ?? 0);
  }
  return ids;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Writes in segments cut at these places. */
async function writeCut(client: RawClient, whole: Buffer, ...cuts: readonly number[]): Promise<void> {
  const ends = [...cuts, whole.length];
  let from = 0;
  for (const end of ends) {
    client.write(whole.subarray(from, end));
    from = end;
    await segment();
  }
}

test("[MQTT-4.3.2-2] publishes are taken in and acknowledged once each, wherever two segments are cut", async () => {
  const client = await connected(site);
  // Neighbours of every kind: the lengths of one and of two bytes, an empty payload, a PINGREQ between.
  const train = (run: number): Buffer =>
    Buffer.concat([
      publishBytes(`cut/${run}`, 1, "x"),
      publishBytes(`cut/${run}`, 2, "y".repeat(130)),
      PINGREQ,
      publishBytes(`cut/${run}`, 3, ""),
      packet(QOS0, field(`cut/${run}`), Buffer.from("z")),
      publishBytes(`cut/${run}`, 4, "last"),
    ]);
  const { length } = train(100);
  for (let at = 1; at < length; at += 1) {
    await writeCut(client, train(100 + at), at);
    expect(await acknowledged(client, 4), `cut at ${at}`).toEqual([1, 2, 3, 4]);
    await client.take("pingresp");
  }
  expect(client.packets).toEqual([]);
  const kept = await Promise.all(upTo(length - 1).map((at) => timesKept(site, `cut/${100 + at}`)));
  // The one of QoS 0 is taken in beside its neighbours, and may be committed after them.
  expect(kept.every((count) => count === 4 || count === 5)).toBe(true);
  await hang(client);
});

test("[MQTT-4.3.2-2] and wherever three segments are cut", async () => {
  const whole = Buffer.concat([publishBytes("three", 1, "x"), publishBytes("three", 2, "y"), PINGREQ]);
  // Several at a time: each pair of cuts is a round of its own.
  const pairs = upTo(whole.length - 2).flatMap((first) =>
    upTo(whole.length - 1 - first).map((more) => [first, first + more] as const),
  );
  const work = pairs[Symbol.iterator]();
  const lane = async (clientId: string): Promise<void> => {
    const client = await connected(site, { clientId });
    for (const [first, second] of work) {
      await writeCut(client, whole, first, second);
      expect(await acknowledged(client, 2), `cut at ${first} and ${second}`).toEqual([1, 2]);
      await client.take("pingresp");
    }
    expect(client.packets).toEqual([]);
    await hang(client);
  };
  await Promise.all(upTo(8).map((number) => lane(`lane ${number}`)));
});

test("[MQTT-4.6.0-2] a thousand publishes in one write are acknowledged in their order, and others between are answered", async () => {
  const client = await connected(site);
  const train = upTo(1000).flatMap((messageId) => [
    publishBytes("train", messageId, String(messageId)),
    ...(messageId % 10 === 0 ? [PINGREQ] : []),
    ...(messageId % 100 === 0 ? [packet(QOS0, field("train/0"), Buffer.from("x"))] : []),
    ...(messageId % 250 === 0 ? [packet(0x82, id(messageId), field("nothing/+"), bytes("01"))] : []),
  ]);
  client.write(Buffer.concat(train));
  expect(await acknowledged(client, 1000)).toEqual(upTo(1000));
  const answered = (cmd: string): number => client.packets.filter((answer) => answer.cmd === cmd).length;
  await until(() => answered("suback") === 4 && answered("pingresp") === 100, "the others are answered");
  expect(await timesKept(site, "train")).toBe(1000);
  await hang(client);
});

test("(2.2.3) a remaining length on either side of each of its sizes is read, also when the segment ends within it", async () => {
  const client = await connected(site);
  const overhead = field("size").length + 2;
  const lengths = [overhead, 127, 128, 129, 16_383, 16_384, 16_385, 262_143];
  for (const length of lengths) {
    const whole = publishBytes("size", 1, "x".repeat(length - overhead));
    for (const cut of [1, 2, 3, 4, 5]) {
      await writeCut(client, whole, cut);
      expect(await acknowledged(client, 1), `${length} bytes cut at ${cut}`).toEqual([1]);
    }
  }
  expect(await timesKept(site, "size")).toBe(lengths.length * 5);
  await hang(client);
});

test("[MQTT-4.8.0-1] every mix of good packets up to a bad one is acknowledged at most up to it", async () => {
  const bad = [
    bytes("32 06 00 01 'a' 00 00 'x'"),
    bytes("36 06 00 01 'a' 00 01 'x'"),
    bytes("32 04 00 09 'ab'"),
    bytes("d0 00"),
  ];
  for (const [index, fault] of bad.entries()) {
    for (const good of [1, 3]) {
      const topic = `before/${index}/${good}`;
      const client = await connected(site);
      const before = upTo(good).map((messageId) => publishBytes(topic, messageId, "x"));
      client.write(Buffer.concat([...before, fault, publishBytes(`${topic}/after`, 9, "x")]));
      await client.closed;
      const ids = client.packets.map((answer) => (answer.cmd === "puback" ? answer.messageId : answer.cmd));
      expect(ids).toEqual(upTo(good).slice(0, ids.length));
      expect(await timesKept(site, `${topic}/after`)).toBe(0);
    }
  }
});

test("[MQTT-4.3.1-1] a publish of QoS 0 is taken in and answered by nothing [MQTT-2.3.1-5]", async () => {
  const client = await connected(site);
  client.write(packet(QOS0, field("zero"), Buffer.from("x")));
  expect(await answersPing(client)).toBe(true);
  expect(client.packets).toEqual([]);
  await until(async () => (await timesKept(site, "zero")) === 1, "it is kept");
  await hang(client);
});

test("[MQTT-3.3.1-2] DUP with QoS 0 closes the connection", async () => {
  const client = await connected(site);
  expect(await answersUntilClosed(client, packet(QOS0 | DUP, field("dup0"), Buffer.from("x")))).toEqual([]);
});

test("[MQTT-4.3.2-2] a repeat with DUP, and a new message under a free id, are acknowledged each time", async () => {
  const client = await connected(site);
  client.write(publishBytes("repeat", 5, "x"));
  expect(await acknowledged(client, 1)).toEqual([5]);
  client.write(packet(QOS1 | DUP, field("repeat"), id(5), Buffer.from("x")), publishBytes("repeat", 5, "y"));
  expect(await acknowledged(client, 2)).toEqual([5, 5]);
  await hang(client);
});

test("[MQTT-3.3.1-5] deviation: RETAIN is noted with the message, and nothing is retained", async () => {
  const client = await connected(site);
  client.write(packet(QOS1 | RETAIN, field("retained"), id(1), Buffer.from("x")));
  expect(await acknowledged(client, 1)).toEqual([1]);
  // An empty one, which would clear what is retained, is a message like any other [MQTT-3.3.1-10].
  client.write(packet(QOS1 | RETAIN, field("retained"), id(2)));
  expect(await acknowledged(client, 1)).toEqual([2]);
  client.write({ cmd: "subscribe", messageId: 3, subscriptions: [{ topic: "retained", qos: 1 }] });
  await client.take("suback");
  expect(await answersPing(client)).toBe(true);
  expect(client.packets).toEqual([]);
  // Somebody listens now: the way through the distribution retains nothing either, and its flag is cleared [MQTT-3.3.1-9].
  client.write(packet(QOS1 | RETAIN, field("retained"), id(4), Buffer.from("y")));
  expect(await client.take("publish")).toMatchObject({ retain: false, topic: "retained" });
  const later = await connected(site, { clientId: "later" });
  later.write({ cmd: "subscribe", messageId: 3, subscriptions: [{ topic: "retained", qos: 1 }] });
  await later.take("suback");
  expect(await answersPing(later)).toBe(true);
  expect(later.packets).toEqual([]);
  await Promise.all([hang(client), hang(later)]);
});

test("[MQTT-4.3.2-2] (3.3.3) a payload, whatever its bytes, is acknowledged once it is kept, and closes nothing", async () => {
  const client = await connected(site);
  const payloads = [
    bytes("00"),
    bytes("ff fe 00"),
    bytes("30 00 32 00 e0 00"),
    bytes("eda080"),
    Buffer.from("[".repeat(5000)),
  ];
  for (const [index, payload] of payloads.entries())
    client.write(packet(QOS1, field("any"), id(index + 1), payload));
  expect(await acknowledged(client, payloads.length)).toEqual(upTo(payloads.length));
  expect(await timesKept(site, "any")).toBe(payloads.length);
  await hang(client);
});
