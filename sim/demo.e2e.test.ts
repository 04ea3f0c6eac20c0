// The demo on real services: it fills, it moves, it shows gaps and quarantine, and a restart goes on where it stood.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, freshRedis } from "#testing";
import { DAY_MS, HOUR_MS, QUARTER_MS, SECOND_MS, systemTime } from "#devices/time";
import { DEMO_SEED } from "./demo/portfolio.ts";
import { AWARDED_TENDER, OPEN_TENDER } from "./demo/tender-plan.ts";
import { signIn, type ApiClient } from "./portfolio/api-client.ts";
import { DEMO_SITES } from "./portfolio/demo-sites.ts";
import type { SitePlan } from "./portfolio/site-plan.ts";
import { createSite } from "./portfolio/site.ts";
import { startProcess, type OwnProcess } from "./process.ts";
import { startStack, type Stack } from "./stack.ts";

type Account = { role: string; email: string; password: string };
type Named = { id: string; name: string };
type Point = {
  from: string;
  value: number | null;
  quality: { measured: number; estimated: number; missing: number };
};

const dataDir = mkdtempSync(join(tmpdir(), "koprogo-demo-"));
let database: Awaited<ReturnType<typeof freshDatabase>>;
let redis: Awaited<ReturnType<typeof freshRedis>>;
let stack: Stack;
let demo: OwnProcess;
let admin: ApiClient;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  stack = await startStack({
    databaseUrl: database.url,
    redisUrl: redis.url,
    dataDir,
    env: { KOPROGO_COHORT_MIN: "3" },
  });
  demo = await startProcess({
    name: "demo",
    entry: "sim/main.ts",
    args: ["demo", "--url", stack.mqttUrl, "--api", stack.apiUrl, "--days", "1"],
    env: {
      ...process.env,
      KOPROGO_DATA_DIR: dataDir,
      KOPROGO_ADMIN_EMAIL: stack.admin.email,
      KOPROGO_ADMIN_PASSWORD: stack.admin.password,
    },
    readyWithinMs: 120_000,
  });
  admin = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
});
afterAll(async () => {
  await demo?.kill();
  await stack?.stop();
  await redis?.stop();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const accounts = () => demo.ready()["accounts"] as readonly Account[];

async function buildingNamed(name: string): Promise<Named> {
  const found = (await admin.list<Named>("/v1/buildings")).find((building) => building.name === name);
  if (found === undefined) throw new Error(`the demo has no building ${name}`);
  return found;
}

/** Asks again until the answer is good; the test's own patience is the limit. */
async function eventually<T>(ask: () => Promise<T>, good: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (good(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, SECOND_MS));
  }
}

function load(building: Named, fromMs: number, toMs: number): Promise<{ points: Point[] }> {
  const span = { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
  const query = new URLSearchParams({ ...span, resolution: "quarter-hour" });
  return admin.get(`/v1/buildings/${building.id}/load?${query}`);
}

type Live = { deviceId: string; name: string; value: string; observedAt: string };

/** Import indices of the main meter as the live stream brings them, the first `count`. */
async function liveIndices(building: Named, count: number): Promise<Live[]> {
  const devices = await admin.list<Named>(`/v1/buildings/${building.id}/devices`);
  const main = devices.find(({ name }) => name === "Compteur principal");
  const leave = new AbortController();
  const response = await fetch(new URL(`/v1/buildings/${building.id}/live`, stack.apiUrl), {
    headers: { authorization: `Bearer ${await adminToken()}`, accept: "text/event-stream" },
    signal: leave.signal,
  });
  const found = new Map<string, Live>();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const reading = JSON.parse(line.slice("data:".length)) as Live;
      if (reading.deviceId === main?.id && reading.name === "1-0:1.8.2")
        found.set(reading.observedAt, reading);
    }
    if (found.size >= count) break;
  }
  leave.abort();
  return [...found.values()].toSorted((a, b) => a.observedAt.localeCompare(b.observedAt));
}

