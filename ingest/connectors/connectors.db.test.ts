// Connectors against a real Mosquitto: acknowledged after the commit, one process each, whatever goes wrong said in words.
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openPool, passwordBelongsTo, secretBoxOf, type Pool, postgresStore } from "#store";
import { freePort } from "#services";
import { freshDatabase, seedDevice, until, type FreshDatabase } from "#testing";
import { createIngest } from "../ingest.ts";
import type { IngestMessage } from "../message.ts";
import type { Connectors, ConnectorsOptions } from "./connectors.ts";
import { connectTo, disconnect, look, run, SECRETS } from "./test-connectors.ts";
import { openForeignBroker, type ForeignBroker } from "./test-foreign-broker.ts";

type Taken = { readonly message: IngestMessage; readonly done: () => void };

let database: FreshDatabase;
let pool: Pool;
let broker: ForeignBroker;
let taken: Taken[];
let deviceId: number;
let unacknowledgedBytes: number;
const running: Connectors[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "connectors-test", max: 6 });
  broker = await openForeignBroker({ someone: "their word", else: "another" });
});
afterAll(async () => {
  await broker.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  taken = [];
  unacknowledgedBytes = 0;
  deviceId = (await seedDevice(pool, { profile: "gateway" })).context.id;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()));
  await disconnect(pool, deviceId);
});

/** Takes messages and commits nothing by itself. */
const ingest = {
  accept: (message: IngestMessage, done: () => void) => void taken.push({ message, done }),
  pressure: () => ({ unacknowledgedBytes, oldestMs: 0 }),
};
function start(over: Partial<ConnectorsOptions> = {}): Connectors {
  const connectors = run(pool, { ingest, ...over });
  running.push(connectors);
  return connectors;
}
const topics = () => [`m/${deviceId}/#`];
const setUp = (over: Partial<Parameters<typeof connectTo>[2]> = {}): Promise<void> =>
  connectTo(pool, deviceId, { url: broker.url, password: "their word", topics: topics(), ...over });
const isNow = (state: string, code?: string): Promise<void> =>
  until(
    async () => {
      const now = await look(pool, deviceId);
      return now.state === state && (code === undefined || now.errorCode === code);
    },
    `the connector is ${state} ${code ?? ""}`,
  );
const say = (what: string, options?: { qos?: 0 | 1; retain?: boolean }) =>
  broker.publish(`m/${deviceId}/t`, what, options);
const texts = () => taken.map(({ message }) => message.payload.toString());
const heard = (...what: string[]) => until(() => texts().join() === what.join(), `${what.join()} is heard`);

test("its messages come as the device's own, and the page shows how it goes", async () => {
  await setUp();
  expect(await look(pool, deviceId)).toMatchObject({ state: "waiting", messages: 0, lastMessageAt: null });
  start();
  await isNow("connected");
  await say("a");
  await heard("a");
  expect(taken[0]?.message).toMatchObject({
    device: { id: deviceId, profile: "gateway" },
    topic: `m/${deviceId}/t`,
    qos: 1,
    retained: false,
    old: false,
  });
  await until(async () => (await look(pool, deviceId)).messages === 1, "it is counted");
  expect((await look(pool, deviceId)).lastMessageAt).not.toBeNull();
  const { rows } = await pool.query("select last_seen_at from device where id = $1", [deviceId]);
  await until(async () => rows[0].last_seen_at !== undefined, "the device was heard");
});

test("what is not committed is sent again to the next process, what is committed is not", async () => {
  await setUp();
  const first = start();
  await isNow("connected");
  for (const what of ["a", "b", "c"]) await say(what);
  await heard("a", "b", "c");
  // In order: b's answer waits for a's.
  taken[1]?.done();
  taken[0]?.done();
  await sleep(100);
  await first.close();
  running.length = 0;
  const late = taken;
  taken = [];
  await say("d");
  start();
  await heard("c", "d");
  // On another connection the same number means another message.
  late[2]?.done();
  await sleep(50);
  for (const { done } of taken) done();
  await sleep(100);
  await running[0]?.close();
  running.length = 0;
  taken = [];
  start();
  await isNow("connected");
  await sleep(200);
  expect(texts()).toEqual([]);
});

test("a wrong password is refused in words, tried again slowly, and another password is heard of", async () => {
  await setUp({ password: "a guess" });
  start();
  await isNow("refused", "credentials_refused");
  const { errorDetail, nextAttemptAt, errorAt } = await look(pool, deviceId);
  expect(errorDetail).toMatch(/not authorized|user ?name/i);
  expect(errorDetail).not.toContain("guess");
  expect([nextAttemptAt, errorAt]).toEqual([expect.any(Date), expect.any(Date)]);
  await setUp();
  await isNow("connected");
  // The last error stays to be read; nothing is awaited any more.
  expect(await look(pool, deviceId)).toMatchObject({ nextAttemptAt: null, errorCode: "credentials_refused" });
});

