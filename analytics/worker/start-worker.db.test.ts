// I3 with real services: Redis emptied, stopped or absent, and a worker killed in the middle, cost time and nothing else.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { packDecimals } from "#devices/decimal";
import { HOUR_MS, QUARTER_MS, SECOND_MS, systemTime } from "#devices/time";
import { createWaker } from "#jobs";
import { privateServices, type PrivateServices } from "#testing";
import { createDrain, type Drain } from "./drain-journal.ts";
import { startWorker, type ProfileWorker } from "./start-worker.ts";
import { silentLog, TestWorld, type TestRegister } from "./test-world.ts";
import { postgresStore } from "#store";

const START = Date.UTC(2026, 9, 24);

let services: PrivateServices;
let world: TestWorld;
let register: TestRegister;
let worker: ProfileWorker | undefined;
let processes: ChildProcess[] = [];

beforeAll(async () => {
  services = await privateServices();
  world = new TestWorld(services.databaseUrl);
  register = await world.register(await world.device(), "a");
});
beforeEach(() =>
  world.pool.query("truncate reading, journal, load_profile_day, unallocated, register_decision"),
);
afterEach(async () => {
  await worker?.close();
  worker = undefined;
  for (const child of processes) child.kill("SIGKILL");
  processes = [];
});
afterAll(async () => {
  await world.close();
  await services.stop();
});

let advanced = 0;
let applied = 0;
let estimated = 0;

const SECONDLY = "* * * * * *";

function start(sweepEveryMs = 500, other: { drain?: Drain; tendersAt?: string } = {}): void {
  const drain = createDrain({
    store: postgresStore(world.pool),
    time: systemTime,
    log: silentLog,
    limits: { pairsMax: 64, rewriteAfterMs: 0, rewriteLateAfterMs: 0 },
  });
  worker = startWorker({
    redisUrl: services.redisUrl,
    drain,
    advanceTenders: () => Promise.resolve(++advanced),
    applyPolicies: () => Promise.resolve(++applied),
    estimate: () => Promise.resolve(++estimated),
    log: silentLog,
    sweepEveryMs,
    tendersAt: SECONDLY,
    policiesAt: SECONDLY,
    estimatesAt: SECONDLY,
    ...other,
  });
}

async function journalEmpties(withinMs: number): Promise<number> {
  const startedAt = performance.now();
  while ((await world.journalRows()).length > 0) {
    if (performance.now() - startedAt > withinMs)
      throw new Error(`the journal is not empty after ${withinMs} ms`);
    await sleep(25);
  }
  return performance.now() - startedAt;
}

async function commitOne(quarter: number): Promise<void> {
  await world.commit(register, [
    { atMs: START + quarter * QUARTER_MS, value: String(100 + quarter) },
    { atMs: START + (quarter + 1) * QUARTER_MS, value: String(101 + quarter) },
  ]);
}

test("a wake has the work done well before the next sweep", async () => {
  start(60_000);
  await journalEmpties(5000);
  const waker = createWaker(services.redisUrl, silentLog);
  await commitOne(0);
  waker.wake();
  await journalEmpties(5000);
  await commitOne(1);
  for (let count = 0; count < 1000; count++) waker.wake();
  await journalEmpties(5000);
  expect(
    (await world.quarters(register.id, "2026-10-24")).slice(0, 3).map((quarter) => quarter.energy),
  ).toEqual([1000, 1000, 0]);
  await waker.close();
});

test("without any wake, and after Redis was emptied, the sweep finds the work", async () => {
  start();
  await commitOne(0);
  await journalEmpties(5000);
  for (let round = 1; round < 4; round++) {
    await services.flushRedis();
    await commitOne(round);
    await journalEmpties(10_000);
  }
});

test("tenders and policies are looked at by the clock, also after Redis was emptied", async () => {
  start();
  for (let round = 0; round < 2; round++) {
    const [advancedBefore, appliedBefore] = [advanced, applied];
    await vi.waitFor(() => expect(advanced).toBeGreaterThan(advancedBefore + 1), { timeout: 10_000 });
    await vi.waitFor(() => expect(applied).toBeGreaterThan(appliedBefore + 1), { timeout: 10_000 });
    await vi.waitFor(() => expect(estimated).toBeGreaterThan(0), { timeout: 10_000 });
    await services.flushRedis();
  }
});

