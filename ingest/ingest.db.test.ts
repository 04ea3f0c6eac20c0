// The pipeline on a real database: what is acknowledged is committed, once, and what is wrong costs its sender alone.
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { DAY_MS, utcDay } from "#devices/time";
import { createIngest, liveEntries, type Ingest, type IngestMessage, type IngestOptions } from "#ingest";
import {
  latestReadings,
  listReadings,
  openPool,
  type DeviceContext,
  type LiveEntry,
  type Pool,
  postgresStore,
} from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";
import { jsonDecoder, written } from "./test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const power = { name: "power", kind: "instantaneous", quantity: "power", unit: "W", tariff: null } as const;

let database: FreshDatabase;
let pool: Pool;
let opened: Ingest[] = [];
/** What a test did to the database that others must not find, should it fail half-way. */
let undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "ingest-test" });
});
afterEach(async () => {
  for (const step of undo) await step();
  undo = [];
  await Promise.all(opened.map((ingest) => ingest.close(2000)));
  opened = [];
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function start(over: Partial<IngestOptions> = {}): Ingest {
  const ingest = createIngest({
    store: postgresStore(pool),
    time: { now: () => NOW },
    log: pino({ level: "silent" }),
    decoderOf: () => jsonDecoder,
    ...over,
  });
  opened.push(ingest);
  return ingest;
}

function message(device: DeviceContext, payload: Buffer, over: Partial<IngestMessage> = {}): IngestMessage {
  return {
    device,
    clientId: "meter",
    topic: "telegram",
    payload,
    qos: 1,
    retained: false,
    receivedAtMs: NOW,
    ...over,
  };
}

/** Sends one after the other without waiting, and resolves when all are done; each once, or it throws. */
async function sendAll(ingest: Ingest, messages: readonly IngestMessage[]): Promise<void> {
  await Promise.all(
    messages.map(
      (one) =>
        new Promise<void>((resolve) => {
          let calls = 0;
          ingest.accept(one, () => {
            calls += 1;
            if (calls > 1) throw new Error("done was called twice");
            resolve();
          });
        }),
    ),
  );
}

async function readings(deviceId: number, name: string): Promise<{ at: number; value: string }[]> {
  const { rows } = await pool.query<{ id: number }>(
    "select id from register where device_id = $1 and name = $2",
    [deviceId, name],
  );
  const { items } = await listReadings(pool, rows[0]?.id ?? 0, { fromMs: 0, toMs: 2 * NOW, limit: 10_000 });
  return items.map(({ observedAtMs, value }) => ({ at: observedAtMs, value }));
}

async function quarantine(deviceId: number): Promise<{ reason: string; detail: string; payload: Buffer }[]> {
  const { rows } = await pool.query(
    "select reason, detail, payload, topic, client_id from quarantine where device_id = $1 order by id",
    [deviceId],
  );
  return rows;
}

/** Holds every insert into `reading` until it is released. */
async function holdStore(): Promise<() => Promise<unknown>> {
  const client = await pool.connect();
  await client.query("begin; lock table reading in exclusive mode");
  undo.push(async () => {
    await client.query("rollback");
    client.release();
  });
  return () => client.query("rollback");
}

/** The store refuses rows of more than 40 bytes of values until it is released: a fault of the data. */
async function poisonWideRows(): Promise<() => Promise<unknown>> {
  await pool.query(
    `alter table reading add constraint narrow check (octet_length("values") <= 40) not valid`,
  );
  const heal = () => pool.query("alter table reading drop constraint if exists narrow");
  undo.push(heal);
  return heal;
}
const wide = (atMs: number) =>
  written(...Array.from({ length: 20 }, (_, i) => ({ spec: { name: `wide-${i}` }, value: "123.456", atMs })));

const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

test("what was acknowledged is there: values as received, journal, latest, live tap", async () => {
  const { context, supplyPoints } = await seedDevice(pool);
  const tapped: LiveEntry[] = [];
  let woken = 0;
  const ingest = start({
    live: (buildingId, row) => {
      const entries = liveEntries([row]);
      expect(buildingId).toBe(context.buildingId);
      tapped.push(...entries);
    },
    wake: () => (woken += 1),
  });
  const gasAt = NOW - 600_000;
  await sendAll(ingest, [
    message(
      context,
      written(
        { spec: { name: "1-0:1.8.2", tariff: "2" }, value: "15.758", atMs: NOW },
        { value: "0.034", atMs: NOW },
        {
          spec: { name: "gas", carrier: "gas", quantity: "volume", unit: "m3" },
          value: "112.384",
          atMs: gasAt,
        },
        { spec: power, value: "-40" },
      ),
    ),
  ]);
  expect(await readings(context.id, "1-0:1.8.1")).toEqual([{ at: NOW, value: "0.034" }]);
  expect(await readings(context.id, "1-0:1.8.2")).toEqual([{ at: NOW, value: "15.758" }]);
  expect(await readings(context.id, "gas")).toEqual([{ at: gasAt, value: "112.384" }]);
  expect(await readings(context.id, "power")).toEqual([{ at: NOW, value: "-40" }]);

  const { rows: journal } = await pool.query<{ names: string[]; days: string[] }>(
    `select array_agg(distinct r.name) as names, array_agg(distinct day::text) as days
     from journal j, unnest(j.register_ids, j.days) as t (id, day)
     join register r on r.id = t.id where r.device_id = $1`,
    [context.id],
  );
  expect(journal).toEqual([{ names: ["1-0:1.8.1", "1-0:1.8.2", "gas"], days: ["2026-01-15"] }]);
  expect(woken).toBe(1);

  const latest = await latestReadings(pool, [context.id], NOW - DAY_MS);
  const byName = (a: LiveEntry, b: LiveEntry) => a.name.localeCompare(b.name);
  expect(latest.toSorted(byName)).toEqual(tapped.toSorted(byName));
  expect(tapped).toContainEqual({
    registerId: expect.any(Number),
    deviceId: context.id,
    supplyPointId: supplyPoints.gas,
    name: "gas",
    quantity: "volume",
    unit: "m3",
    value: "112.384",
    observedAt: new Date(gasAt).toISOString(),
  });
  expect(ingest.pressure()).toEqual({ unacknowledgedBytes: 0, oldestMs: 0 });
});

test("a reading near midnight makes both days stale", async () => {
  const { context } = await seedDevice(pool);
  const midnight = Date.UTC(2026, 0, 10);
  await sendAll(start(), [
    message(context, written({ value: "1", atMs: midnight })),
    message(context, written({ value: "2", atMs: midnight + 7_200_001 })),
    message(context, written({ value: "3", atMs: midnight + DAY_MS - 7_200_000 })),
  ]);
  const { rows } = await pool.query<{ day: string }>(
    `select distinct day from journal j, unnest(j.register_ids, j.days) as t (id, day)
     join register r on r.id = t.id where r.device_id = $1 order by day`,
    [context.id],
  );
  expect(rows.map(({ day }) => day)).toEqual([-1, 0, 1].map((n) => utcDay(midnight + n * DAY_MS)));
});

test("nothing is acknowledged before its commit, a repeat of what is under way neither", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start();
  await sendAll(ingest, [message(context, written({ value: "1", atMs: NOW - 1000 }))]);
  const release = await holdStore();
  const done: string[] = [];
  const payload = written({ value: "2", atMs: NOW });
  ingest.accept(message(context, payload), () => done.push("first"));
  await settle();
  ingest.accept(message(context, payload), () => done.push("repeat"));
  await settle();
  expect(done).toEqual([]);
  expect(ingest.pressure()).toMatchObject({ unacknowledgedBytes: 2 * payload.length });
  await release();
  await expect.poll(() => done).toEqual(["first", "repeat"]);
  expect(await readings(context.id, "1-0:1.8.1")).toEqual([
    { at: NOW - 1000, value: "1" },
    { at: NOW, value: "2" },
  ]);
  // Known and committed: there is nothing to wait for.
  ingest.accept(message(context, payload), () => done.push("again"));
  expect(done).toEqual(["first", "repeat", "again"]);
});

test("a thinned reading waits for the one that stands for its minute, and is stored nowhere", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start();
  const spec = { keepEveryS: 60 };
  await sendAll(ingest, [message(context, written({ spec, value: "1", atMs: NOW - 60_000 }))]);
  const release = await holdStore();
  const done: string[] = [];
  ingest.accept(message(context, written({ spec, value: "2", atMs: NOW })), () => done.push("kept"));
  await settle();
  ingest.accept(message(context, written({ spec, value: "3", atMs: NOW + 1000 })), () =>
    done.push("thinned"),
  );
  await settle();
  expect(done).toEqual([]);
  await release();
  await expect.poll(() => done).toEqual(["kept", "thinned"]);
  expect((await readings(context.id, "1-0:1.8.1")).map(({ value }) => value)).toEqual(["1", "2"]);
  expect(ingest.metrics.rowsThinned).toBe(1);
});

