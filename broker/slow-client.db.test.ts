// A client that does not read costs nobody else anything: what is buffered for it is bounded, then it is disconnected.
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "mqtt-packet";
import { afterEach, expect, test } from "vitest";
import type { Ingest } from "#ingest";
import type { BrokerLimits } from "./limits.ts";
import { until } from "#testing";
import { openClient, openSite, RawClient, type Site } from "./test-site.ts";

const KIB = 1024;
const PAYLOAD = Buffer.alloc(100 * KIB, "x");
/** More than two sockets buffer in the kernel: 4 and 6 MiB at most on Linux. */
const MESSAGE_COUNT = 150;

/** Commits at once: this is about what goes out, not about what is stored. */
const INGEST: Pick<Ingest, "accept" | "pressure"> = {
  accept: (_message, done) => done(),
  pressure: () => ({ unacknowledgedBytes: 0, oldestMs: 0 }),
};

let site: Site;
afterEach(() => site.close());

async function openStuck(limits: Partial<BrokerLimits>): Promise<RawClient> {
  site = await openSite({ ingest: INGEST, limits });
  const stuck = new RawClient(site.port);
  stuck.connect(site.meter, { clientId: "stuck" });
  await stuck.take("connack");
  stuck.write({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic: "#", qos: 0 }] });
  await stuck.take("suback");
  stuck.socket.pause();
  return stuck;
}

const slowClients = async () =>
  Number(/koprogo_mqtt_slow_clients_total (\d+)/.exec(await site.broker.metrics())?.[1]);

test("too many bytes: it is dropped and counted, its publisher and other listeners go on as if it were not there", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 3_600_000 });
  const [talker, listener] = [
    await openClient(site.port, site.meter, { clientId: "talker" }),
    await openClient(site.port, site.meter, { clientId: "listener" }),
  ];
  let heard = 0;
  listener.on("message", () => heard++);
  await listener.subscribeAsync("#", { qos: 0 });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  await until(() => heard === MESSAGE_COUNT, "the other listener heard everything");
  expect(await slowClients()).toBe(1);
  stuck.socket.resume();
  await stuck.closed;
  await talker.endAsync();
  await listener.endAsync();
});

test("a full socket for too long: it is dropped too, and meanwhile no message of another device waits", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 4000, clientBufferBytesMax: 1024 * 1024 * KIB });
  const talker = await openClient(site.port, site.meter, { clientId: "talker" });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  const other = await openClient(site.port, site.stranger);
  let heard = 0;
  other.on("message", () => heard++);
  await other.subscribeAsync("#", { qos: 1 });
  for (let i = 0; i < 20; i++) await other.publishAsync("t", "[]", { qos: 1 });
  await until(() => heard === 20, "the other device heard its own");
  await until(async () => (await slowClients()) === 1, "the stuck one is dropped");
  stuck.socket.resume();
  await stuck.closed;
  await talker.endAsync();
  await other.endAsync();
});

test("a client that reads again in time keeps its connection and everything that was buffered", async () => {
  const stuck = await openStuck({ clientBufferBytesMax: 1024 * 1024 * KIB });
  const talker = await openClient(site.port, site.meter, { clientId: "talker" });
  for (let i = 0; i < MESSAGE_COUNT; i++) await talker.publishAsync("t", PAYLOAD, { qos: 1 });
  stuck.socket.resume();
  for (let i = 0; i < MESSAGE_COUNT; i++) await stuck.take("publish");
  stuck.write({ cmd: "pingreq" });
  await stuck.take("pingresp");
  expect(await slowClients()).toBe(0);
  stuck.socket.destroy();
  await talker.endAsync();
});

/** Of the largest payload that a command may have. */
async function giveCommands(count: number): Promise<void> {
  await site.pool.query(
    `insert into device_command (device_id, topic, payload, created_at, expires_at)
     select $1, 'c', decode(repeat('78', 65536), 'hex'), now(), now() + interval '1 hour'
     from generate_series(1, $2::integer)`,
    [site.meter.id, count],
  );
}

/** Commands sent so far, once that stands still: the socket takes no more. */
async function commandsSentAtMost(): Promise<number> {
  const sent = async () =>
    Number(/koprogo_mqtt_commands_sent_total (\d+)/.exec(await site.broker.metrics())?.[1]);
  return standingStill(sent, "commands are sent no more");
}

/** The value above zero that has not changed for half a second. */
async function standingStill(read: () => Promise<number>, what: string): Promise<number> {
  let [last, sinceMs] = [0, performance.now()];
  await until(
    async () => {
      const value = await read();
      if (value !== last) [last, sinceMs] = [value, performance.now()];
      return value > 0 && performance.now() - sinceMs > 500;
    },
    what,
    30_000,
  );
  return last;
}

test("commands fill the socket of a client that does not read: it is dropped and counted like any other", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 2000, changesEveryMs: 50 });
  await giveCommands(MESSAGE_COUNT * 2);
  await until(async () => (await slowClients()) === 1, "the stuck one is dropped", 30_000);
  stuck.socket.resume();
  await stuck.closed;
});

test("commands filled the socket, then it was read again: what the client sent meanwhile is taken in", async () => {
  const stuck = await openStuck({ clientDrainWithinMs: 3_600_000, changesEveryMs: 50 });
  await giveCommands(MESSAGE_COUNT * 2);
  await commandsSentAtMost();
  stuck.write({ cmd: "publish", topic: "t", payload: "[]", qos: 1, messageId: 7, dup: false, retain: false });
  await sleep(500);
  stuck.socket.resume();
  expect(await stuck.take("puback")).toMatchObject({ messageId: 7 });
  stuck.socket.destroy();
});

test("a client that publishes and never reads its PUBACKs is read no further, and is dropped in time", async () => {
  site = await openSite({
    ingest: INGEST,
    limits: {
      clientDrainWithinMs: 5000,
      clientBufferBytesMax: 1024 * 1024 * KIB,
      deviceRateMax: 1e9,
      buildingRateMax: 1e9,
    },
  });
  const deaf = new RawClient(site.port);
  deaf.connect(site.meter);
  await deaf.take("connack");
  deaf.socket.pause();
  const publish = generate({
    cmd: "publish",
    topic: "t",
    payload: "",
    qos: 1,
    messageId: 1,
    dup: false,
    retain: false,
  });
  const train = Buffer.concat(Array.from({ length: 10_000 }, () => publish));
  const speak = (): void => {
    while (deaf.socket.writable && deaf.socket.write(train));
  };
  deaf.socket.on("drain", speak);
  speak();
  const published = async () =>
    Number(/koprogo_mqtt_publishes_total\{qos="1"\} (\d+)/.exec(await site.broker.metrics())?.[1]);
  await standingStill(published, "it is read no further");
  expect(await slowClients()).toBe(0);
  await until(async () => (await slowClients()) === 1, "it is dropped", 30_000);
  deaf.socket.resume();
  await deaf.closed;
});
