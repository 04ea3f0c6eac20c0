// The dashboard in a real browser on the real product: sign in, open a building, see a reading arrive, trust the numbers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freshDatabase, freshRedis } from "#testing";
import {
  barriers,
  buildDashboard,
  launchBrowser,
  openPage,
  overflow,
  signIn,
  speakEnglish,
} from "./test-browser.ts";
import { connectMeter, signedIn, startEntry, type ApiClient, type TestProcess } from "./test-stack.ts";

const ADMIN = { email: "admin@koprogo.example", password: "a long enough password" };
const QUARTER_MS = 900_000;
const HISTORY_QUARTERS = 16;

/** A zone in which it is about noon, so that the history below lies within today whenever the test runs. */
function zoneAtNoon(nowMs: number): string {
  const east = 12 - new Date(nowMs).getUTCHours();
  // POSIX writes zones east of Greenwich with a minus.
  return east === 0 ? "Etc/GMT" : `Etc/GMT${east > 0 ? "-" : "+"}${Math.abs(east)}`;
}

const nowMs = Date.now();
const zone = zoneAtNoon(nowMs);
const quarterMs = Math.floor(nowMs / QUARTER_MS) * QUARTER_MS;
/** The index grows by a different, known step in every quarter-hour. */
const stepWh = (quarter: number): number => 200 + 10 * quarter;

const folder = mkdtempSync(join(tmpdir(), "koprogo-dashboard-"));
const running: TestProcess[] = [];
const undo: (() => Promise<unknown>)[] = [];
let apiUrl: string;
let api: ApiClient;
let buildingId: string;
let meter: Awaited<ReturnType<typeof connectMeter>>;
let indexWh = 10_000;
let browser: Browser;

