// A run with every fault of meters, clocks and the way on real services: all of it is right or says that it is not, and the
// verdict notices what is made wrong afterwards.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTER_MS, systemTime, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { openPool, type Pool } from "#store";
import { freshDatabase, freshRedis, selfSigned } from "#testing";
import { signIn, type ApiClient } from "../portfolio/api-client.ts";
import type { Delivery } from "../story/story.ts";
import { startStack, type Stack } from "../stack.ts";
import { readRunOptions } from "./options.ts";
import { publish, type Published, type Told } from "./publish.ts";
import { registerStories } from "./run.ts";
import { toldTimes } from "./told-times.ts";
import { isRight, verify, type Report } from "./verify.ts";

const FAULTS =
  "loss,gaps,duplicates,reorder,late,corruption,revoked,reset,rollover,glitch,sentinel,swap,slip,skew,step,storm";

const dataDir = mkdtempSync(join(tmpdir(), "koprogo-run-"));
const options = readRunOptions(
  ["--from", "2026-11-10", "--duration", "20h", "--step", "5m", "--seed", "11", "--faults", FAULTS],
  systemTime.now(),
);
const environment = { time: systemTime, stop: new AbortController().signal, report: () => undefined };
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let stack: Stack;
let pool: Pool;
let api: ApiClient;
let tolds: Told[];
let published: Published;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const { cert, key } = selfSigned();
  const TLS_CERT_FILE = join(dataDir, "broker.pem");
  const TLS_KEY_FILE = join(dataDir, "broker.key");
  writeFileSync(TLS_CERT_FILE, cert);
  writeFileSync(TLS_KEY_FILE, key);
  const env = { TLS_CERT_FILE, TLS_KEY_FILE, MQTTS_PORT: "0", MQTT_WS_PORT: "0" };
  stack = await startStack({ databaseUrl: database.url, redisUrl: redis.url, dataDir, env });
  pool = openPool(database.url, { applicationName: "run-test", max: 1 });
  api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
  tolds = await registerStories(options, api);
  // Without workers meanwhile, every day is computed once at the end instead of again a minute later.
  await stack.analytics.kill();
  published = await publish(tolds, options, { ...environment, mqttUrls: stack.mqttUrls, ca: cert, api });
  await stack.analytics.restart();
});
afterAll(async () => {
  await pool?.end();
  await stack?.stop();
  await redis?.stop();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const judged = (settleMs: number): Promise<Report> =>
  verify(tolds, published, api, { ...options, settleMs }, environment);

test("over TCP, TLS and WebSocket, with every fault, nothing is lost, doubled or silently wrong", async () => {
  expect(stack.mqttUrls.map((url) => new URL(url).protocol)).toEqual(["mqtt:", "mqtts:", "ws:"]);
  const report = await judged(120_000);
  expect(report.differences).toEqual([]);
  expect(report).toMatchObject({
    lost: 0,
    doubled: 0,
    altered: 0,
    refused: 0,
    admitted: 0,
    energyErrorWh: 0,
    unaccounted: 0,
  });
  expect(report.acknowledged + report.unconfirmed).toBe(report.published);
  expect(isRight(report)).toBe(true);
  expect(report.quarters.exact).toBeGreaterThan(100);
  expect(report.quarters.missing).toBeGreaterThan(0);
});

test("a piece or a quarter-hour that is missing is an account that does not close", async () => {
  // A day that waits for its next roll-up would be mended.
  await stack.analytics.kill();
  const { rows: pieces } = await pool.query<{ register_id: number; piece: object }>(
    `delete from unallocated
    where (register_id, from_at, cause) = (
      select register_id, from_at, cause from unallocated where energy <> 0 order by from_at, register_id limit 1
    )
    returning register_id, to_jsonb(unallocated) as piece`,
  );
  expect(pieces).toHaveLength(1);
  const short = await judged(0);
  expect(short.openAccounts).toEqual([expect.stringMatching(/are off by -?\d+$/)]);
  expect(short).toMatchObject({ lost: 0, altered: 0, energyErrorWh: 0, unaccounted: 1 });
  expect(isRight(short)).toBe(false);
  await pool.query("insert into unallocated select * from jsonb_populate_record(null::unallocated, $1)", [
    pieces[0]?.piece,
  ]);

  const { deviceId, fromMs } = untouchedQuarter();
  const blank = (status: number) =>
    pool.query(
      `update load_profile_day p
      set statuses = set_byte(p.statuses, $3, $4)
      from register r
      where r.id = p.register_id
        and r.device_id = $1
        and r.name = '1-0:1.8.2'
        and p.day = $2`,
      [deviceId, utcDay(fromMs), (fromMs % DAY_MS) / QUARTER_MS, status],
    );
  expect((await blank(QuarterCode.missing)).rowCount).toBe(1);
  expect(await judged(0)).toMatchObject({ lost: 0, altered: 0, energyErrorWh: 0, unaccounted: 1 });
  await blank(QuarterCode.measured);
  expect(isRight(await judged(0))).toBe(true);
});

test("a reading that vanishes after its acknowledgement is counted as lost", async () => {
  const [told] = tolds;
  const device = told?.site.devices[0];
  const all = [...published.acknowledged].flatMap(([, own]) => [...own]);
  const own = all.find(({ device: key, tells }) => key === device?.plan.key && tells.length > 0);
  const deleted = await pool.query("delete from reading where device_id = $1 and observed_at = $2", [
    device?.id,
    new Date(own?.tells[0]?.observedAtMs ?? 0),
  ]);
  expect(deleted.rowCount).toBeGreaterThan(0);
  const report = await judged(0);
  expect(report.lost).toBeGreaterThan(0);
  expect(isRight(report)).toBe(false);
});

/** Of the meter of a Belgian building's common parts: told on both boundaries, and no mishap within four hours. */
function untouchedQuarter(): { readonly deviceId: string; readonly fromMs: number } {
  for (const { site, story } of tolds) {
    if (site.site.plan.country !== "BE") continue;
    const key = "electricity import";
    const told = new Set(toldTimes(published.acknowledged.get(story) ?? []).get(key));
    const mishaps = story.mishaps.filter(({ series }) => series === key);
    const deviceId = site.devices.find(({ plan }) => plan.key === "electricity")?.id;
    const fromMs = [...told].find(
      (atMs) =>
        atMs % QUARTER_MS === 0 &&
        told.has(atMs + QUARTER_MS) &&
        mishaps.every(
          ({ kind, fromMs: since, toMs }) =>
            kind !== "swap" && (since > atMs + 4 * HOUR_MS || toMs < atMs - 4 * HOUR_MS),
        ),
    );
    if (deviceId !== undefined && fromMs !== undefined) return { deviceId, fromMs };
  }
  throw new Error("every quarter-hour is near a mishap: choose another seed");
}

test("a single watt-hour too much in a stored quarter-hour is wrong", async () => {
  const { deviceId, fromMs } = untouchedQuarter();
  const slot = (fromMs % DAY_MS) / QUARTER_MS;
  const changed = await pool.query(
    `update load_profile_day p
    set quarters = set_byte(p.quarters, 4 * $3, get_byte(p.quarters, 4 * $3) + 1), revision = revision + 1
    from register r
    where r.id = p.register_id
      and r.device_id = $1
      and r.name = '1-0:1.8.2'
      and p.day = $2
      and get_byte(p.quarters, 4 * $3) < 255`,
    [deviceId, utcDay(fromMs), slot],
  );
  expect(changed.rowCount).toBe(1);
  const report = await judged(0);
  expect(report.quarters.wrong).toBe(1);
  expect(report.energyErrorWh).toBe(1);
  expect(isRight(report)).toBe(false);
});

test("a device of which nothing is kept is unheard, though nobody acknowledged what it said", async () => {
  const isUnconfirmed = ({ qos, tells }: Delivery) => qos === 0 && tells.length > 0;
  const [device] = tolds.flatMap(({ site, story }) => {
    const keys = new Set((published.sent.get(story) ?? []).filter(isUnconfirmed).map((one) => one.device));
    return site.devices.filter(({ plan }) => keys.has(plan.key));
  });
  await pool.query("delete from reading where device_id = $1", [device?.id]);
  const report = await judged(0);
  expect(report.unheard).toEqual([expect.stringMatching(/^(.+): (\d+) of \2 readings/)]);
  expect(report.unheard[0]).toContain(device?.plan.key);
  expect(report.unarrived).toBeGreaterThan(10);
});
