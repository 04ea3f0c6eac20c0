// What ingest remembers of a device between messages: descriptions, values that only count when they change, its clock.
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Decoder } from "#devices/reading";
import { MINUTE_MS } from "#devices/time";
import { createIngest, type Ingest, type IngestMessage, type IngestOptions } from "#ingest";
import { loadFacts, openPool, type DeviceContext, type Pool, postgresStore } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";
import { jsonDecoder, observation, registerSpec, written } from "./test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
let database: FreshDatabase;
let pool: Pool;
let opened: Ingest[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "ingest-memory-test" });
});
afterEach(async () => {
  await Promise.all(opened.map((ingest) => ingest.close(2000)));
  opened = [];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function start(decoder: Decoder, over: Partial<IngestOptions> = {}): Ingest {
  const log = pino({ level: "silent" });
  const ingest = createIngest({
    store: postgresStore(pool),
    time: { now: () => NOW },
    log,
    decoderOf: () => decoder,
    ...over,
  });
  opened.push(ingest);
  return ingest;
}

function message(device: DeviceContext, payload: Buffer | string, receivedAtMs = NOW): IngestMessage {
  const common = { clientId: "meter", topic: "t", qos: 1 as const, retained: false };
  return { ...common, device, payload: Buffer.from(payload), receivedAtMs };
}

async function sendAll(ingest: Ingest, messages: readonly IngestMessage[]): Promise<void> {
  await Promise.all(
    messages.map((one) => new Promise<void>((resolve) => ingest.accept(one, () => resolve()))),
  );
}

const alias = registerSpec({ name: "by-alias" });
const REBIRTH = { topic: "rebirth", payload: Buffer.from("please") };
/** "birth <value>" says how the next messages are read; "data" is read with it, or not at all. */
const bornDecoder: Decoder = (payload, { facts, receivedAtMs }) => {
  const text = Buffer.from(payload).toString();
  if (text.startsWith("birth")) {
    return { observations: [], rejections: [], facts: [{ key: "birth", value: text.slice(6) }] };
  }
  const value = facts?.get("birth");
  if (value === undefined) {
    const detail = "nobody was born";
    return {
      observations: [],
      rejections: [{ reason: "description_missing", detail }],
      requests: [REBIRTH],
    };
  }
  const read = observation({ register: alias, value, observedAtMs: receivedAtMs });
  return { observations: [read], rejections: [] };
};

async function valuesOf(device: DeviceContext): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::integer as count from reading where device_id = $1",
    [device.id],
  );
  return rows[0]?.count ?? 0;
}

test("a description is stored before its message is acknowledged, and read by the message behind it", async () => {
  const { context: device } = await seedDevice(pool);
  await sendAll(start(bornDecoder), [message(device, "birth 1.5"), message(device, "data")]);
  expect(await loadFacts(pool, [device.id])).toEqual([{ deviceId: device.id, key: "birth", value: "1.5" }]);
  expect(await valuesOf(device)).toBe(1);
});

test("another process, or the same started again, knows the description", async () => {
  const { context: device } = await seedDevice(pool);
  await sendAll(start(bornDecoder), [message(device, "birth 1.5")]);
  await sendAll(start(bornDecoder), [message(device, "data")]);
  expect(await valuesOf(device)).toBe(1);
});

test("without the description the message waits in quarantine, and the device is asked once", async () => {
  const { context: device } = await seedDevice(pool);
  const ingest = start(bornDecoder);
  await sendAll(ingest, [message(device, "data"), message(device, "data", NOW + 1000)]);
  const waiting = async () => {
    const { rows } = await pool.query<{ topic: string; payload: Buffer }>(
      "select topic, payload from device_command where device_id = $1",
      [device.id],
    );
    return rows.map(({ topic, payload }) => `${topic} ${payload.toString()}`);
  };
  await expect.poll(waiting).toEqual(["rebirth please"]);
  const { rows } = await pool.query("select reason from quarantine where device_id = $1", [device.id]);
  expect(rows).toEqual([{ reason: "description_missing" }, { reason: "description_missing" }]);
});