beforeAll(async () => {
  await buildDashboard();
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  undo.push(database.drop, redis.stop);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KOPROGO_DATA_DIR: folder,
    KOPROGO_ADMIN_EMAIL: ADMIN.email,
    KOPROGO_ADMIN_PASSWORD: ADMIN.password,
    MQTT_PORT: "0",
    HTTP_PORT: "0",
    LOG_LEVEL: "warn",
  };
  const start = async (entry: string): Promise<string> => {
    const entryRuns = await startEntry(entry, env);
    running.push(entryRuns);
    return entryRuns.address;
  };
  const mqttUrl = await start("broker/main.ts");
  apiUrl = await start("api/main.ts");
  api = await signedIn(apiUrl, ADMIN.email, ADMIN.password);
  const device = await createBuilding();
  meter = await connectMeter(mqttUrl, device);
  undo.push(meter.close);
  await tellHistory();
  await start("analytics/main.ts");
  browser = await launchBrowser(folder);
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

afterAll(async () => {
  await browser?.close();
  for (const step of undo.splice(0).toReversed()) if (step === meter?.close) await step();
  for (const entry of running.toReversed()) await entry.stop();
  for (const step of undo) await step();
  rmSync(folder, { recursive: true, force: true });
});

async function createBuilding(): Promise<{ id: string; secret: string }> {
  const building = await api.post<{ id: string }>("/v1/buildings", {
    name: "Résidence Horizon",
    address: "Chaussée d’Ixelles 118",
    postalCode: "1050",
    country: "BE",
    region: "BE-BRU",
    timezone: zone,
    dwellings: 24,
  });
  buildingId = building.id;
  const supplyPoint = await api.post<{ id: string }>(`/v1/buildings/${buildingId}/supply-points`, {
    carrier: "electricity",
    direction: "both",
    scope: "common",
    vatRate: 0.06,
  });
  return api.post(`/v1/buildings/${buildingId}/devices`, {
    name: "Compteur général",
    profile: "dsmr-p1",
    expectedIntervalS: 10,
    supplyPoints: { electricity: supplyPoint.id },
  });
}

/** One telegram at every quarter-hour of the last hours, up to the one that has just begun. */
async function tellHistory(): Promise<void> {
  for (let quarter = 0; quarter <= HISTORY_QUARTERS; quarter += 1) {
    const atMs = quarterMs - (HISTORY_QUARTERS - quarter) * QUARTER_MS;
    await meter.tell({ atMs, importWh: indexWh, importW: 4 * stepWh(quarter) });
    if (quarter < HISTORY_QUARTERS) indexWh += stepWh(quarter);
  }
}

const open = (path: string, scheme: "light" | "dark", width?: number): Promise<Page> =>
  openPage(browser, `${apiUrl}${path}`, scheme, width);

type Load = { points: { from: string; value: number | null }[] };

/** The quarter-hours of the history as the API has them, once the workers have computed them all. */
async function computedLoad(): Promise<Map<string, number>> {
  const from = new Date(quarterMs - HISTORY_QUARTERS * QUARTER_MS).toISOString();
  const to = new Date(quarterMs).toISOString();
  const path = `/v1/buildings/${buildingId}/load?carrier=electricity&from=${from}&to=${to}&resolution=quarter-hour`;
  return expect
    .poll(async () => (await api.get<Load>(path)).points.filter(({ value }) => value !== null).length, {
      timeout: 120_000,
      interval: 500,
    })
    .toBe(HISTORY_QUARTERS)
    .then(async () => {
      const { points } = await api.get<Load>(path);
      return new Map(points.map(({ from: start, value }) => [start, value ?? Number.NaN]));
    });
}

test("a wrong password is refused in words, and the right one leads to the list", async () => {
  const page = await open("/buildings", "light");
  await page.waitForURL("**/login?next=*");
  await signIn(page, ADMIN.email, "not the password");
  await page.locator("#refusal").waitFor();
  expect(await page.locator("#refusal").innerText()).toMatch(/unknown/i);
  expect(await barriers(page)).toEqual([]);
  await signIn(page, ADMIN.email, ADMIN.password);
  await page.waitForURL("**/buildings");
  await page.getByRole("link", { name: "Résidence Horizon" }).waitFor();
  expect(await barriers(page)).toEqual([]);
});

test("a bar is the API's number, and the quarter-hours are the building's", async () => {
  const load = await computedLoad();
  const page = await open(
    `/login?next=${encodeURIComponent(`/buildings/${buildingId}?view=table`)}`,
    "light",
  );
  await signIn(page, ADMIN.email, ADMIN.password);
  await page.locator("td[data-from]").first().waitFor();
  const shown = await page
    .locator("td[data-value]")
    .evaluateAll((cells) =>
      cells.map((cell) => [cell.getAttribute("data-from"), Number(cell.getAttribute("data-value"))]),
    );
  const expected = [...load].filter(([from]) => shown.some(([start]) => start === from));
  // The quarter-hour that has just ended may not be settled yet.
  expect(expected.length).toBeGreaterThanOrEqual(HISTORY_QUARTERS - 1);
  for (const [from, value] of expected) expect(shown, from).toContainEqual([from, value]);
  expect(load.get(new Date(quarterMs - HISTORY_QUARTERS * QUARTER_MS).toISOString())).toBe(stepWh(0));

  await speakEnglish(page);
  const first = page.locator(`td[data-from="${new Date(quarterMs - 8 * QUARTER_MS).toISOString()}"]`);
  await first.waitFor();
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const row = page.locator("tr").filter({ has: first });
  expect(await row.locator("th").innerText()).toContain(clock.format(quarterMs - 8 * QUARTER_MS));
  expect(await first.innerText()).toBe(`${stepWh(HISTORY_QUARTERS - 8)}\u00a0Wh`);
});

test("a reading arrives without reloading, and the keyboard reads the bars", async () => {
  const page = await open(`/login?next=${encodeURIComponent(`/buildings/${buildingId}`)}`, "dark");
  await signIn(page, ADMIN.email, ADMIN.password);
  await page.locator(".power[data-net-w]").waitFor();
  await page.evaluate(() => document.documentElement.setAttribute("data-same-page", "yes"));
  await meter.tell({ atMs: Date.now(), importWh: indexWh + 5, importW: 3210 });
  await page.locator('.power[data-net-w="3210"]').waitFor();
  expect(await page.locator("html").getAttribute("data-same-page")).toBe("yes");

  const chart = page.getByRole("slider");
  await page.locator(".figure canvas").waitFor();
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  expect(await chart.getAttribute("aria-valuetext")).toMatch(/\d\d:\d\d/);
  expect(await barriers(page)).toEqual([]);
});

test("on a phone nothing is wider than the screen, in both themes", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await open(
      `/login?next=${encodeURIComponent(`/buildings/${buildingId}?period=week`)}`,
      scheme,
      390,
    );
    await signIn(page, ADMIN.email, ADMIN.password);
    await page.locator(".figure canvas").waitFor();
    const received = page.locator("details").filter({ hasText: "Toutes les valeurs reçues" });
    await received.locator("summary").click();
    await received.locator("tr").first().waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
  }
});

test("signing out ends the session here and at the API", async () => {
  const page = await open("/login", "light");
  await signIn(page, ADMIN.email, ADMIN.password);
  await page.waitForURL("**/buildings");
  await page.locator("header [popovertarget]").click();
  await page.locator("[popover] .button").click();
  await page.waitForURL("**/login*");
  const status = await page.evaluate(async () => (await fetch("/v1/session")).status);
  expect(status).toBe(401);
});