async function adminToken(): Promise<string> {
  const response = await fetch(new URL("/v1/session", stack.apiUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(stack.admin),
  });
  return ((await response.json()) as { token: string }).token;
}

test("26 buildings, and an account for every role that signs in and sees its part", async () => {
  expect(await admin.list("/v1/buildings")).toHaveLength(DEMO_SITES.length);
  expect(accounts().map(({ role }) => role)).toEqual([
    "coordinator",
    "manager",
    "resident",
    "supplier",
    "supplier",
    "supplier",
  ]);
  const seen: number[] = [];
  for (const { email, password } of accounts().slice(0, 3)) {
    const api = await signIn(stack.apiUrl, email, password);
    seen.push((await api.list("/v1/buildings")).length);
  }
  expect(seen).toEqual([DEMO_SITES.length, DEMO_SITES.length, 1]);
  expect(statSync(join(dataDir, "demo-devices.json")).mode & 0o777).toBe(0o600);
});

type Tender = { id: string; name: string; state: string; deliveryStart: string; participants: number };
type Saved = { priceEffect: string; energyWh: number; coveredShare: number; items: { energyWh: number }[] };

const tenders = () => admin.list<Tender>("/v1/tenders");
/** One whose deadline passed while the machine was busy is cancelled and made anew. */
const tenderOf = async ({ name }: { name: string }) =>
  (await tenders()).find((one) => one.name === name && one.state !== "cancelled");

/** Months that are over, from the first day of supply on. */
function spanOf({ deliveryStart }: Tender) {
  const from = Temporal.PlainDate.from(deliveryStart);
  const to = Temporal.Now.plainDateISO("Europe/Brussels").with({ day: 1 });
  return { from: from.toString(), to: to.toString(), days: from.until(to, { largestUnit: "days" }).days };
}

/** As a person would with a pocket calculator, in micro-euro: energy and fee each rounded once. */
function billMicro(contract: { pricePerKwh: string; annualFee: string }, wh: number, days: number): bigint {
  const rounded = (product: bigint, divisor: bigint) => (2n * product + divisor) / (2n * divisor);
  const nanoPerKwh = BigInt(Math.round(Number(contract.pricePerKwh) * 1e9));
  const feeMicro = BigInt(Math.round(Number(contract.annualFee) * 1e6));
  return rounded(BigInt(wh) * nanoPerKwh, 1_000_000n) + rounded(feeMicro * BigInt(days), 365n);
}

test("after its history one tender is in force, with a loser, and the next one is open to join", async () => {
  const awarded = await eventually(
    () => tenderOf(AWARDED_TENDER),
    (tender) => tender?.state === "in_force",
  );
  const open = await eventually(
    () => tenderOf(OPEN_TENDER),
    (tender) => tender?.participants === OPEN_TENDER.buildings.length,
  );
  expect(open?.state).toBe("enrolling");
  expect(awarded?.participants).toBe(AWARDED_TENDER.buildings.length);
  const { bids } = await admin.get<{ bids: { rank: number; saving: string; losers: number }[] }>(
    `/v1/tenders/${awarded?.id}/evaluation`,
  );
  expect(bids).toHaveLength(3);
  expect(bids[0]?.rank).toBe(1);
  expect(Number(bids[0]?.saving)).toBeGreaterThan(0);
  expect(bids[0]?.losers).toBeGreaterThan(0);
  // A machine with other work takes longer to import.
}, 480_000);