test("their password changes, then ours: refused between, nothing lost", async () => {
  await setUp();
  start();
  await isNow("connected");
  broker.setPassword("someone", "changed");
  await sleep(100);
  await broker.stop();
  await broker.start();
  await isNow("refused", "credentials_refused");
  await say("meanwhile");
  await setUp({ password: "changed" });
  await isNow("connected");
  await heard("meanwhile");
  broker.setPassword("someone", "their word");
});

test("a broker that is gone is unreachable until it is back, and what it kept comes then", async () => {
  await setUp();
  start();
  await isNow("connected");
  const sent = ["a", "b", "c", "d"];
  for (const what of sent) await say(what);
  await heard(...sent);
  taken[0]?.done();
  // Until Mosquitto has saved what it has acknowledged.
  await sleep(1500);
  await broker.kill();
  await isNow("unreachable", "connection_refused");
  expect((await look(pool, deviceId)).nextAttemptAt).toEqual(expect.any(Date));
  taken = [];
  await broker.start();
  await isNow("connected");
  await until(() => ["b", "c", "d"].every((what) => texts().includes(what)), "what was not committed comes");
  await say("e");
  await until(() => texts().at(-1) === "e", "it goes on");
});

test("removed, it gives its subscription back, and its password is gone", async () => {
  await setUp();
  start();
  await isNow("connected");
  const { rows } = await pool.query("select client_id from connector where device_id = $1", [deviceId]);
  expect(await disconnect(pool, deviceId)).toBe(true);
  await until(() => running[0]?.held().count === 0, "it is let go");
  await sleep(200);
  await say("nobody hears it");
  expect([texts(), await keptFor(String(rows[0].client_id))]).toEqual([[], []]);
});

const keptFor = (clientId: string) => broker.keptFor({ user: "someone", password: "their word", clientId });

test("a removed device's connector ends with it", async () => {
  await setUp();
  start();
  await isNow("connected");
  await pool.query("update device set removed_at = now() where id = $1", [deviceId]);
  await until(() => running[0]?.held().count === 0, "it is let go");
  const { rows } = await pool.query("select 1 from connector where device_id = $1", [deviceId]);
  expect(rows).toEqual([]);
});

test("other topics begin another session; the old ones are given back", async () => {
  await setUp();
  start();
  await isNow("connected");
  const { rows } = await pool.query("select client_id from connector where device_id = $1", [deviceId]);
  await setUp({ topics: [`n/${deviceId}/#`] });
  await until(async () => {
    await broker.publish(`n/${deviceId}/t`, "new");
    await sleep(20);
    return texts().includes("new");
  }, "the new topic is heard");
  taken = [];
  await say("old");
  await sleep(200);
  expect([texts(), await keptFor(String(rows[0].client_id))]).toEqual([[], []]);
});

test("of several processes one has it, and the next takes it when that one ends or falls silent", async () => {
  await setUp();
  const both = [start(), start()];
  await isNow("connected");
  await say("a");
  await heard("a");
  taken[0]?.done();
  await sleep(300);
  expect(both.map((one) => one.held().count).toSorted((a, b) => a - b)).toEqual([0, 1]);
  expect(texts()).toEqual(["a"]);
  const [holder, other] = both[0]?.held().count === 1 ? both : both.toReversed();
  await holder?.close();
  await until(() => other?.held().connected === 1, "the other one has it");
  await say("b");
  await heard("a", "b");
});

test("a holder that fell silent is followed by another, not before its lease is over", async () => {
  await setUp();
  await pool.query("insert into connector_holder values ('dead', now() + interval '1 second')");
  await pool.query("insert into connector_state (device_id, holder) values ($1, 'dead')", [deviceId]);
  const startedMs = performance.now();
  start();
  await isNow("connected");
  expect(performance.now() - startedMs).toBeGreaterThan(800);
});

test("who cannot say that it runs lets go before another may take over", async () => {
  await setUp();
  let away = false;
  const query = ((...args: Parameters<Pool["query"]>) =>
    away ? Promise.reject(new Error("away")) : pool.query(...args)) as Pool["query"];
  const held = new Proxy(pool, { get: (of, name) => (name === "query" ? query : Reflect.get(of, name)) });
  const cutOff = start({ pool: held, limits: { leaseMs: 600 } });
  await until(() => cutOff.held().connected === 1, "it is connected");
  away = true;
  await until(() => cutOff.held().count === 0, "it lets go");
  start();
  await until(() => running[1]?.held().connected === 1, "another has it");
  away = false;
  await sleep(300);
  expect(cutOff.held().count).toBe(0);
});

test("an old message is told from a new one that is to be kept there", async () => {
  await say("kept", { retain: true });
  await setUp();
  start();
  await heard("kept");
  await say("new", { retain: true });
  await heard("kept", "new");
  expect(taken.map(({ message }) => message.old)).toEqual([true, false]);
  await say("", { retain: true });
});

