// A batch under both kinds of fault at once: what is wrong with the data is bisected, what is wrong with the connection repeated.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fingerprint, packDecimals } from "#devices/decimal";
import { openPool, RowBuffer, storeBatch, type Pool, type PoolClient, type ReadingBatch } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const NOW = Date.UTC(2026, 0, 15, 12);
/** Instants of these seconds are refused by the store in this file's database. */
const isPoison = (second: number) => second % 7 === 3;

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "store-batch-faults-test" });
  await pool.query(
    `alter table reading add constraint no_threes
       check (((extract(epoch from observed_at)::bigint - ${NOW / 1000}) % 7) <> 3) not valid`,
  );
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function batchOf(deviceId: number, seconds: readonly number[]): ReadingBatch {
  const rows = new RowBuffer();
  const values = packDecimals(["1.5"]);
  const rowEnds = seconds.map((second) => {
    const observedAtMs = NOW + 1000 * second;
    const row = { deviceId, layoutId: 1, receivedAtMs: NOW, clock: 0, flags: 0, values };
    rows.add({ ...row, observedAtMs, fingerprint: fingerprint(values) });
    return rows.rowCount;
  });
  return {
    rows,
    rowEnds,
    messages: seconds.map((second) => ({
      device: { id: deviceId, profile: "senml" },
      clientId: "meter",
      topic: "t",
      payload: Buffer.from(`payload ${second}`),
      retained: false,
      receivedAtMs: NOW,
    })),
    rejections: seconds.map(() => undefined),
    touches: [],
  };
}

type Fault = "before" | "after" | undefined;

/** A pool whose n-th statement is cut off before the server sees it, or after it answered, as `faults` says. */
function faulty(faults: readonly Fault[]): Pool {
  let at = 0;
  const cut = (): Promise<never> => Promise.reject(new Error("Connection terminated unexpectedly"));
  const query = (client: PoolClient, args: Parameters<PoolClient["query"]>): unknown => {
    // A COPY is a stream: it is left alone, and the statements around it are cut.
    if (typeof args[0] !== "string") return client.query(...args);
    const fault = faults[at++];
    if (fault === "before") return cut();
    const answer: unknown = client.query(...args);
    return fault === "after" ? Promise.resolve(answer).then(cut) : answer;
  };
  return new Proxy(pool, {
    get: (_target, name) =>
      name === "connect"
        ? async () => {
            const client = await pool.connect();
            return new Proxy(client, {
              get: (_client, method) => {
                if (method === "query") {
                  return (...args: Parameters<PoolClient["query"]>) => query(client, args);
                }
                const value: unknown = Reflect.get(client, method);
                return typeof value === "function" ? (value.bind(client) as unknown) : value;
              },
            });
          }
        : (Reflect.get(pool, name) as unknown),
  });
}

async function stored(deviceId: number): Promise<{ readings: number[]; quarantined: number[] }> {
  const { rows: readings } = await pool.query<{ second: number }>(
    `select (extract(epoch from observed_at)::bigint - ${NOW / 1000})::integer as second
     from reading where device_id = $1 order by 1`,
    [deviceId],
  );
  const { rows: held } = await pool.query<{ payload: Buffer }>(
    "select payload from quarantine where device_id = $1 and reason = 'refused_by_store'",
    [deviceId],
  );
  return {
    readings: readings.map(({ second }) => second),
    quarantined: held.map(({ payload }) => Number(payload.toString().split(" ")[1])).sort((a, b) => a - b),
  };
}

test("whatever statements are cut off, exactly the messages at fault are refused, and each message is there once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 24 }),
      fc.array(fc.constantFrom<Fault>("before", "after", undefined, undefined), { maxLength: 30 }),
      async (seconds, faults) => {
        const { context } = await seedDevice(pool);
        const { refused } = await storeBatch(
          faulty(faults),
          batchOf(context.id, seconds),
          async () => undefined,
        );
        const byNumber = (a: number, b: number) => a - b;
        const poison = seconds.filter(isPoison).sort(byNumber);
        expect(refused.map(({ message }) => seconds[message] ?? -1).sort(byNumber)).toEqual(poison);
        expect(await stored(context.id)).toEqual({
          readings: seconds.filter((second) => !isPoison(second)).sort(byNumber),
          quarantined: poison,
        });
      },
    ),
    { numRuns: 25 },
  );
});

test("a batch that fails for the connection only is repeated whole: nothing is bisected, nothing refused", async () => {
  const { context } = await seedDevice(pool);
  const good = [0, 1, 2, 4, 5, 6, 7, 8];
  let attempts = 0;
  const outcome = await storeBatch(
    faulty(["before", "before", "after", undefined, "after"]),
    batchOf(context.id, good),
    async () => {
      attempts += 1;
    },
  );
  expect(attempts).toBeGreaterThan(0);
  expect(outcome).toMatchObject({ refused: [], transactions: 1 });
  expect((await stored(context.id)).readings).toEqual(good);
});