test("redelivered in any order, to this process or another, everything is there once; corrections are kept", async () => {
  const { context } = await seedDevice(pool);
  const messages = Array.from({ length: 200 }, (_, i) =>
    message(
      context,
      written({ value: `${i}`, atMs: NOW - i * 1000 }, { spec: power, value: "7", atMs: NOW - i * 1000 }),
    ),
  );
  const first = start();
  await sendAll(first, messages);
  await sendAll(first, messages.toReversed());
  const second = start();
  await sendAll(second, [...messages, ...messages, message(context, written({ value: "0.5", atMs: NOW }))]);
  expect(second.metrics.mergedTransactions).toBeGreaterThan(0);
  const stored = await readings(context.id, "1-0:1.8.1");
  expect(stored.length).toBe(201);
  expect(
    stored
      .filter(({ at }) => at === NOW)
      .map(({ value }) => value)
      .sort(),
  ).toEqual(["0", "0.5"]);
  expect((await readings(context.id, "power")).length).toBe(200);
});

test("a merge names only what was new in the journal", async () => {
  const { context } = await seedDevice(pool);
  const old = message(context, written({ value: "1", atMs: Date.UTC(2026, 0, 5, 12) }));
  await sendAll(start(), [old]);
  await pool.query("delete from journal");
  await sendAll(start(), [old]);
  expect((await pool.query("select 1 from journal")).rowCount).toBe(0);
  await sendAll(start(), [old, message(context, written({ value: "2", atMs: Date.UTC(2026, 0, 7, 12) }))]);
  const { rows } = await pool.query("select days::text[] as days from journal");
  expect(rows).toEqual([{ days: ["2026-01-07"] }]);
});

