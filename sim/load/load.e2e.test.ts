// A load on the real product: gateways and single meters, a storm in the middle; and what is missing is noticed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "#store";
import { freshDatabase, freshRedis } from "#testing";
import { signIn } from "../portfolio/api-client.ts";
import type { Stack } from "../stack.ts";
import { planFleet } from "./fleet.ts";
import { isWhole, loadStack, runLoad, startLoadStack } from "./load-command.ts";
import { readLoadOptions } from "./load-options.ts";
import { plantFleet } from "./plant-fleet.ts";

const folder = mkdtempSync(join(tmpdir(), "koprogo-load-"));
const environment = { stop: new AbortController().signal, report: () => undefined };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let stack: Stack;
let pool: Pool;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  pool = openPool(database.url, { applicationName: "load-test", max: 2 });
  stack = await startLoadStack({ databaseUrl: database.url, redisUrl: redis.url, folder });
});
afterAll(async () => {
  await stack?.stop();
  await pool?.end();
  await redis?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function lastDevice(): Promise<number> {
  const { rows } = await pool.query<{ id: number }>("select max(id) as id from device");
  return rows[0]?.id ?? 0;
}

test("meters behind gateways, in the store at once: a storm loses nothing, and what the store loses is noticed", async () => {
  const options = readLoadOptions(
    "--meters 40 --connections 8 --rate 200 --duration 4s --storm 2s --jitter 1s".split(" "),
  );
  const fleet = await plantFleet(pool, planFleet("senml", options.meters, options.connectionsMax));
  const report = await loadStack(options, { stack, pool, fleet, ...environment });
  expect(report).toMatchObject({
    connections: 8,
    lost: 0,
    countedMeters: 40,
    outcome: { said: 800, acknowledged: 800, unacknowledged: 0, dropped: 0, reconnected: 8 },
  });
  expect(isWhole(report)).toBe(true);
  expect(report.outcome?.api).toMatchObject({ failed: 0 });
  expect(report.outcome?.usage?.cores.broker).toBeGreaterThan(0);

  // A store that takes what it does not keep, of one meter.
  await pool.query(`
    create function forget() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger forgetful before insert on reading
    for each row when (new.device_id = ${await lastDevice()}) execute function forget()`);
  const lossy = await loadStack(
    readLoadOptions("--meters 40 --connections 8 --rate 200 --duration 2s".split(" ")),
    {
      stack,
      pool,
      fleet,
      ...environment,
    },
  );
  await pool.query("drop trigger forgetful on reading");
  expect(lossy.outcome).toMatchObject({ acknowledged: 400, unacknowledged: 0 });
  expect(lossy.lost).toBeGreaterThanOrEqual(10);
  expect(isWhole(lossy)).toBe(false);
});

test("telegrams of meters registered and claimed through the API are counted through it", async () => {
  const api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
  const { token } = await api.send<{ token: string }>("POST", "/v1/tokens", { name: "load" });
  const where = ["--url", stack.mqttUrl, "--api", stack.apiUrl, "--token", token];
  const what = "--payload p1 --meters 6 --connections 2 --rate 6 --duration 5s --requests 5".split(" ");
  const report = await runLoad(readLoadOptions([...where, ...what]), environment);
  expect(report).toMatchObject({ connections: 2, lost: 0, countedMeters: 6 });
  expect(report.outcome).toMatchObject({ said: 30, acknowledged: 30, unacknowledged: 0, usage: undefined });
});
