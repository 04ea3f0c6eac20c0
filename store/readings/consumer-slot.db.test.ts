// Consumer slots: one holder each, the lowest first, and a dead holder's is free again.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, takeConsumerSlot, type Pool } from "#store";
import { freshDatabase, until, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "consumer-slot-test" });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test("every holder of a group has its own number, and the lowest free one is given next", async () => {
  const [first, second] = [await takeConsumerSlot(pool, "a"), await takeConsumerSlot(pool, "a")];
  const elsewhere = await takeConsumerSlot(pool, "b");
  expect([first.number, second.number, elsewhere.number]).toEqual([1, 2, 1]);
  first.release();
  await until(async () => {
    const next = await takeConsumerSlot(pool, "a");
    next.release();
    return next.number === 1;
  }, "the number is free again");
  second.release();
  elsewhere.release();
});

test("who lost its session says so, and gets its number back if nobody took it", async () => {
  const [first, mine] = [await takeConsumerSlot(pool, "c"), await takeConsumerSlot(pool, "c")];
  expect(mine.held()).toBe(true);
  await pool.query(
    "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1",
    [mine.number],
  );
  await until(() => !mine.held(), "the loss is noticed");
  mine.release();
  const again = await takeConsumerSlot(pool, "c", mine.number);
  expect(again.number).toBe(2);
  const other = await takeConsumerSlot(pool, "c", 2);
  expect(other.number).toBe(3);
  for (const slot of [first, again, other]) slot.release();
});