test("what it saved is the old bill minus the new one on the energy used since, to the micro-euro", async () => {
  const tender = await tenderOf(AWARDED_TENDER);
  const [plan] = DEMO_SITES;
  if (tender === undefined || plan === undefined) throw new Error("the demo has no tender");
  const building = await buildingNamed(plan.name);
  const { days, ...span } = spanOf(tender);
  const query = new URLSearchParams(span);
  const points = await admin.list<{ id: string; carrier: string; scope: string }>(
    `/v1/buildings/${building.id}/supply-points`,
  );
  const common = points.find(({ carrier, scope }) => carrier === "electricity" && scope === "common");
  const used = await admin.get<{ points: Point[] }>(
    `/v1/supply-points/${common?.id}/load?${query}&resolution=day`,
  );
  const wh = used.points.reduce((sum, { value }) => sum + (value ?? 0), 0);
  const now = await admin.get<{ supplier: string; pricePerKwh: string; annualFee: string }>(
    `/v1/supply-points/${common?.id}/contract`,
  );
  const site = createSite(plan, { seed: DEMO_SEED, firstDay: 0, contractStart: "" });
  const before = site.supplyPoints.find(({ key }) => key === "electricity")?.contract;
  if (before === undefined) throw new Error("there was no contract before");
  const saved = await admin.get<Saved>(`/v1/buildings/${building.id}/savings?${query}`);
  const expected = billMicro(before, wh, days) - billMicro(now, wh, days);
  expect(now.supplier).toBe("Stroomland (démo)");
  expect(saved.energyWh).toBe(wh);
  expect(saved.coveredShare).toBe(1);
  expect(expected).toBeGreaterThan(0n);
  expect(BigInt(Math.round(Number(saved.priceEffect) * 1e6))).toBe(expected);
});

test("the undecided building is told that a consent is missing", async () => {
  const undecided = DEMO_SITES.find((plan) => plan.undecided === true);
  const building = await buildingNamed(undecided?.name ?? "");
  const seen = await admin.list<{ tender: Tender; mayJoin: boolean; missing: { code: string }[] }>(
    `/v1/buildings/${building.id}/tenders`,
  );
  const open = seen.find(({ tender }) => tender.name === OPEN_TENDER.name);
  expect(open?.mayJoin).toBe(false);
  expect(open?.missing.map(({ code }) => code)).toEqual(["consent_missing"]);
});

test("readings arrive in present time, each later than the one before and never lower", async () => {
  const [first, second] = await liveIndices(await buildingNamed("Résidence des Platanes"), 2);
  expect(Date.parse(second?.observedAt ?? "")).toBeGreaterThan(Date.parse(first?.observedAt ?? ""));
  expect(Number(second?.value)).toBeGreaterThanOrEqual(Number(first?.value));
  expect(systemTime.now() - Date.parse(second?.observedAt ?? "")).toBeLessThan(30 * SECOND_MS);
});

test("yesterday fills with a load; the building with weak reception shows a gap in it", async () => {
  const today = Math.floor(systemTime.now() / DAY_MS) * DAY_MS;
  const filled = (answer: { points: Point[] }) =>
    answer.points.filter(({ value }) => value !== null && value > 0).length;
  const whole = await buildingNamed("Résidence des Platanes");
  await eventually(
    () => load(whole, today - DAY_MS, today),
    (answer) => filled(answer) === answer.points.length && answer.points.length > 0,
  );
  const holed = await buildingNamed("Les Remparts");
  const { points } = await eventually(
    () => load(holed, today - DAY_MS, today),
    (answer) => filled(answer) > answer.points.length / 2,
  );
  // Missing at first; the next run of the estimator says what it may have been.
  expect(points.filter(({ quality }) => quality.measured < 1).length).toBeGreaterThanOrEqual(8);
});

