// Poison: what one device sends, however broken, costs that device alone; everyone else's messages are there, once.
import fc from "fast-check";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createIngest, type Ingest, type IngestMessage } from "#ingest";
import { openPool, type DeviceContext, type Pool, postgresStore } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 0, 15, 12);

let database: FreshDatabase;
let pool: Pool;
let ingest: Ingest;
let offender: DeviceContext;
let others: DeviceContext[];
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "poison-test" });
});
afterEach(async () => {
  await ingest.close(2000);
  await pool.query(
    `alter table reading drop constraint if exists refused; truncate reading, quarantine, journal`,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** A pipeline whose devices are known already: what follows goes into one batch. */
async function prepare(flushAfterMs = 100): Promise<void> {
  ingest = createIngest({
    store: postgresStore(pool),
    time: { now: () => NOW },
    log: pino({ level: "silent" }),
    limits: { flushAfterMs },
  });
  offender = (await seedDevice(pool)).context;
  others = [];
  for (let i = 0; i < 3; i++) others.push((await seedDevice(pool)).context);
  await sendAll([
    message(offender, senml("energy", "0", -1)),
    ...others.map((one) => message(one, senml("energy", "0", -1))),
  ]);
}

/** As written by hand, so that nothing refuses to write it. */
function senml(name: string, value: string, n: number): string {
  return `[{"n":${JSON.stringify(name)},"u":"kWh","s":${value},"t":${(NOW + 1000 * n) / 1000}}]`;
}

function message(
  device: DeviceContext,
  payload: string | Buffer,
  over: Partial<IngestMessage> = {},
): IngestMessage {
  return {
    device,
    clientId: "meter",
    topic: "telegram",
    payload: Buffer.from(payload),
    qos: 1,
    retained: false,
    receivedAtMs: NOW,
    ...over,
  };
}

const sendAll = (messages: readonly IngestMessage[]): Promise<unknown> =>
  Promise.all(messages.map((one) => new Promise<void>((done) => ingest.accept(one, done))));

/** The offender's message among those of the others, all sent at once; returns the transactions that it took. */
async function among(poison: IngestMessage): Promise<number> {
  const before = ingest.metrics.transactions;
  const good = Array.from({ length: 30 }, (_, n) =>
    message(others[n % others.length] ?? offender, senml("energy", `${n}.5`, n)),
  );
  await sendAll([...good.slice(0, 11), poison, ...good.slice(11)]);
  const { rows } = await pool.query<{ id: number; count: number }>(
    `select device_id as id, count(*)::integer as count from reading
     where observed_at >= $1 group by device_id order by device_id`,
    [new Date(NOW)],
  );
  const theirs = rows.filter(({ id }) => id !== offender.id);
  expect(theirs).toEqual(others.map(({ id }) => ({ id, count: 10 })));
  const { rows: held } = await pool.query<{ device_id: number }>("select device_id from quarantine");
  for (const row of held) expect(row.device_id).toBe(offender.id);
  return ingest.metrics.transactions - before;
}

async function quarantined(): Promise<
  { reason: string; payload: Buffer; topic: Buffer; client_id: Buffer }[]
> {
  const { rows } = await pool.query("select reason, payload, topic, client_id from quarantine order by id");
  return rows;
}

const LONG = "x".repeat(257);
const surrogate = Buffer.from(senml("half", "1", 0).replace("half", "\\ud800"));
const poisons: readonly (readonly [what: string, payload: string | Buffer, reason: string])[] = [
  ["a NUL in a name", senml("a\0b", "1", 0), "text_invalid"],
  ["half a surrogate pair in a name", surrogate, "text_invalid"],
  ["a name of 257 characters", senml(LONG, "1", 0), "reading_malformed"],
  ["no name", senml("", "1", 0), "reading_malformed"],
  ["nothing but NULs", Buffer.alloc(1000), "reading_malformed"],
  ["bytes that are no text", Buffer.from([0xff, 0xfe, 0xc0, 0x80]), "text_invalid"],
  ["a bomb of brackets", "[".repeat(100_000), "payload_too_deep"],
  ["a number beyond every number", senml("energy", "1e999999", 0), "value_not_numeric"],
  ["a clock of 1980", senml("energy", "1", (Date.UTC(1980, 0, 1) - NOW) / 1000), "time_before_2000"],
];

test.each(poisons)(
  "%s is found before the batch: one transaction for all",
  async (_what, payload, reason) => {
    await prepare();
    expect(await among(message(offender, payload))).toBe(1);
    expect(await quarantined()).toMatchObject([{ reason, payload: Buffer.from(payload) }]);
  },
);

test("NUL, broken text and 64 KB in topic and client id are kept as bytes beside a message that is refused", async () => {
  await prepare();
  const topic = `a\0b/\ud800/${"t".repeat(65_000)}`;
  await among(message(offender, "?", { topic, clientId: Buffer.from([0, 0xff]) }));
  expect(await quarantined()).toMatchObject([
    { topic: Buffer.from(topic), client_id: Buffer.from([0, 0xff]), payload: Buffer.from("?") },
  ]);
});

test("what only the store can refuse is found by halving, and is alone in quarantine", async () => {
  await prepare();
  await pool.query(
    `alter table reading add constraint refused check (octet_length("values") < 12) not valid`,
  );
  const payload = senml("energy", "123456789012345678.123456", 0);
  const transactions = await among(message(offender, payload));
  expect(transactions).toBeGreaterThan(1);
  // Each half of 31 messages that stays whole is a transaction: at most one per halving, and the refused one's own.
  expect(transactions).toBeLessThanOrEqual(7);
  expect(await quarantined()).toMatchObject([{ reason: "refused_by_store", payload: Buffer.from(payload) }]);
});

test("any bytes at all end as readings or in quarantine, and nobody else notices", async () => {
  await prepare(1);
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 300 }),
        fc.json({ maxDepth: 4 }).map((text) => new TextEncoder().encode(text)),
        fc
          .record({
            n: fc.string({ unit: "binary", maxLength: 300 }),
            u: fc.string({ unit: "binary" }),
            v: fc.double(),
          })
          .map((record) => new TextEncoder().encode(JSON.stringify([record]))),
      ),
      fc.string({ unit: "binary", maxLength: 80 }),
      async (payload, topic) => {
        const acknowledged = ingest.metrics.acknowledged;
        const good = message(others[0] ?? offender, senml("energy", "1", 100));
        await sendAll([message(offender, Buffer.from(payload), { topic }), good]);
        expect(ingest.metrics.acknowledged).toBe(acknowledged + 2);
      },
    ),
    { numRuns: 150 },
  );
  const { rows } = await pool.query("select 1 from quarantine where device_id is distinct from $1", [
    offender.id,
  ]);
  expect(rows).toEqual([]);
  expect(ingest.metrics.quarantined.refused_by_store).toBe(0);
});
