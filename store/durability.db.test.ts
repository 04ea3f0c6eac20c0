// A database that could lose what it committed is refused, with each setting that makes it so.
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type FreshDatabase } from "#testing";
import { requireDurableStore } from "./durability.ts";
import { openPool } from "./pool.ts";

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

async function judged(settings: string): Promise<unknown> {
  const url = new URL(database.url);
  if (settings !== "") url.searchParams.set("options", settings);
  const pool = openPool(url.href, { applicationName: "durability-test", max: 1 });
  try {
    return await requireDurableStore(pool).catch((error: unknown) => error);
  } finally {
    await pool.end();
  }
}

test("a connection that waits for the disk passes; one that does not is refused, and the setting is named", async () => {
  expect(await judged("")).toBeUndefined();
  expect(await judged("-c synchronous_commit=off")).toMatchObject({
    code: "config_invalid",
    message: expect.stringContaining("synchronous_commit is off"),
  });
});
