// MQTT 3.1.1, chapters 3.8 to 3.11 and 4.7: subscriptions, their return codes, and what they bring.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ISubscription } from "mqtt-packet";
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
} from "./test-wire.ts";

let site: Site;
let sender: RawClient;
beforeAll(async () => {
  site = await openSite();
  sender = await connected(site, { clientId: "sender", keepalive: 600 });
});
afterAll(async () => {
  await hang(sender);
  await site.close();
});

type Qos = 0 | 1 | 2;

async function subscribe(
  client: RawClient,
  ...filters: readonly (readonly [string, Qos])[]
): Promise<readonly unknown[]> {
  const subscriptions: ISubscription[] = filters.map(([topic, qos]) => ({ topic, qos }));
  client.write({ cmd: "subscribe", messageId: 77, subscriptions });
  const answer = await client.take("suback");
  if (answer.cmd !== "suback" || answer.messageId !== 77)
    throw new Error(`answered ${JSON.stringify(answer)}`);
  return answer.granted;
}

async function send(topic: string, payload: string, qos: Qos = 1): Promise<void> {
  if (qos === 0) {
    sender.write(packet(0x30, field(topic), Buffer.from(payload)));
    await answersPing(sender);
    return;
  }
  sender.write(publishBytes(topic, 9, payload, qos));
  await sender.take(qos === 1 ? "puback" : "pubrec");
  if (qos === 2) sender.write({ cmd: "pubrel", messageId: 9 });
}

/** What was heard up to a last message that every test's filter lets through. */
async function heardBy(client: RawClient): Promise<string[]> {
  await subscribe(client, ["end/of/test", 0]);
  await send("end/of/test", "end");
  const texts = (): string[] =>
    client.packets.flatMap((answer) =>
      answer.cmd === "publish" ? [`${answer.topic} ${String(answer.payload)}`] : [],
    );
  await until(() => texts().includes("end/of/test end"), "the last message is heard");
  return texts().filter((text) => text !== "end/of/test end");
}

test("[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.8.4-5] [MQTT-3.9.3-1] a SUBACK has the SUBSCRIBE's id and a code for each filter, in order", async () => {
  const client = await connected(site);
  expect(await subscribe(client, ["a", 0], ["$SYS/#", 1], ["b/+", 1], ["$share/g/a", 2], ["c/#", 2])).toEqual(
    [0, 128, 1, 128, 2],
  );
  await hang(client);
});

test.each([
  ["[MQTT-3.8.3-3] no filter", "82 02 00 01"],
  ["[MQTT-3-8.3-4] QoS 3", "82 06 00 01 00 01 'a' 03"],
  ["[MQTT-3-8.3-4] a reserved bit beside the QoS", "82 06 00 01 00 01 'a' 04"],
  ["a filter without its QoS", "82 05 00 01 00 01 'a'"],
  ["a filter beyond its end", "82 06 00 01 00 09 'a' 00"],
  ["[MQTT-3.10.3-2] no filter to unsubscribe from", "a2 02 00 01"],
  ["an UNSUBSCRIBE that ends within a filter", "a2 05 00 01 00 09 'a'"],
])("%s closes the connection", async (_, hex) => {
  expect(await answersUntilClosed(await connected(site), bytes(hex))).toEqual([]);
});

test.each(["a#", "#/a", "a/#/b", "##", "a+", "+a", "a/+b", "a/b+/c", "++"])(
  "[MQTT-4.7.1-2] [MQTT-4.7.1-3] the filter %s closes the connection, to subscribe and to unsubscribe",
  async (filter) => {
    const subscribing = packet(0x82, id(1), field(filter), bytes("00"));
    expect(await answersUntilClosed(await connected(site), subscribing)).toEqual([]);
    expect(await answersUntilClosed(await connected(site), packet(0xa2, id(1), field(filter)))).toEqual([]);
  },
);

test.each<[string, readonly string[], readonly string[]]>([
  [
    "sport/tennis/player1/#",
    ["sport/tennis/player1", "sport/tennis/player1/ranking", "sport/tennis/player1/score/x"],
    ["sport/tennis", "sport/tennis/player2"],
  ],
  ["sport/+", ["sport/", "sport/x"], ["sport", "sport/x/y"]],
  ["+/+", ["/finance", "a/b"], ["finance", "a/b/c"]],
  ["/+", ["/finance"], ["finance", "a/finance"]],
  ["#", ["a", "/", "a//b", "end/of/tests"], []],
  ["+/monitor/+", ["a/monitor/b", "/monitor/"], ["a/monitor", "monitor/b"]],
  ["Case/case", ["Case/case"], ["case/case", "Case/case/", "/Case/case"]],
])("[MQTT-4.7.3-4] the filter %s matches as chapter 4.7 says", async (filter, matching, other) => {
  const client = await connected(site, { clientId: "matches" });
  await subscribe(client, [filter, 0]);
  for (const topic of [...matching, ...other]) await send(topic, "x");
  expect(await heardBy(client)).toEqual(matching.map((topic) => `${topic} x`));
  await hang(client);
});