test("a part that is wrong goes to quarantine with the whole message, the rest is stored with it", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start();
  await sendAll(ingest, [message(context, written({ value: "1", atMs: NOW }))]);
  const payload = written(
    { value: "2", atMs: NOW + 1000 },
    { spec: { name: "never set" }, value: "3", atMs: 0 },
    { spec: { name: "untimed" }, value: "4" },
    { spec: { unit: "Wh" }, value: "5", atMs: NOW + 1000 },
  );
  await sendAll(ingest, [message(context, payload)]);
  expect((await readings(context.id, "1-0:1.8.1")).map(({ value }) => value)).toEqual(["1", "2"]);
  const held = await quarantine(context.id);
  expect(held).toMatchObject([{ reason: "time_before_2000", payload }]);
  expect(held[0]?.detail).toMatch(/before 2000.*carries no time.*is in Wh.*counts in kWh/);
  expect(ingest.metrics.quarantined.time_before_2000).toBe(1);
});

test("registers and layouts beyond the bound go to quarantine, those within it are stored", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start({ limits: { registersPerDeviceMax: 5, layoutsPerDeviceMax: 3 } });
  const one = (name: string) => message(context, written({ spec: { name }, value: "1", atMs: NOW }));
  await sendAll(ingest, ["a", "b", "c", "d", "e", "f"].map(one));
  // Which of two batches is committed first is theirs.
  const reasons = (await quarantine(context.id)).map(({ reason }) => reason);
  expect(reasons.toSorted()).toEqual(["too_many_layouts", "too_many_layouts", "too_many_registers"]);
  expect(await readings(context.id, "c")).toHaveLength(1);
  expect(await readings(context.id, "d")).toHaveLength(0);
});

