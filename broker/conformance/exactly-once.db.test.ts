// MQTT 3.1.1, chapter 4.3.3: QoS 2 in both directions, with a repeat in every position of the handshake.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import { openSite, type RawClient, type Site } from "../test-site.ts";
import {
  answersPing,
  bytes,
  connected,
  field,
  hang,
  id,
  packet,
  publishBytes,
  timesKept,
} from "./test-wire.ts";

const QOS2_DUP = 0x3c;

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

const again = (topic: string, messageId: number, payload: string): Buffer =>
  packet(QOS2_DUP, field(topic), id(messageId), Buffer.from(payload));

async function takeId(
  client: RawClient,
  cmd: "pubrec" | "pubcomp" | "pubrel" | "puback",
): Promise<number | undefined> {
  const answer = await client.take(cmd);
  return answer.cmd === cmd ? answer.messageId : undefined;
}

/** What a listener of the same device has heard on `topic` so far, its own messages aside. */
async function listen(
  topic: string,
  qos: 0 | 1 | 2 = 0,
): Promise<{ client: RawClient; heard: () => Promise<string[]> }> {
  const client = await connected(site, { clientId: `listens to ${topic}` });
  client.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos }] });
  await client.take("suback");
  return {
    client,
    heard: async () => {
      await answersPing(client);
      return client.packets.map((answer) => (answer.cmd === "publish" ? String(answer.payload) : answer.cmd));
    },
  };
}

test("[MQTT-4.3.3-2] PUBLISH, PUBREC, PUBREL, PUBCOMP with one id; the message is kept and passed on once", async () => {
  const client = await connected(site);
  const listener = await listen("once");
  client.write(publishBytes("once", 7, "x", 2));
  expect(await takeId(client, "pubrec")).toBe(7);
  expect(await timesKept(site, "once")).toBe(1);
  client.write({ cmd: "pubrel", messageId: 7 });
  expect(await takeId(client, "pubcomp")).toBe(7);
  await until(async () => (await listener.heard()).length > 0, "it is heard");
  expect(await listener.heard()).toEqual(["x"]);
  await Promise.all([hang(client), hang(listener.client)]);
});

test("[MQTT-4.3.3-2] PUBREC lost: a repeat before PUBREL is answered with PUBREC, and neither kept nor passed on", async () => {
  const client = await connected(site);
  const listener = await listen("rec");
  client.write(publishBytes("rec", 1, "x", 2));
  expect(await takeId(client, "pubrec")).toBe(1);
  for (let repeat = 0; repeat < 3; repeat += 1) {
    client.write(again("rec", 1, "x"));
    expect(await takeId(client, "pubrec")).toBe(1);
  }
  client.write({ cmd: "pubrel", messageId: 1 });
  expect(await takeId(client, "pubcomp")).toBe(1);
  expect(await timesKept(site, "rec")).toBe(1);
  expect(await listener.heard()).toEqual(["x"]);
  await Promise.all([hang(client), hang(listener.client)]);
});

test("[MQTT-4.3.3-2] a repeat that comes while the first is not committed yet is kept and passed on once", async () => {
  const client = await connected(site);
  const listener = await listen("rush");
  client.write(
    Buffer.concat([publishBytes("rush", 1, "x", 2), again("rush", 1, "x"), again("rush", 1, "x")]),
  );
  for (let answer = 0; answer < 3; answer += 1) expect(await takeId(client, "pubrec")).toBe(1);
  expect(await timesKept(site, "rush")).toBe(1);
  await until(async () => (await listener.heard()).length > 0, "it is heard");
  expect(await listener.heard()).toEqual(["x"]);
  await Promise.all([hang(client), hang(listener.client)]);
});

test("[MQTT-4.3.3-2] PUBCOMP lost: every repeated PUBREL is answered with PUBCOMP", async () => {
  const client = await connected(site);
  client.write(publishBytes("rel", 2, "x", 2));
  expect(await takeId(client, "pubrec")).toBe(2);
  client.write(
    { cmd: "pubrel", messageId: 2 },
    { cmd: "pubrel", messageId: 2 },
    { cmd: "pubrel", messageId: 2 },
  );
  for (let repeat = 0; repeat < 3; repeat += 1) expect(await takeId(client, "pubcomp")).toBe(2);
  // One that nobody published is answered alike: what it releases was released on an earlier connection.
  client.write({ cmd: "pubrel", messageId: 999 });
  expect(await takeId(client, "pubcomp")).toBe(999);
  await hang(client);
});

