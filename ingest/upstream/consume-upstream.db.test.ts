// Consumers of a real Mosquitto 2 with the settings that we recommend, on a real TimescaleDB.
import type { MqttClient } from "mqtt";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { openPool, type Pool, postgresStore } from "#store";
import { freshDatabase, seedDevice, until, type FreshDatabase } from "#testing";
import { createIngest, type Ingest } from "../ingest.ts";
import type { IngestMessage } from "../message.ts";
import { consumeUpstream, type Upstream, type UpstreamOptions } from "./consume-upstream.ts";
import { openExternalBroker, type ExternalBroker } from "./test-external-broker.ts";

const START = Date.UTC(2026, 0, 15, 12);
let database: FreshDatabase;
let pool: Pool;
let ingest: Ingest;
let broker: ExternalBroker;
let meter: number;
let clients: MqttClient[];
let consumers: Upstream[];
let logged: { level: number; msg: string; [field: string]: unknown }[];
const log = pino({ level: "debug" }, { write: (line) => void logged.push(JSON.parse(line)) });

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "upstream-test" });
  ingest = createIngest({ store: postgresStore(pool), time: systemTime, log: pino({ level: "silent" }) });
});
afterAll(async () => {
  await ingest.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  [clients, consumers, logged] = [[], [], []];
  meter = (await seedDevice(pool)).context.id;
  broker = await openExternalBroker([meter, meter + 1]);
});
afterEach(async () => {
  for (const client of clients) client.end(true);
  await Promise.all(consumers.map((consumer) => consumer.close()));
  await broker.close();
});

async function consume(over: Partial<UpstreamOptions> = {}): Promise<Upstream> {
  const upstream = consumeUpstream({
    pool,
    url: broker.url,
    group: `group-${meter}`,
    time: systemTime,
    log,
    random: () => 0.5,
    ingest,
    ...over,
    limits: { backOffMaxMs: 200, ...over.limits },
  });
  consumers.push(upstream);
  await upstream.ready;
  return upstream;
}