test("what comes due once while the worker is at work for long is done after that work", async () => {
  const atWork = Promise.withResolvers<undefined>();
  const release = Promise.withResolvers<undefined>();
  const drain = async () => {
    atWork.resolve(undefined);
    await release.promise;
    return { computedDays: 0, batches: 0 };
  };
  await services.flushRedis();
  const due = new Date(Date.now() + 3 * SECOND_MS);
  const advancedBefore = advanced;
  start(100, { drain, tendersAt: `${due.getSeconds()} ${due.getMinutes()} * * * *` });
  await atWork.promise;
  await sleep(due.getTime() + 2 * SECOND_MS - Date.now());
  expect(advanced).toBe(advancedBefore);
  release.resolve(undefined);
  await vi.waitFor(() => expect(advanced).toBe(advancedBefore + 1), { timeout: 10_000 });
});

test("while Redis is stopped commits pile up in the journal; when it is back they are worked through", async () => {
  start();
  const waker = createWaker(services.redisUrl, silentLog);
  await commitOne(0);
  await journalEmpties(5000);
  await services.stopRedis();
  for (let quarter = 1; quarter < 5; quarter++) {
    await commitOne(quarter);
    waker.wake();
  }
  await sleep(1500);
  await services.startRedis();
  await journalEmpties(15_000);
  expect(
    (await world.quarters(register.id, "2026-10-24")).slice(0, 5).every(({ energy }) => energy === 1000),
  ).toBe(true);
  await waker.close();
});

test("a waker without Redis does nothing, says so once, and closes", async () => {
  const warnings: string[] = [];
  const log = { warn: (_fields: object, message: string) => void warnings.push(message) };
  const none = createWaker(undefined, log);
  none.wake();
  await none.close();
  const unreachable = createWaker("redis://127.0.0.1:9", log);
  for (let count = 0; count < 10; count++) unreachable.wake();
  await sleep(1200);
  await unreachable.close();
  expect(warnings).toHaveLength(1);
});

test("analytics/main.ts killed in the middle of its work loses nothing, and SIGTERM stops it cleanly", async () => {
  const devices = 40;
  // More than two batches.
  const daysBack = 60;
  for (let count = 0; count < devices; count++) {
    const one = await world.register(await world.device(), "a");
    const rows = Array.from({ length: 24 * daysBack }, (_, at) => ({
      atMs: START - at * HOUR_MS,
      clock: 0,
      values: packDecimals([String(100_000 - at)]),
    }));
    await world.rows(one.deviceId, one.layoutId, rows);
    await world.journal(
      [one.id],
      rows.map((row) => row.atMs),
    );
  }
  const first = await startProcess();
  await computedRows(1);
  first.kill("SIGKILL");
  await once(first, "exit");
  const left = await world.journalRows();
  expect(left.length).toBeGreaterThan(0);

  const second = await startProcess();
  await journalEmpties(60_000);
  second.kill("SIGTERM");
  const [code] = await once(second, "exit");
  expect(code).toBe(0);

  const maintained = await world.profiles();
  expect(maintained.length).toBeGreaterThanOrEqual(devices * daysBack);
  await world.forgetProfiles();
  await createDrain({ store: postgresStore(world.pool), time: systemTime, log: silentLog })(
    new AbortController().signal,
  );
  expect(await world.profiles()).toEqual(maintained);
});

async function startProcess(): Promise<ChildProcess> {
  const child = fork(new URL("../main.ts", import.meta.url), {
    env: {
      ...process.env,
      DATABASE_URL: services.databaseUrl,
      REDIS_URL: services.redisUrl,
      LOG_LEVEL: "warn",
    },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  processes.push(child);
  const [message] = await once(child, "message");
  expect(message).toEqual({ ready: true });
  return child;
}

async function computedRows(atLeast: number): Promise<void> {
  const deadline = performance.now() + HOUR_MS / 60;
  for (;;) {
    const { rows } = await world.pool.query<{ count: number }>(
      "select count(*)::integer as count from load_profile_day",
    );
    if ((rows[0]?.count ?? 0) >= atLeast) return;
    if (performance.now() > deadline) throw new Error("no profile was computed");
    await sleep(5);
  }
}