test("deviation from [MQTT-4.7.2-1]: within a device's mount, topics that begin with $ match a wildcard in front", async () => {
  const client = await connected(site, { clientId: "dollar" });
  await subscribe(client, ["#", 0]);
  await send("$own/x", "x");
  expect(await heardBy(client)).toEqual(["$own/x x"]);
  expect(await subscribe(client, ["$own/x", 0])).toEqual([128]);
  await hang(client);
});

test.each<[Qos, Qos]>([
  [0, 0],
  [0, 1],
  [0, 2],
  [1, 0],
  [1, 1],
  [1, 2],
  [2, 0],
  [2, 1],
  [2, 2],
])(
  "[MQTT-3.8.4-6] granted QoS %d, published with %d: delivered with the lower of both",
  async (granted, published) => {
    const client = await connected(site, { clientId: "level" });
    expect(await subscribe(client, [`level/${granted}/+`, granted])).toEqual([granted]);
    await send(`level/${granted}/${published}`, "x", published);
    expect(await client.take("publish")).toMatchObject({ qos: Math.min(granted, published), dup: false });
    await hang(client);
  },
);

test("[MQTT-3.8.4-3] a filter that is subscribed to again has the new quality, and still one delivery", async () => {
  const client = await connected(site, { clientId: "again" });
  expect(await subscribe(client, ["again", 0])).toEqual([0]);
  expect(await subscribe(client, ["again", 1])).toEqual([1]);
  await send("again", "x");
  expect(await client.take("publish")).toMatchObject({ qos: 1 });
  expect(await heardBy(client)).toEqual([]);
  await hang(client);
});

test("[MQTT-3.3.5-1] a message that several filters match is delivered once, with the highest quality granted", async () => {
  const client = await connected(site, { clientId: "overlaps" });
  await subscribe(client, ["over/#", 0], ["over/+", 2], ["over/lap", 1]);
  await send("over/lap", "x", 2);
  expect(await client.take("publish")).toMatchObject({ qos: 2 });
  expect(await heardBy(client)).toEqual([]);
  await hang(client);
});

test("[MQTT-3.10.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-6] UNSUBSCRIBE of several filters is answered with its id, and ends each", async () => {
  const client = await connected(site, { clientId: "stops" });
  await subscribe(client, ["one", 0], ["two/+", 0], ["three", 0]);
  client.write({ cmd: "unsubscribe", messageId: 31, unsubscriptions: ["one", "two/+"] });
  expect(await client.take("unsuback")).toMatchObject({ messageId: 31 });
  for (const topic of ["one", "two/x", "three"]) await send(topic, "x");
  expect(await heardBy(client)).toEqual(["three x"]);
  await hang(client);
});

test("[MQTT-3.10.4-5] UNSUBSCRIBE of what nobody subscribed to is answered too, and ends nothing else", async () => {
  const client = await connected(site, { clientId: "mistaken" });
  await subscribe(client, ["mine/+", 0]);
  client.write({ cmd: "unsubscribe", messageId: 5, unsubscriptions: ["mine/x", "mine/#", "other"] });
  expect(await client.take("unsuback")).toMatchObject({ messageId: 5 });
  await send("mine/x", "x");
  expect(await heardBy(client)).toEqual(["mine/x x"]);
  await hang(client);
});

test("[MQTT-4.6.0-6] a listener hears one sender's messages in their order", async () => {
  const client = await connected(site, { clientId: "ordered" });
  await subscribe(client, ["ordered", 1]);
  const count = 300;
  sender.write(
    Buffer.concat(
      Array.from({ length: count }, (_, index) => publishBytes("ordered", index + 1, String(index))),
    ),
  );
  const heard: number[] = [];
  while (heard.length < count) {
    const answer = await client.take("publish");
    if (answer.cmd !== "publish") continue;
    heard.push(Number(answer.payload));
    client.write({ cmd: "puback", messageId: answer.messageId ?? 0 });
  }
  expect(heard).toEqual(Array.from({ length: count }, (_, index) => index));
  for (let taken = 0; taken < count; taken += 1) await sender.take("puback");
  await hang(client);
});

test("[MQTT-2.3.1-4] messages on their way to a listener have ids of their own", async () => {
  const client = await connected(site, { clientId: "counts" });
  await subscribe(client, ["counts", 1]);
  for (let index = 0; index < 50; index += 1) await send("counts", String(index));
  const ids = new Set<number>();
  while (ids.size < 50) {
    const answer = await client.take("publish");
    if (answer.cmd === "publish") ids.add(answer.messageId ?? 0);
  }
  expect(ids.has(0)).toBe(false);
  await hang(client);
});

test("our decision (the standard leaves it open): a listener that never reads stays alone with it: others hear and are acknowledged", async () => {
  const deaf = await connected(site, { clientId: "deaf" });
  await subscribe(deaf, ["flood", 0]);
  deaf.socket.pause();
  const client = await connected(site, { clientId: "hears" });
  await subscribe(client, ["flood", 0]);
  // More than the buffers of a socket take in.
  const count = 200;
  const payload = "x".repeat(60_000);
  for (let index = 1; index <= count; index += 1) sender.write(publishBytes("flood", index, payload));
  for (let taken = 0; taken < count; taken += 1) await sender.take("puback");
  const heard = (): number => client.packets.filter(({ cmd }) => cmd === "publish").length;
  await until(() => heard() === count, "the other has heard everything");
  await Promise.all([hang(client), hang(deaf)]);
});