test("NUL and broken text in client id, topic, payload and names are kept as bytes, or refused by name", async () => {
  const { context } = await seedDevice(pool);
  const payload = Buffer.from([0, 0xff, 0]);
  const odd = { clientId: "me\0ter", topic: "tele\0gram/\ud800" };
  await sendAll(start(), [
    message(context, payload, odd),
    message(context, written({ spec: { name: "n\0ul" }, value: "1", atMs: NOW }), odd),
    message(context, written({ value: "1", atMs: NOW }), odd),
  ]);
  const held = await quarantine(context.id);
  expect(held).toMatchObject([
    { reason: "reading_malformed", payload, client_id: Buffer.from("me\0ter") },
    { reason: "text_invalid" },
  ]);
  expect(await readings(context.id, "1-0:1.8.1")).toHaveLength(1);
});

test("a message that the store refuses costs itself alone, and a resend is never taken for stored", async () => {
  const { context } = await seedDevice(pool);
  const other = await seedDevice(pool);
  const ingest = start({ limits: { flushAfterMs: 20 } });
  await sendAll(ingest, [
    message(context, wide(NOW - 1)),
    message(other.context, written({ value: "0", atMs: NOW - 1 })),
  ]);
  const heal = await poisonWideRows();
  const good = Array.from({ length: 40 }, (_, i) =>
    message(other.context, written({ value: `${i}`, atMs: NOW + i })),
  );
  await sendAll(ingest, [...good.slice(0, 13), message(context, wide(NOW)), ...good.slice(13)]);
  expect((await readings(other.context.id, "1-0:1.8.1")).length).toBe(41);
  expect(await quarantine(context.id)).toMatchObject([{ reason: "refused_by_store", payload: wide(NOW) }]);

  await sendAll(ingest, [message(context, wide(NOW), { receivedAtMs: NOW + 1 })]);
  expect(await quarantine(context.id)).toHaveLength(2);
  await heal();
  await sendAll(ingest, [message(context, wide(NOW), { receivedAtMs: NOW + 2 })]);
  expect(await quarantine(context.id)).toHaveLength(2);
  expect((await readings(context.id, "wide-0")).map(({ at }) => at)).toEqual([NOW - 1, NOW]);
});

test("who leaned on a message that the store then refused goes through again on his own", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start({ limits: { flushAfterMs: 50 } });
  await sendAll(ingest, [
    message(context, wide(NOW - 1)),
    message(context, written({ spec: power, value: "1", atMs: NOW - 1 }, { value: "8", atMs: NOW - 1 })),
  ]);
  const heal = await poisonWideRows();
  const both = (wideAtMs: number, powerAtMs: number) =>
    Buffer.from(
      JSON.stringify([
        ...(JSON.parse(wide(wideAtMs).toString()) as unknown[]),
        { spec: power, value: "2", atMs: powerAtMs },
      ]),
    );
  const lean = written({ spec: power, value: "2", atMs: NOW + 5 }, { value: "9", atMs: NOW });
  await sendAll(ingest, [
    message(context, both(NOW, NOW + 5)),
    // Repeats the power of the message before it, which will be refused, and brings a value of its own.
    message(context, lean, { receivedAtMs: NOW + 1 }),
  ]);
  await heal();
  expect((await readings(context.id, "power")).map(({ at }) => at)).toEqual([NOW - 1, NOW + 5]);
  expect((await readings(context.id, "1-0:1.8.1")).map(({ value }) => value)).toEqual(["8", "9"]);
  expect(await quarantine(context.id)).toMatchObject([
    { reason: "refused_by_store", payload: both(NOW, NOW + 5) },
  ]);
});

