// MQTT 3.1.1, chapters 3.1.2.5 to 3.1.2.7 and 3.14: the will, and the ends after which it is published or not.
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import { openSite, RawClient, type Site } from "../test-site.ts";
import { answersPing, bytes, CLEAN, connectBytes, connected, hang, timesKept, WILL } from "./test-wire.ts";

const USER_AND_PASSWORD = 0xc0;

let site: Site;
let listener: RawClient;
beforeAll(async () => {
  site = await openSite();
  listener = await connected(site, { clientId: "listener" });
  listener.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "will/#", qos: 2 }] });
  await listener.take("suback");
});
afterAll(async () => {
  await hang(listener);
  await site.close();
});

type Qos = 0 | 1 | 2;
const willOf = (topic: string, qos: Qos = 0, retain = false) => ({
  topic,
  payload: Buffer.from("gone"),
  qos,
  retain,
});

/** Wills heard on this topic by now. */
async function heard(topic: string): Promise<number> {
  await answersPing(listener);
  return listener.packets.filter((answer) => answer.cmd === "publish" && answer.topic === topic).length;
}

async function expectPublished(topic: string): Promise<void> {
  await until(async () => (await heard(topic)) === 1, `the will on ${topic} is heard`);
  await until(async () => (await timesKept(site, topic)) === 1, `the will on ${topic} is kept`);
}

/** Ends that come after this were handled, so one that should publish nothing has published nothing. */
async function expectWithheld(topic: string): Promise<void> {
  const marker = `will/after/${topic}`;
  await hang(await connected(site, { clientId: "marker", will: willOf(marker) }));
  await expectPublished(marker);
  expect(await heard(topic)).toBe(0);
  expect(await timesKept(site, topic)).toBe(0);
}

test.each<[string, (client: RawClient) => Promise<void> | void]>([
  ["the connection is reset", (client) => void client.socket.resetAndDestroy()],
  ["the connection is ended without DISCONNECT", (client) => void client.socket.end()],
  ["a packet is malformed", (client) => client.write(bytes("32 00"))],
  ["a second CONNECT comes", (client) => client.write(connectBytes(site.meter))],
  ["a DISCONNECT has a reserved flag", (client) => client.write(bytes("e1 00"))],
  ["a publish has no valid topic", (client) => client.write(bytes("32 06 00 01 '#' 00 01 'x'"))],
])("[MQTT-3.1.2-8] the will is published and kept when %s", async (name, end) => {
  const topic = `will/${name.replaceAll(" ", "-")}`;
  const client = await connected(site, { clientId: "dies", will: willOf(topic, 1) });
  await end(client);
  await client.closed;
  await expectPublished(topic);
});

test("[MQTT-3.1.2-8] the will is published when the keep-alive runs out", async () => {
  const client = await connected(site, {
    clientId: "falls silent",
    keepalive: 1,
    will: willOf("will/silent", 1),
  });
  await client.closed;
  await expectPublished("will/silent");
});

test("[MQTT-3.1.2-8] the will of a session that is taken over is published, its successor's is not", async () => {
  const first = await connected(site, { clientId: "twice", will: willOf("will/first") });
  const second = await connected(site, { clientId: "twice", will: willOf("will/second") });
  await first.closed;
  await expectPublished("will/first");
  await expectWithheld("will/second");
  await hang(second);
  await expectPublished("will/second");
});

test("[MQTT-3.1.2-10] [MQTT-3.14.4-3] the will is not published after DISCONNECT, also when packets follow it", async () => {
  const client = await connected(site, { clientId: "leaves", will: willOf("will/leaves") });
  client.write({ cmd: "disconnect" });
  await client.closed;
  const chatty = await connected(site, { clientId: "leaves", will: willOf("will/leaves") });
  chatty.write(Buffer.concat([bytes("e0 00"), bytes("32 00")]));
  await chatty.closed;
  await expectWithheld("will/leaves");
});

test("[MQTT-3.1.2-12] a connection without a will publishes none, also where its client id had one before", async () => {
  const first = await connected(site, { clientId: "plain", will: willOf("will/plain") });
  first.write({ cmd: "disconnect" });
  await first.closed;
  await hang(await connected(site, { clientId: "plain" }));
  await expectWithheld("will/plain");
});

test.each<[Qos, boolean]>([
  [0, false],
  [1, false],
  [2, false],
  [2, true],
])(
  "[MQTT-3.1.2-16] [MQTT-3.1.2-17] a will of QoS %d is passed on with it, and never retained (asked: %s)",
  async (qos, retain) => {
    const topic = `will/qos-${qos}-${String(retain)}`;
    await hang(await connected(site, { clientId: "qualified", will: willOf(topic, qos, retain) }));
    await expectPublished(topic);
    expect(
      listener.packets.find((answer) => answer.cmd === "publish" && answer.topic === topic),
    ).toMatchObject({
      qos,
      retain: false,
      payload: Buffer.from("gone"),
    });
    const later = await connected(site, { clientId: "later" });
    later.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] });
    await later.take("suback");
    expect(await answersPing(later)).toBe(true);
    expect(later.packets).toEqual([]);
    await hang(later);
  },
);

test("[MQTT-3.1.3-10] a will may be empty, and is text in its topic alone", async () => {
  await hang(
    await connected(site, { clientId: "empty", will: { ...willOf("will/empty"), payload: Buffer.alloc(0) } }),
  );
  await expectPublished("will/empty");
});

test.each(["", "will/#", "+/will", "$SYS/will"])(
  "our decision ([MQTT-3.3.2-2] is about PUBLISH): a will to %j, where nobody may publish, is answered with 5",
  async (topic) => {
    const client = new RawClient(site.port);
    client.write(connectBytes(site.meter, { flags: USER_AND_PASSWORD | CLEAN | WILL, will: [topic, "x"] }));
    await client.closed;
    expect(client.packets).toMatchObject([{ cmd: "connack", returnCode: 5 }]);
  },
);

test("[MQTT-3.1.2-8] [MQTT-3.1.4-5] the will of a CONNECT that was refused is not published", async () => {
  const client = new RawClient(site.port);
  client.connect({ ...site.meter, password: "wrong" }, { will: willOf("will/refused") });
  expect(await client.take("connack")).toMatchObject({ returnCode: 4 });
  await client.closed;
  await expectWithheld("will/refused");
});
