// What waits in the journal already is left to wait, and nothing that was told is forgotten over it.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createRegisters, openPool, postgresStore, type Pool, type StaleDay } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";

const DAY = "2026-11-01";
const DAY_NUMBER = Date.parse(DAY) / 86_400_000;
const LATER_MS = 60_000;

let database: FreshDatabase;
let pool: Pool;
let registerId: number;

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "journal-test", max: 6 });
  const { context } = await seedDevice(pool);
  const spec = {
    name: "energy",
    equipmentId: "",
    carrier: "electricity",
    quantity: "energy",
    unit: "kWh",
    kind: "cumulative",
    tariff: null,
    direction: "import",
    keepEveryS: 0,
  } as const;
  const [register] = await createRegisters(pool, [{ deviceId: context.id, specs: [spec] }], 10);
  registerId = register?.id ?? 0;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => pool.query("delete from journal"));

/** A commit says that readings of this day came. */
const tell = (late = false, cause = "readings") =>
  pool.query("insert into journal (register_ids, days, late, cause) values ($1, $2, $3, $4)", [
    [registerId],
    [DAY],
    late,
    cause,
  ]);
const hurry = () => pool.query("update journal set not_before = now() where not_before > now()");
const rowCount = async (): Promise<number> =>
  (await pool.query<{ n: number }>("select count(*)::integer as n from journal")).rows[0]?.n ?? 0;
const claim = (worker: ReturnType<typeof postgresStore>): Promise<StaleDay[]> =>
  worker.transaction((transaction) => transaction.claimJournal(100));
/** Finds it too early, and puts it back. */
const putOff = (worker: ReturnType<typeof postgresStore>): Promise<StaleDay[]> =>
  worker.transaction(async (transaction) => {
    const claimed = await transaction.claimJournal(100);
    await transaction.putBack(claimed, LATER_MS);
    return claimed;
  });

test("a day that waits is not claimed for what is told of it meanwhile, and is claimed once when it is due", async () => {
  const worker = postgresStore(pool);
  await tell();
  expect(await putOff(worker)).toMatchObject([
    { registerId, day: DAY_NUMBER, late: false, cause: "readings" },
  ]);
  for (let told = 0; told < 5; told++) {
    await tell();
    expect(await claim(worker)).toEqual([]);
    expect(await rowCount()).toBe(1);
  }
  await hurry();
  expect(await claim(worker)).toHaveLength(1);
  expect(await rowCount()).toBe(0);
  await tell();
  expect(await claim(worker)).toHaveLength(1);
});

test("what is more urgent than what waits is claimed", async () => {
  const worker = postgresStore(pool);
  await tell();
  await putOff(worker);
  await tell(true);
  expect(await claim(worker)).toMatchObject([{ late: true }]);
  await tell(false, "ruling");
  expect(await claim(worker)).toMatchObject([{ cause: "ruling" }]);
});

test("where another worker computed what waited, or computes it now, what was told since is claimed", async () => {
  const [one, other] = [postgresStore(pool), postgresStore(pool)];
  await tell();
  await putOff(one);
  await hurry();
  const held = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const computing = other.transaction(async (transaction) => {
    expect(await transaction.claimJournal(100)).toHaveLength(1);
    begun.resolve();
    await held.promise;
  });
  await begun.promise;
  await tell();
  const meanwhile = await claim(one).finally(held.resolve);
  expect(meanwhile).toHaveLength(1);
  await computing;
  await tell();
  expect(await claim(one)).toHaveLength(1);
  expect(await rowCount()).toBe(0);
});

test("the row that stands for what was told cannot be computed before that is decided", async () => {
  const [one, other] = [postgresStore(pool), postgresStore(pool)];
  await tell();
  await putOff(one);
  await tell();
  await one.transaction(async (transaction) => {
    expect(await transaction.claimJournal(100)).toEqual([]);
    // The lock says that the row must stay; its columns may change.
    await hurry();
    expect(await claim(other)).toEqual([]);
  });
  await hurry();
  expect(await claim(other)).toHaveLength(1);
});

test("what was put back by a transaction that failed stands for nothing", async () => {
  const worker = postgresStore(pool);
  await tell();
  const failed = worker.transaction(async (transaction) => {
    await transaction.putBack(await transaction.claimJournal(100), LATER_MS);
    throw new Error("away");
  });
  await expect(failed).rejects.toThrow("away");
  expect(await claim(worker)).toHaveLength(1);
});

test("a register that is assigned is stale with all its days, once for all that is assigned at once", async () => {
  const quarters = Buffer.alloc(4 * 96);
  await pool.query(
    `insert into load_profile_day (register_id, day, quarters, statuses, computed_at)
     select $1, day, $2, $3, now() from unnest($4::date[]) as day`,
    [registerId, quarters, quarters.subarray(0, 96), [DAY, "2026-11-05"]],
  );
  const days = async () => {
    const { rows } = await pool.query<{ register_ids: number[]; days: string[]; cause: string }>(
      "delete from journal returning register_ids, days::text[] as days, cause",
    );
    return rows.map((row) => [row.register_ids, row.days.toSorted(), row.cause]);
  };
  const stale = [[[registerId, registerId], [DAY, "2026-11-05"], "rule_changed"]];
  await pool.query("update register_assignment set ends_at = $2 where register_id = $1", [registerId, DAY]);
  expect(await days()).toEqual([]);
  await pool.query(
    `insert into register_assignment (register_id, supply_point_id, role, starts_at, ends_at)
     select register_id, supply_point_id, role, lag(at) over (order by at), at
     from register_assignment, unnest($2::timestamptz[]) as at
     where register_id = $1
     order by at
     offset 1`,
    [registerId, ["2026-11-02", "2026-11-03", "2026-11-04"]],
  );
  expect(await days()).toEqual(stale);
  await pool.query("update register_assignment set supply_point_id = supply_point_id");
  expect(await days()).toHaveLength(3);
  await pool.query("delete from register_assignment where ends_at > '2026-11-03'");
  expect(await days()).toEqual(stale);
});
