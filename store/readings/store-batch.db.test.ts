// A batch on a real database when its answer is lost, when it is a duplicate, when a part of it is refused.
import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, packDecimals } from "#devices/decimal";
import { utcDayNumber } from "#devices/time";
import { openPool, RowBuffer, storeBatch, type Pool, type PoolClient, type ReadingBatch } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 0, 15, 12);
const LAYOUT = 1;

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "store-batch-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** One message per instant; those without one cannot be read. */
function batchOf(deviceId: number, instants: readonly (number | undefined)[]): ReadingBatch {
  const rows = new RowBuffer();
  const rowEnds = instants.map((observedAtMs) => {
    const values = packDecimals(["1.5"]);
    const row = { deviceId, layoutId: LAYOUT, receivedAtMs: NOW, clock: 0, flags: 0, values };
    if (observedAtMs !== undefined) rows.add({ ...row, observedAtMs, fingerprint: fingerprint(values) });
    return rows.rowCount;
  });
  return {
    rows,
    rowEnds,
    messages: instants.map((_, i) => ({
      device: { id: deviceId, profile: "senml" },
      clientId: "meter",
      topic: "t",
      payload: Buffer.from(`payload ${i}`),
      retained: false,
      receivedAtMs: NOW,
    })),
    rejections: instants.map((at) =>
      at === undefined ? { reason: "reading_malformed", detail: "no" } : undefined,
    ),
    touches: instants.flatMap((at) => {
      if (at === undefined) return [];
      const day = utcDayNumber(at);
      return [{ layoutId: LAYOUT, registerIds: [1], rowDay: day, fromDay: day, toDay: day, late: false }];
    }),
  };
}

async function counts(deviceId: number): Promise<{ readings: number; quarantined: number }> {
  const { rows } = await pool.query<{ readings: number; quarantined: number }>(
    `select (select count(*)::integer from reading where device_id = $1) as readings,
       (select count(*)::integer from quarantine where device_id = $1) as quarantined`,
    [deviceId],
  );
  return rows[0] ?? { readings: -1, quarantined: -1 };
}

/** A pool of which the first `losses` commits are done, and their answers lost. */
function losingAnswers(losses: number): Pool {
  let left = losses;
  const losing = (client: PoolClient): PoolClient =>
    replacing(client, "query", (...args: Parameters<typeof client.query>) => {
      const answer = client.query(...args);
      if (args[0] !== "commit" || left === 0) return answer;
      left -= 1;
      return Promise.resolve(answer).then(() => {
        throw new Error("Connection terminated unexpectedly");
      });
    });
  return replacing(pool, "connect", async () => losing(await pool.connect()));
}

/** `target` with one method of ours. */
function replacing<T extends object>(target: T, method: keyof T, ours: unknown): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name === method) return ours;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

const never = async (error: unknown): Promise<void> => {
  throw error;
};

test("a commit whose answer was lost is repeated, and nothing is there twice", async () => {
  const { context } = await seedDevice(pool);
  const batch = batchOf(context.id, [NOW, undefined, NOW + 1, undefined]);
  let retries = 0;
  await storeBatch(losingAnswers(2), batch, async (error) => {
    retries += 1;
    if (retries > 5) throw error;
  });
  expect(retries).toBe(2);
  expect(await counts(context.id)).toEqual({ readings: 2, quarantined: 2 });
});

test("a batch with a duplicate takes the merging path, one without does not", async () => {
  const { context } = await seedDevice(pool);
  const first = await storeBatch(pool, batchOf(context.id, [NOW, NOW + 1]), never);
  expect(first).toEqual({ refused: [], transactions: 1, mergedTransactions: 0, journalled: true });
  const mixed = await storeBatch(pool, batchOf(context.id, [NOW + 1, NOW + 2, NOW + 2]), never);
  expect(mixed).toEqual({ refused: [], transactions: 1, mergedTransactions: 1, journalled: true });
  const known = await storeBatch(pool, batchOf(context.id, [NOW, NOW + 2]), never);
  expect(known).toEqual({ refused: [], transactions: 1, mergedTransactions: 1, journalled: false });
  expect(await counts(context.id)).toEqual({ readings: 3, quarantined: 0 });
});

test("of a batch that the store refuses, exactly the messages at fault are refused", async () => {
  const { context } = await seedDevice(pool);
  await pool.query(
    "alter table reading add constraint no_odd check (extract(epoch from observed_at)::bigint % 7 <> 3) not valid",
  );
  try {
    const instants = Array.from({ length: 40 }, (_, i) => NOW + 1000 * i);
    const atFault = instants.filter((at) => (at / 1000) % 7 === 3);
    const { refused } = await storeBatch(pool, batchOf(context.id, instants), never);
    expect(refused.map(({ message }) => instants[message])).toEqual(atFault);
    expect(await counts(context.id)).toEqual({
      readings: instants.length - atFault.length,
      quarantined: atFault.length,
    });
  } finally {
    await pool.query("alter table reading drop constraint no_odd");
  }
});

test("who gives up on a store that is away has stored nothing, and says so", async () => {
  const { context } = await seedDevice(pool);
  const nowhere = openPool("postgres://nobody:x@127.0.0.1:1/none", { applicationName: "nowhere" });
  await expect(storeBatch(nowhere, batchOf(context.id, [NOW]), never)).rejects.toThrow(/ECONNREFUSED/);
  expect(await counts(context.id)).toEqual({ readings: 0, quarantined: 0 });
  await nowhere.end();
});