test("the swapped meter is recorded with both serials, and its energy goes on without a gap", async () => {
  const plan = DEMO_SITES.find(({ swappedMeter }) => swappedMeter === true);
  const building = await buildingNamed(plan?.name ?? "");
  type Swapped = { state: string; at: string; oldEquipmentId: string; newEquipmentId: string };
  const recorded = await eventually(
    async () =>
      (await admin.get<{ items: Swapped[] }>(`/v1/buildings/${building.id}/swaps`)).items.filter(
        ({ state }) => state === "recorded",
      ),
    (items) => items.length === 4,
  );
  const atMs = Date.parse(recorded[0]?.at ?? "");
  expect(recorded.every(({ oldEquipmentId, newEquipmentId }) => oldEquipmentId !== newEquipmentId)).toBe(
    true,
  );
  const site = createSite(plan as SitePlan, { seed: DEMO_SEED, firstDay: 0, contractStart: "" });
  const point = site.supplyPoints.find(({ key }) => key === "electricity");
  const points = await admin.list<{ id: string; carrier: string; scope: string }>(
    `/v1/buildings/${building.id}/supply-points`,
  );
  const common = points.find(({ carrier, scope }) => carrier === "electricity" && scope === "common");
  const query = new URLSearchParams({
    from: new Date(atMs - HOUR_MS).toISOString(),
    to: new Date(atMs + HOUR_MS).toISOString(),
    resolution: "quarter-hour",
  });
  const { points: quarters } = await eventually(
    () => admin.get<{ points: Point[] }>(`/v1/supply-points/${common?.id}/load?${query}`),
    (answer) => answer.points.every(({ quality }) => quality.measured === 1),
  );
  for (const { from, value } of quarters) {
    const fromMs = Date.parse(from);
    const truth =
      (point?.indexAt("import", fromMs + QUARTER_MS) ?? 0) - (point?.indexAt("import", fromMs) ?? 0);
    expect([from, value]).toEqual([from, truth]);
  }
});

test("buildings abroad speak their own meters' language, and arrive", async () => {
  const profiles: (string | undefined)[] = [];
  for (const country of ["FR", "IT"]) {
    const building = await buildingNamed(DEMO_SITES.find((plan) => plan.country === country)?.name ?? "");
    const devices = await admin.list<Named & { profile: string }>(`/v1/buildings/${building.id}/devices`);
    profiles.push(devices.find(({ name }) => name === "Compteur principal")?.profile);
    const today = Math.floor(systemTime.now() / DAY_MS) * DAY_MS;
    await eventually(
      () => load(building, today - DAY_MS, today),
      ({ points }) => points.length > 0 && points.every(({ quality }) => quality.measured === 1),
    );
  }
  expect(profiles).toEqual(["linky-tic", "chain2-sinapsi"]);
});

test("the damaged cable ends in quarantine with a reason", async () => {
  const [held] = await eventually(
    () => admin.list<{ reason: string }>("/v1/quarantine"),
    (items) => items.length > 0,
  );
  expect(held?.reason).toBe("checksum_wrong");
});

test("a restart keeps buildings, devices and accounts, and the index goes on", async () => {
  const building = await buildingNamed("Résidence des Platanes");
  const devices = () => admin.list<Named>(`/v1/buildings/${building.id}/devices`);
  const before = { devices: await devices(), accounts: accounts(), tenders: await tenders() };
  const [last] = await liveIndices(building, 1);
  const stopping = systemTime.now();
  await demo.kill();
  expect(systemTime.now() - stopping).toBeLessThan(5 * SECOND_MS);
  await demo.restart();
  expect(await admin.list("/v1/buildings")).toHaveLength(DEMO_SITES.length);
  expect((await devices()).map(({ id, name }) => [id, name])).toEqual(
    before.devices.map(({ id, name }) => [id, name]),
  );
  expect(accounts()).toEqual(before.accounts);
  expect(await tenders()).toEqual(before.tenders);
  const [next] = await liveIndices(building, 1);
  expect(Number(next?.value)).toBeGreaterThanOrEqual(Number(last?.value));
  expect(Number(next?.value) - Number(last?.value)).toBeLessThan(10);
});

test("a demo that lost its memory gives new passwords and secrets, and its devices speak again", async () => {
  const before = accounts();
  const building = await buildingNamed("Résidence des Platanes");
  const [last] = await liveIndices(building, 1);
  await demo.kill();
  rmSync(join(dataDir, "demo-devices.json"));
  await demo.restart();
  expect(accounts().map(({ email }) => email)).toEqual(before.map(({ email }) => email));
  expect(accounts().map(({ password }) => password)).not.toEqual(before.map(({ password }) => password));
  const [next] = await liveIndices(building, 1);
  expect(Number(next?.value)).toBeGreaterThanOrEqual(Number(last?.value));
});