test("a description is replaced by its key, and taken off by an empty one", async () => {
  const { context: device } = await seedDevice(pool);
  const ingest = start(bornDecoder);
  await sendAll(ingest, [message(device, "birth 1.5"), message(device, "birth 2.5")]);
  expect(await loadFacts(pool, [device.id])).toMatchObject([{ value: "2.5" }]);
  await sendAll(ingest, [message(device, "birth ")]);
  expect(await loadFacts(pool, [device.id])).toEqual([]);
});

test("more descriptions than fit are left out, and the messages are acknowledged", async () => {
  const { context: device } = await seedDevice(pool);
  const chatty: Decoder = (payload) => ({
    observations: [],
    rejections: [],
    facts: [{ key: Buffer.from(payload).toString(), value: "x" }],
  });
  const ingest = start(chatty, { limits: { factsPerDeviceMax: 2 } });
  await sendAll(ingest, [message(device, "a"), message(device, "b"), message(device, "c")]);
  expect(await loadFacts(pool, [device.id])).toMatchObject([{ key: "a" }, { key: "b" }]);
});

const cached = { name: "energy", onChange: true, timedByBroker: true, tariff: null } as const;
const power = { name: "power", kind: "instantaneous", quantity: "power", unit: "W", tariff: null } as const;

test("of a value that is repeated with every message only the changes are readings", async () => {
  const { context: device } = await seedDevice(pool);
  const ingest = start(jsonDecoder);
  const at = (second: number, energy: string, watt: string) =>
    message(
      device,
      written({ spec: cached, value: energy }, { spec: power, value: watt }),
      NOW + second * 1000,
    );
  await sendAll(ingest, [
    at(0, "1.5", "24"),
    at(60, "1.5", "31"),
    at(120, "1.6", "30"),
    at(180, "1.6", "29"),
  ]);
  const { rows } = await pool.query<{ registers: number; clock: number }>(
    `select cardinality(l.register_ids) as registers, r.clock
     from reading r join layout l on l.id = r.layout_id
     where r.device_id = $1 order by r.observed_at`,
    [device.id],
  );
  expect(rows.map(({ registers }) => registers)).toEqual([2, 1, 2, 1]);
  expect(rows.every(({ clock }) => clock === 3)).toBe(true);
});

test("a repeated value is acknowledged no sooner than the one that it repeats", async () => {
  const { context: device } = await seedDevice(pool);
  const ingest = start(jsonDecoder, { limits: { flushAfterMs: 300 } });
  const done: string[] = [];
  const payload = written({ spec: cached, value: "9.5" });
  await sendAll(ingest, [message(device, written({ spec: cached, value: "9.4" }))]);
  const first = new Promise<void>((resolve) =>
    ingest.accept(message(device, payload, NOW + 1000), () => (done.push("first"), resolve())),
  );
  const copy = new Promise<void>((resolve) =>
    ingest.accept(message(device, payload, NOW + 2000), () => (done.push("copy"), resolve())),
  );
  expect(done).toEqual([]);
  await Promise.all([first, copy]);
  expect(await valuesOf(device)).toBe(2);
});

test("how far a clock is off is measured from values of the moment, by the least delay", async () => {
  const { context: device } = await seedDevice(pool);
  const ingest = start(jsonDecoder);
  const late = (minute: number, behindMs: number) => {
    const receivedAtMs = NOW + minute * MINUTE_MS;
    return message(
      device,
      written({ spec: power, value: String(minute), atMs: receivedAtMs - behindMs }),
      receivedAtMs,
    );
  };
  // The clock is seven minutes behind; one message more was on its way for an hour.
  await sendAll(ingest, [late(0, 7 * MINUTE_MS + 900), late(3, 67 * MINUTE_MS), late(6, 7 * MINUTE_MS + 40)]);
  await ingest.close(2000);
  const { rows } = await pool.query("select clock_skew_ms from device where id = $1", [device.id]);
  expect(rows).toEqual([{ clock_skew_ms: -7 * MINUTE_MS - 900 }]);
});