async function device(name: number = meter, over: { protocolVersion?: 4 | 5 } = {}): Promise<MqttClient> {
  const client = await broker.device(String(name), over);
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

const reading = (place: number): string =>
  JSON.stringify([{ n: "power", u: "W", v: place, t: START / 1000 + place }]);

/** Publishes readings `[from, to)` at QoS 1; resolves when Mosquitto has acknowledged all. */
async function publish(client: MqttClient, from: number, to: number): Promise<void> {
  const sent = [];
  for (let place = from; place < to; place++)
    sent.push(client.publishAsync(`d/${meter}/meter`, reading(place), { qos: 1 }));
  await Promise.all(sent);
}

async function stored(): Promise<number[]> {
  const { rows } = await pool.query<{ at: Date }>(
    "select observed_at as at from reading where device_id = $1 order by observed_at",
    [meter],
  );
  return rows.map(({ at }) => (at.getTime() - START) / 1000);
}

const places = (count: number): number[] => Array.from({ length: count }, (_, place) => place);

/** An ingest that keeps messages until it is told to let go. */
class HeldIngest {
  readonly waiting: { message: IngestMessage; done: () => void }[] = [];
  readonly accept = (message: IngestMessage, done: () => void): void =>
    void this.waiting.push({ message, done });
  release(): void {
    for (const { done } of this.waiting.splice(0)) done();
  }
}

test("what a device publishes to its mount, at any QoS and version, becomes its readings", async () => {
  await consume();
  const old = await device(meter, { protocolVersion: 4 });
  const client = await device();
  await publish(client, 0, 50);
  await old.publishAsync(`d/${meter}/meter`, reading(50), { qos: 2 });
  await client.publishAsync(`d/${meter}/meter`, reading(51), { qos: 0 });
  await until(async () => (await stored()).length === 52, "all are stored");
  expect(await stored()).toEqual(places(52));
  await until(async () => {
    const { rows } = await pool.query("select last_seen_at from device where id = $1", [meter]);
    return rows[0]?.last_seen_at !== null;
  }, "it is noted that the device was heard");
});

test("a consumer that ends writes first who was heard in its last period", async () => {
  const upstream = await consume({ limits: { heardEveryMs: 3_600_000 } });
  await publish(await device(), 0, 1);
  await until(async () => (await stored()).length === 1, "it is stored");
  const seen = async () =>
    (await pool.query("select last_seen_at from device where id = $1", [meter])).rows[0]?.last_seen_at;
  expect(await seen()).toBeNull();
  await upstream.close();
  expect(await seen()).not.toBeNull();
});

test("a retained message is stored once, as retained, when it is published and not again to who subscribes later", async () => {
  const first = await consume();
  await (await device()).publishAsync(`d/${meter}/meter`, reading(0), { qos: 1, retain: true });
  await until(async () => (await stored()).length === 1, "it is stored");
  const { rows } = await pool.query("select flags & 4 as retained from reading where device_id = $1", [
    meter,
  ]);
  expect(rows).toEqual([{ retained: 4 }]);
  const second = await consume({ group: `later-${meter}` });
  await publish(await device(), 1, 2);
  await until(() => second.counts.messages > 0, "a later group hears the next message");
  expect([first.counts.messages, second.counts.messages]).toEqual([2, 1]);
});

test("a message of no known device goes to quarantine whole, and is acknowledged; a device registered later is known", async () => {
  const upstream = await consume({ limits: { unknownFreshMs: 50, backOffMaxMs: 200 } });
  const topic = `d/${meter + 1}/tele/x`;
  const stranger = await device(meter + 1);
  await stranger.publishAsync(topic, reading(0), { qos: 1 });
  await until(
    () => upstream.counts.unknown === 1 && upstream.counts.unacknowledged === 0,
    "it is acknowledged",
  );
  const { rows } = await pool.query(
    "select device_id, profile, reason, topic, payload from quarantine where topic = $1",
    [Buffer.from(topic)],
  );
  expect(rows).toEqual([
    {
      device_id: null,
      profile: null,
      reason: "device_unknown",
      topic: Buffer.from(topic),
      payload: Buffer.from(reading(0)),
    },
  ]);
  const { context } = await seedDevice(pool);
  expect(context.id).toBe(meter + 1);
  await until(async () => {
    await stranger.publishAsync(topic, reading(1), { qos: 1 });
    const found = await pool.query("select 1 from reading where device_id = $1", [context.id]);
    return found.rows.length > 0;
  }, "the device is known");
});

test("our rules for Mosquitto keep a device in its mount, and a consumer without the password out", async () => {
  const upstream = await consume();
  const stranger = await device(meter + 1);
  await stranger.publishAsync(`d/${meter}/meter`, reading(0), { qos: 1 }).catch(() => undefined);
  await stranger.publishAsync(`d/${meter + 1}/meter`, reading(0), { qos: 1 });
  await until(() => upstream.counts.messages > 0, "the allowed one comes");
  expect(upstream.counts.messages).toBe(1);
  const intruder = consumeUpstream({
    pool,
    url: broker.url.replace("of%20the", "of%20no"),
    group: "intruders",
    time: systemTime,
    log,
    random: () => 0.5,
    ingest,
  });
  consumers.push(intruder);
  await until(() => logged.some(({ msg }) => msg.includes("refuses us")), "it is said");
  const told = logged.filter(({ msg }) => msg.includes("refuses us"));
  expect(told[0]).toMatchObject({ level: 50 });
  expect(JSON.stringify(logged)).not.toMatch(/of%20|of the:/);
});

test("the broker sends no more than the receive maximum while nothing is committed, and all of it afterwards", async () => {
  const held = new HeldIngest();
  const upstream = await consume({ ingest: held, limits: { receiveMaximum: 100 } });
  const client = await device();
  await publish(client, 0, 500);
  await until(() => held.waiting.length === 100, "the window is full");
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(upstream.counts).toMatchObject({ messages: 100, unacknowledged: 100 });
  await until(() => {
    held.release();
    return upstream.counts.messages === 500 && upstream.counts.unacknowledged === 0;
  }, "everything came and is acknowledged");
});

test("a window of thousands is open at once, far beyond what Mosquitto allows its other clients", async () => {
  const held = new HeldIngest();
  await consume({ ingest: held });
  await publish(await device(), 0, 5000);
  await until(() => held.waiting.length === 5000, "all are in flight");
  held.release();
});

test("while the store is away, connections that come and go do not fill the memory", async () => {
  const held = new HeldIngest();
  // While nothing is read the end of a connection is noticed by the next ping, a third of a keep-alive later.
  const limits = { unacknowledgedBytesMax: 100_000, keepAliveS: 1, backOffMaxMs: 200 };
  const upstream = await consume({ ingest: held, limits });
  await publish(await device(), 0, 1000);
  await until(() => upstream.counts.unacknowledgedBytes > 100_000, "the bound is reached");
  const before = upstream.counts.messages;
  for (let times = 0; times < 3; times++) {
    await broker.stop();
    await broker.start();
    const { connections } = upstream.counts;
    await until(() => upstream.counts.connections > connections, "it is connected again");
  }
  // What was sent and not acknowledged is sent again on each connection, and none of it is taken.
  expect(upstream.counts.messages).toBe(before);
  const seen = new Set<string>();
  await until(() => {
    for (const { message } of held.waiting) seen.add(message.payload.toString());
    held.release();
    return seen.size === 1000 && upstream.counts.unacknowledged === 0;
  }, "everything came");
});

test("two consumers of a group share the messages, and each is stored once", async () => {
  const [first, second] = [await consume(), await consume()];
  await publish(await device(), 0, 1000);
  await until(async () => (await stored()).length === 1000, "all are stored");
  expect(await stored()).toEqual(places(1000));
  expect(first.counts.messages).toBeGreaterThan(300);
  expect(second.counts.messages).toBeGreaterThan(300);
  expect(first.counts.messages + second.counts.messages).toBe(1000);
});

test("what comes while no consumer is there waits in its session, for whoever takes its place", async () => {
  const first = await consume();
  const clientId = await first.ready;
  await first.close();
  await publish(await device(), 0, 100);
  let second: Upstream | undefined;
  await until(async () => {
    // The database gives the place back as soon as it has seen the end of the session that held it.
    second = await consume();
    const same = (await second.ready) === clientId;
    if (!same) await second.close();
    return same;
  }, "the place is free");
  await until(async () => (await stored()).length === 100, "all are stored");
  expect(second?.counts.messages).toBe(100);
});

test("a consumer that retires takes what is still kept for it, and leaves neither subscription nor session", async () => {
  const [leaving, staying] = [await consume(), await consume()];
  const clientId = await leaving.ready;
  const client = await device();
  const published = publish(client, 0, 500);
  await leaving.retire();
  await leaving.close();
  await published;
  await until(async () => (await stored()).length === 500, "all are stored");
  const before = staying.counts.messages;
  await publish(client, 500, 600);
  await until(() => staying.counts.messages === before + 100, "the one that stays gets everything");
  await until(async () => {
    const next = await consume();
    if ((await next.ready) === clientId) return true;
    await next.close();
    return false;
  }, "the place is free");
  expect(logged.findLast(({ msg }) => msg.startsWith("connected"))).toMatchObject({
    clientId,
    resumed: false,
  });
});

test("a broker that restarts keeps the session; one that has forgotten it is reported as a loss", async () => {
  const upstream = await consume();
  await broker.stop();
  await broker.start();
  await until(() => upstream.counts.connections === 2, "it is connected again");
  await publish(await device(), 0, 10);
  await until(async () => (await stored()).length === 10, "all are stored");
  expect(logged.filter(({ level }) => level >= 50)).toEqual([]);
  await broker.stop();
  await broker.start({ empty: true });
  await until(() => upstream.counts.connections === 3, "it is connected again");
  expect(logged.filter(({ level }) => level >= 50).map(({ msg }) => msg)).toEqual([
    expect.stringContaining("forgotten our session"),
  ]);
});

test("Mosquitto 2.0 restores no shared subscription: from its restart until a consumer is back it keeps nothing", async () => {
  const first = await consume();
  await first.close();
  const client = await device();
  await publish(client, 0, 10);
  await broker.stop();
  await broker.start();
  await until(() => client.connected, "the device is connected again");
  await publish(client, 10, 20);
  const second = await consume();
  await until(
    async () => (await stored()).length > 0 || second.counts.messages > 0,
    "what it had kept comes",
  );
  await publish(client, 20, 30);
  await until(async () => (await stored()).includes(29), "what comes from now on is stored");
  // Its own defect, told in the README: the day it is mended this fails. Subscribing each time keeps it this small.
  expect(await stored()).toEqual(places(30).filter((place) => place < 10 || place >= 20));
});

test("a consumer whose place somebody else took meanwhile goes on under another one", async () => {
  const upstream = await consume();
  const clientId = await upstream.ready;
  const group = `group-${meter}`;
  // Its session in the database ends, and the next in line is faster.
  const thief = await pool.connect();
  await pool.query(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and pid <> pg_backend_pid()",
  );
  await until(async () => {
    const { rows } = await thief.query(
      "select pg_try_advisory_lock(hashtext('consumer slot of ' || $1), 1) as taken",
      [group],
    );
    return rows[0]?.taken === true;
  }, "the place is taken");
  await until(() => upstream.counts.connections === 2, "it has moved");
  thief.release(true);
  await publish(await device(), 0, 10);
  expect(clientId).toBe(`${group}-1`);
  expect(logged.findLast(({ msg }) => msg.startsWith("connected"))).toMatchObject({
    clientId: `${group}-2`,
    level: 30,
  });
  expect(logged.filter(({ level }) => level >= 50)).toEqual([]);
});