test("what was kept there makes a reading only with a time of its own; what is new does without", async () => {
  const meter = (await seedDevice(pool)).context.id;
  const time = { now: () => Date.now() };
  const real = createIngest({ store: postgresStore(pool), time, log: pino({ level: "silent" }) });
  const record = (name: string, more: object) => JSON.stringify([{ n: name, u: "W", v: 5, ...more }]);
  await broker.publish(`m/${meter}/kept`, record("untimed", {}), { retain: true });
  await broker.publish(`m/${meter}/timed`, record("timed", { t: Date.now() / 1000 - 60 }), { retain: true });
  await connectTo(pool, meter, { url: broker.url, password: "their word", topics: [`m/${meter}/#`] });
  const connectors = start({ ingest: real });
  await until(() => connectors.counts.messages === 2, "both have come");
  await broker.publish(`m/${meter}/kept`, record("live", {}), { retain: true });
  const names = async () =>
    (await pool.query("select name from register where device_id = $1 order by name", [meter])).rows.map(
      ({ name }) => name,
    );
  await until(async () => (await names()).length > 1, "readings are there");
  await until(() => connectors.counts.unacknowledged === 0, "all is committed");
  expect(await names()).toEqual(["live", "timed"]);
  const { rows } = await pool.query("select 1 from quarantine where device_id = $1", [meter]);
  expect(rows).toEqual([]);
  await real.close();
  for (const what of ["kept", "timed"]) await broker.publish(`m/${meter}/${what}`, "", { retain: true });
  await disconnect(pool, meter);
});

test("while too much waits for its commit nothing more is taken, and the connection stays", async () => {
  await setUp();
  start({ limits: { connectorBytesMax: 4000, keepAliveS: 1 } });
  await isNow("connected");
  for (let i = 0; i < 20; i++) await say("x".repeat(1000), { qos: 0 });
  await until(() => taken.length > 2, "some are taken");
  await sleep(2500);
  const before = taken.length;
  expect(before).toBeLessThan(7);
  expect((await look(pool, deviceId)).state).toBe("connected");
  unacknowledgedBytes = 100 * 1024 * 1024;
  for (const { done } of taken) done();
  await sleep(200);
  expect(taken.length).toBe(before);
  unacknowledgedBytes = 0;
  await until(() => {
    for (const { done } of taken.splice(0)) done();
    return running[0]?.counts.messages === 20;
  }, "all are taken");
});

test("an address of ours is not connected to unless that is configured", async () => {
  await setUp({ url: `mqtt://localhost:${broker.port}` });
  start({ allowPrivate: false });
  await isNow("refused", "address_forbidden");
});

test("a password under an earlier key is sealed anew; one under a key that is not here is said", async () => {
  await setUp();
  const now = secretBoxOf([Buffer.alloc(32, 1), Buffer.alloc(32, 9)]);
  start({ secrets: now });
  await isNow("connected");
  const { rows } = await pool.query("select * from connector where device_id = $1", [deviceId]);
  const { password_sealed: sealed, url, username } = rows[0];
  expect(SECRETS.open(sealed, passwordBelongsTo({ deviceId, url, username }))).toBeUndefined();
  expect(now.open(sealed, passwordBelongsTo({ deviceId, url, username }))).toBe("their word");
  await running.pop()?.close();
  start();
  await isNow("refused", "password_unreadable");
});

test("a broker that grants QoS 0 only, and no session, is used as it is", async () => {
  const plain = await openForeignBroker({ someone: "their word" }, ["max_qos 0"]);
  await setUp({ url: plain.url, kind: "the-things-stack" });
  start();
  await isNow("connected");
  await plain.publish(`m/${deviceId}/t`, "a", { qos: 0 });
  await heard("a");
  expect(taken[0]?.message.qos).toBe(0);
  await plain.close();
});

test("a broker behind WebSocket is reached like any other", async () => {
  const port = await freePort();
  const web = await openForeignBroker({ someone: "their word" }, [
    `listener ${port} 127.0.0.1`,
    "protocol websockets",
  ]);
  await setUp({ url: `ws://127.0.0.1:${port}/mqtt` });
  start();
  await isNow("connected");
  await web.publish(`m/${deviceId}/t`, "a");
  await heard("a");
  await setUp({ url: `ws://127.0.0.1:${web.port}/` });
  await isNow("unreachable");
  await web.close();
});

test("a larger packet than a meter's ends the connection before it is in memory", async () => {
  await setUp();
  start({ limits: { packetBytesMax: 4096 } });
  await isNow("connected");
  await say("x".repeat(2_000_000), { qos: 0 });
  const said = async () => /more than 4096 bytes/.test((await look(pool, deviceId)).errorDetail ?? "");
  await until(said, "it is said why");
  expect(texts()).toEqual([]);
});