test("[MQTT-4.3.3-2] after PUBREL the id is free: the same bytes again are a new message", async () => {
  const client = await connected(site);
  for (let round = 1; round <= 2; round += 1) {
    client.write(publishBytes("free", 3, "x", 2));
    expect(await takeId(client, "pubrec")).toBe(3);
    client.write({ cmd: "pubrel", messageId: 3 });
    expect(await takeId(client, "pubcomp")).toBe(3);
    expect(await timesKept(site, "free")).toBe(round);
  }
  await hang(client);
});

test("[MQTT-4.6.0-3] PUBRECs leave in the order of their publishes, repeats among them", async () => {
  const client = await connected(site);
  client.write(
    Buffer.concat([
      publishBytes("order", 1, "a", 2),
      publishBytes("order", 2, "b", 2),
      again("order", 1, "a"),
      publishBytes("order", 3, "c", 2),
      again("order", 2, "b"),
      publishBytes("order", 4, "d", 2),
    ]),
  );
  const ids: (number | undefined)[] = [];
  for (let answer = 0; answer < 6; answer += 1) ids.push(await takeId(client, "pubrec"));
  expect(ids.filter((messageId, index) => ids.indexOf(messageId) === index)).toEqual([1, 2, 3, 4]);
  expect(await timesKept(site, "order")).toBe(4);
  await hang(client);
});

test("our decision where a client breaks [MQTT-2.3.1-2]: an id of QoS 2 and the same id of QoS 1 do not stand in each other's way", async () => {
  const client = await connected(site);
  client.write(publishBytes("both", 1, "two", 2), publishBytes("both", 1, "one", 1));
  expect(await takeId(client, "pubrec")).toBe(1);
  expect(await takeId(client, "puback")).toBe(1);
  client.write({ cmd: "pubrel", messageId: 1 });
  expect(await takeId(client, "pubcomp")).toBe(1);
  expect(await timesKept(site, "both")).toBe(2);
  await hang(client);
});

test("[MQTT-3.1.2-4] our decision: sessions are clean, so a repeat on a new connection is a new message, which the store recognises if it is a reading", async () => {
  const first = await connected(site, { clientId: "comes again", clean: false });
  const payload = JSON.stringify([{ n: "power", u: "W", v: 1, t: 1_790_000_000 }]);
  first.write(publishBytes("again", 1, payload, 2));
  expect(await takeId(first, "pubrec")).toBe(1);
  await hang(first);
  const second = await connected(site, { clientId: "comes again", clean: false });
  second.write(again("again", 1, payload));
  expect(await takeId(second, "pubrec")).toBe(1);
  const { rows } = await site.pool.query("select from reading where observed_at = to_timestamp(1790000000)");
  expect(rows).toHaveLength(1);
  await hang(second);
});

test("[MQTT-4.3.3-1] towards a listener: PUBLISH, then PUBREL with its id on each PUBREC, and nothing after PUBCOMP", async () => {
  const listener = await listen("out", 2);
  const client = await connected(site);
  client.write(publishBytes("out", 1, "x", 2));
  const heard = await listener.client.take("publish");
  expect(heard).toMatchObject({ qos: 2, dup: false });
  const messageId = heard.cmd === "publish" ? (heard.messageId ?? 0) : 0;
  expect(messageId).toBeGreaterThan(0);
  for (let repeat = 0; repeat < 2; repeat += 1) {
    listener.client.write({ cmd: "pubrec", messageId });
    expect(await takeId(listener.client, "pubrel")).toBe(messageId);
  }
  listener.client.write({ cmd: "pubcomp", messageId });
  expect(await listener.heard()).toEqual([]);
  await Promise.all([hang(client), hang(listener.client)]);
});

test("our decision (4.3.3 sets no bound): more than a thousand open handshakes close their own connection: their number is bounded", async () => {
  const client = await connected(site);
  const train = Array.from({ length: 1100 }, (_, index) => publishBytes("open", index + 1, "x", 2));
  client.write(Buffer.concat(train));
  await client.closed;
  const answered = client.packets.filter(({ cmd }) => cmd === "pubrec").length;
  expect(answered).toBeLessThanOrEqual(1000);
  expect(await timesKept(site, "open")).toBeGreaterThanOrEqual(answered);
});

test("our decision (4.3 does not say): acknowledgements of what was never sent are overlooked", async () => {
  const client = await connected(site);
  client.write(bytes("40 02 ff ff"), bytes("70 02 ff ff"), bytes("50 02 ff ff"));
  // A PUBREC asks for its PUBREL in any case [MQTT-4.3.3-1].
  expect(await takeId(client, "pubrel")).toBe(65_535);
  expect(await answersPing(client)).toBe(true);
  await hang(client);
});
