// The services of a test run: isolated databases, a Redis of one's own, and servers that survive being killed.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { openPool } from "../pool.ts";
import { pingDatabase, pingRedis } from "../services/index.ts";
import { freshDatabase, freshRedis, privateServices } from "#testing";
import { withRedis } from "./fresh.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const step of cleanUp.toReversed()) await step();
});

async function scalar(url: string, sql: string): Promise<unknown> {
  const pool = openPool(url, { applicationName: "testing-test", max: 1 });
  try {
    const { rows } = await pool.query<{ value: unknown }>(sql);
    return rows[0]?.value;
  } finally {
    await pool.end();
  }
}

test("two fresh databases are migrated and do not see each other", async () => {
  const databases = await Promise.all([freshDatabase(), freshDatabase(), freshDatabase()]);
  cleanUp.push(...databases.map((database) => database.drop));
  const [one, two] = databases;
  await scalar(
    one.url,
    "insert into organisation (name, kind) values ('one', 'syndic') returning 1 as value",
  );
  expect(await scalar(one.url, "select count(*)::int as value from organisation")).toBe(1);
  expect(await scalar(two.url, "select count(*)::int as value from organisation")).toBe(0);
});

test("what is committed is on disk: fsync, synchronous_commit and full_page_writes are on", async () => {
  const database = await freshDatabase();
  cleanUp.push(database.drop);
  for (const name of ["fsync", "synchronous_commit", "full_page_writes"]) {
    expect(await scalar(database.url, `select current_setting('${name}') as value`)).toBe("on");
  }
});

test("a fresh Redis is empty, never evicts, and flushing it touches nobody else's", async () => {
  const [one, two] = await Promise.all([freshRedis(), freshRedis()]);
  cleanUp.push(one.stop, two.stop);
  await withRedis(one.url, (redis) => redis.set("key", "one"));
  await withRedis(two.url, (redis) => redis.set("key", "two"));
  await one.flush();
  expect(await withRedis(one.url, (redis) => redis.get("key"))).toBeNull();
  expect(await withRedis(two.url, (redis) => redis.get("key"))).toBe("two");
  expect(await withRedis(two.url, (redis) => redis.config("GET", "maxmemory-policy"))).toContain(
    "noeviction",
  );
});

test("private services come back on the same address with what was committed", async () => {
  const services = await privateServices();
  cleanUp.push(services.stop);
  await scalar(
    services.databaseUrl,
    "insert into organisation (name, kind) values ('kept', 'syndic') returning 1 as value",
  );

  await services.killPostgres();
  await expect(pingDatabase(services.databaseUrl)).rejects.toThrow();
  await services.restartPostgres();
  expect(await scalar(services.databaseUrl, "select name as value from organisation")).toBe("kept");

  services.pausePostgres();
  const asked = pingDatabase(services.databaseUrl).then(() => "answered");
  expect(await Promise.race([asked, sleep(500, "silent")])).toBe("silent");
  services.resumePostgres();
  expect(await asked).toBe("answered");

  await withRedis(services.redisUrl, (redis) => redis.set("key", "value"));
  await services.flushRedis();
  expect(await withRedis(services.redisUrl, (redis) => redis.dbsize())).toBe(0);
  await services.stopRedis();
  await expect(pingRedis(services.redisUrl)).rejects.toThrow(/ECONNREFUSED/);
  await services.startRedis();
  await pingRedis(services.redisUrl);
});