test("a message of a device that is gone is kept without its name", async () => {
  const { context } = await seedDevice(pool);
  const gone = { ...context, id: 2_000_000_000 };
  await sendAll(start(), [
    message(gone, written({ value: "1", atMs: NOW })),
    message(gone, Buffer.from("?")),
  ]);
  const { rows } = await pool.query("select reason from quarantine where device_id is null order by id");
  expect(rows).toEqual([{ reason: "refused_by_store" }, { reason: "refused_by_store" }]);
});

test("two processes that meet a new device at once agree on its registers and store each message once", async () => {
  const { context, supplyPoints } = await seedDevice(pool);
  const messages = Array.from({ length: 100 }, (_, i) =>
    message(
      context,
      written({ value: `${i}`, atMs: NOW + i }, { spec: power, value: `${i}`, atMs: NOW + i }),
    ),
  );
  const [left, right] = [start(), start()];
  await Promise.all([sendAll(left, messages), sendAll(right, messages.toReversed())]);
  const { rows } = await pool.query<{ name: string; supply_point_id: number }>(
    `select r.name, a.supply_point_id from register r
     join register_assignment a on a.register_id = r.id where r.device_id = $1 order by r.name`,
    [context.id],
  );
  expect(rows).toEqual(
    ["1-0:1.8.1", "power"].map((name) => ({ name, supply_point_id: supplyPoints.electricity })),
  );
  expect((await readings(context.id, "1-0:1.8.1")).length).toBe(100);
  expect((await readings(context.id, "power")).length).toBe(100);
});

test("a decoder that throws costs nobody else anything", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start({
    decoderOf: () => (payload, info) => {
      if (payload.length === 0) throw new Error("a fault");
      return jsonDecoder(payload, info);
    },
  });
  await sendAll(ingest, [
    message(context, Buffer.alloc(0)),
    message(context, written({ value: "1", atMs: NOW })),
  ]);
  expect(await quarantine(context.id)).toMatchObject([{ reason: "reading_malformed" }]);
  expect(await readings(context.id, "1-0:1.8.1")).toHaveLength(1);
});

test("pages of readings join to the whole, with corrections across the seam", async () => {
  const { context } = await seedDevice(pool);
  await sendAll(
    start(),
    Array.from({ length: 50 }, (_, i) => message(context, written({ value: `${i}`, atMs: NOW + (i >> 2) }))),
  );
  const { rows } = await pool.query<{ id: number }>("select id from register where device_id = $1", [
    context.id,
  ]);
  const registerId = rows[0]?.id ?? 0;
  const whole = await listReadings(pool, registerId, { fromMs: NOW, toMs: NOW + 1000, limit: 100 });
  const paged = [];
  let after: Parameters<typeof listReadings>[2]["after"];
  do {
    const page = await listReadings(pool, registerId, { fromMs: NOW, toMs: NOW + 1000, limit: 7, after });
    paged.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  expect(whole.next).toBeUndefined();
  expect(whole.items.length).toBe(50);
  expect(paged).toEqual(whole.items);
});

test("closing commits what was accepted; with the store away it ends in time and acknowledges nothing", async () => {
  const { context } = await seedDevice(pool);
  const ingest = start({ limits: { flushAfterMs: 10_000 } });
  let done = 0;
  ingest.accept(message(context, written({ value: "1", atMs: NOW })), () => (done += 1));
  await ingest.close();
  expect(done).toBe(1);

  const nowhere = openPool("postgres://nobody:x@127.0.0.1:1/none", { applicationName: "nowhere" });
  const cut = start({ store: postgresStore(nowhere) });
  cut.accept(message(context, written({ value: "2", atMs: NOW })), () => (done += 1));
  await cut.close(100);
  expect(done).toBe(1);
  expect(cut.pressure().unacknowledgedBytes).toBeGreaterThan(0);
  await nowhere.end();
});
