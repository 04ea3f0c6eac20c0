// How far load profiles are behind, as the journal says.
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, readJournalBacklog, type Pool } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";

let database: FreshDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "journal-backlog-test", max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

test("an empty journal is not behind", async () => {
  expect(await readJournalBacklog(pool)).toEqual({ rowCount: 0, dueCount: 0, lagS: 0 });
});

test("the lag is the age of the oldest row that is due; what must wait counts as a row only", async () => {
  await pool.query(
    `insert into journal (not_before, register_ids, days)
     select now() + make_interval(secs => s), '{1}', '{2026-11-01}' from unnest(array[-600, -5, 3600]) as s`,
  );
  const { rowCount, dueCount, lagS } = await readJournalBacklog(pool);
  expect([rowCount, dueCount]).toEqual([3, 2]);
  expect(lagS).toBeGreaterThanOrEqual(600);
  expect(lagS).toBeLessThan(660);
});
