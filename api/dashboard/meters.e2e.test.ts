// A building's meters in a real browser on the real product: a swap suspected, confirmed, taken back, dismissed, recorded by hand;
// what is doubtful; and why a number changed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freshDatabase, freshRedis, until } from "#testing";
import { barriers, buildDashboard, launchBrowser, openPage, overflow, signIn } from "./test-browser.ts";
import { connectMeter, signedIn, startEntry, type ApiClient, type TestProcess } from "./test-stack.ts";

const PASSWORD = "correct horse battery staple";
const ADMIN = "admin@koprogo.example";
const MANAGER = "manager@koprogo.example";
const RESIDENT = "resident@koprogo.example";
const ZONE = "Europe/Brussels";
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Noon by UTC of the day before yesterday: a whole day of the building's, whatever the hour now. */
const NOON = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS + DAY_MS / 2;
const DATE = new Date(NOON).toISOString().slice(0, 10);
const OLD = "1SAG1100000001";
const YOUNG = "1SAG1100000002";

const folder = mkdtempSync(join(tmpdir(), "koprogo-meters-"));
const running: TestProcess[] = [];
const undo: (() => Promise<unknown>)[] = [];
let apiUrl: string;
let mqttUrl: string;
let api: ApiClient;
let buildingId: string;
let commonPoint: string;
let ownPoint: string;
let meter: Awaited<ReturnType<typeof connectMeter>>;
let browser: Browser;

type Swaps = {
  items: { state: string; supplyPointId: string; oldRegisterId: string; closingIndex: string }[];
};
type Change = { cause: string; before: { value: number }; after: { value: number } };

beforeAll(async () => {
  await buildDashboard();
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  undo.push(database.drop, redis.stop);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KOPROGO_DATA_DIR: folder,
    KOPROGO_ADMIN_EMAIL: ADMIN,
    KOPROGO_ADMIN_PASSWORD: PASSWORD,
    MQTT_PORT: "0",
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
  for (const entry of ["broker/main.ts", "api/main.ts"]) running.push(await startEntry(entry, env));
  [mqttUrl, apiUrl] = running.map(({ address }) => address) as [string, string];
  api = await signedIn(apiUrl, ADMIN, PASSWORD);
  await createBuilding();
  running.push(await startEntry("analytics/main.ts", env));
  await until(async () => (await swaps()).items.length === 5, "both suspicions are there", 120_000);
  // Late: it was a line between its neighbours, and is not.
  await until(async () => (await quarterAt(1)) !== undefined, "the quarter-hours are there", 120_000);
  await meter.tell({ atMs: NOON + QUARTER_MS, importWh: indexWh(0) + 40, importW: 0, meterId: OLD });
  await until(async () => (await changes()).length > 0, "a quarter-hour has changed", 150_000);
  browser = await launchBrowser(folder);
}, 420_000);

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

afterAll(async () => {
  await browser?.close();
  await meter?.close();
  for (const entry of running.toReversed()) await entry.stop();
  for (const step of undo.toReversed()) await step();
  rmSync(folder, { recursive: true, force: true });
});

/** Of the meter that goes: 200 Wh a quarter-hour. */
const indexWh = (quarter: number): number => 5_000_000 + 200 * quarter;

async function createBuilding(): Promise<void> {
  const building = await api.post<{ id: string; organisationId: string }>("/v1/buildings", {
    name: "Résidence Horizon",
    address: "Chaussée d’Ixelles 118",
    postalCode: "1050",
    country: "BE",
    region: "BE-BRU",
    timezone: ZONE,
    dwellings: 24,
  });
  buildingId = building.id;
  const unit = await api.post<{ id: string }>(`/v1/buildings/${buildingId}/units`, { name: "2A" });
  const point = { carrier: "electricity", direction: "both", vatRate: 0.06 };
  const points = `/v1/buildings/${buildingId}/supply-points`;
  const common = { ...point, scope: "common", code: "541448860003995215" };
  commonPoint = (await api.post<{ id: string }>(points, common)).id;
  const own = { ...point, scope: "private", unitId: unit.id, direction: "import" };
  ownPoint = (await api.post<{ id: string }>(points, own)).id;
  const { organisationId } = building;
  const person = { password: PASSWORD, organisationId };
  const buildingIds = [buildingId];
  await api.post("/v1/users", { ...person, email: MANAGER, role: "manager", buildingIds });
  await api.post("/v1/users", { ...person, email: RESIDENT, role: "resident", unitId: unit.id });
  meter = await connectMeter(mqttUrl, await createDevice("Compteur des communs", commonPoint));
  for (const quarter of [0, 2, 3, 4])
    await meter.tell({
      atMs: NOON + quarter * QUARTER_MS,
      importWh: indexWh(quarter),
      importW: 800,
      meterId: OLD,
    });
  for (const quarter of [7, 8, 9])
    await meter.tell({
      atMs: NOON + quarter * QUARTER_MS,
      importWh: 3000 + 200 * quarter,
      importW: 800,
      meterId: YOUNG,
    });
  const second = await connectMeter(mqttUrl, await createDevice("Compteur du 2A", ownPoint));
  for (const [quarter, importWh] of [1_000_000, 1_000_900, 400_300, 401_200].entries())
    await second.tell({ atMs: NOON + quarter * QUARTER_MS, importWh, importW: 0, meterId: "1SAG2200000001" });
  await second.close();
}

function createDevice(name: string, supplyPoint: string): Promise<{ id: string; secret: string }> {
  return api.post(`/v1/buildings/${buildingId}/devices`, {
    name,
    profile: "dsmr-p1",
    expectedIntervalS: 10,
    supplyPoints: { electricity: supplyPoint },
  });
}

const swaps = () => api.get<Swaps>(`/v1/buildings/${buildingId}/swaps`);
const span = `from=${new Date(NOON).toISOString()}&to=${new Date(NOON + 4 * 3_600_000).toISOString()}`;
const changes = async () =>
  (await api.get<{ items: Change[] }>(`/v1/buildings/${buildingId}/changes?${span}`)).items;

async function quarterAt(quarter: number): Promise<number | undefined> {
  const path = `/v1/supply-points/${commonPoint}/load?${span}&resolution=quarter-hour`;
  const { points } = await api.get<{ points: { value: number | null }[] }>(path);
  return points[quarter]?.value ?? undefined;
}

type Look = { width?: number; language?: string; scheme?: "light" | "dark"; query?: string };

async function open(
  email: string,
  { width = 1440, language = "fr", scheme = "light", query = "" }: Look = {},
): Promise<Page> {
  const next = encodeURIComponent(`/buildings/${buildingId}${query}`);
  const page = await openPage(browser, `${apiUrl}/login?next=${next}`, scheme, width);
  await page.evaluate((locale) => localStorage.setItem("koprogo.locale", locale), language);
  await signIn(page, email, PASSWORD);
  await panel(page).waitFor();
  return page;
}
const panel = (page: Page): Locator => page.locator("section[aria-labelledby=meters-title]");
const cards = (page: Page, state: string): Locator => panel(page).locator(`article[data-state=${state}]`);
const dialog = (page: Page): Locator => page.locator("dialog[open]");
const button = (place: Page | Locator, name: string): Locator =>
  place.getByRole("button", { name, exact: true });

test("a meter that was swapped is one card with all it counts, and an index that fell another, in each language", async () => {
  const sentences = {
    fr: [
      `Le compteur ${YOUNG} parle depuis que le compteur ${OLD} s’est tu.`,
      "L’index est retombé",
      "tarif\u00a02",
    ],
    nl: [
      `Meter ${YOUNG} spreekt sinds meter ${OLD} zweeg.`,
      "De stand is naar een ander niveau",
      "tarief\u00a02",
    ],
    en: [`Meter ${YOUNG} has been speaking since`, "The index fell to another level", "tariff\u00a02"],
  };
  for (const [language, expected] of Object.entries(sentences)) {
    const page = await open(ADMIN, { language });
    await cards(page, "suspected").first().waitFor();
    expect(await cards(page, "suspected").count()).toBe(2);
    const text = await panel(page).innerText();
    for (const sentence of expected) expect(text, language).toContain(sentence);
    const rows = cards(page, "suspected").filter({ hasText: OLD }).locator("tbody tr");
    expect(await rows.count()).toBe(4);
    expect(text).toMatch(/5[\s.,\u202f]?000[.,]800\skWh/);
    const clock = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
    expect(text, "the building's hours").toContain(clock.format(NOON + 4 * QUARTER_MS));
    await page.context().close();
  }
});

test("a suspicion is confirmed by what the paper says; a wrong index is refused where it stands; taken back it is suspected again", async () => {
  const page = await open(ADMIN);
  const suspected = cards(page, "suspected").filter({ hasText: OLD });
  await button(suspected, "Confirmer").click();
  const closing = dialog(page).getByLabel(
    "prélèvement, tarif 1 1-0:1.8.1, dernier index de l’ancien compteur",
  );
  expect(await closing.inputValue()).toBe("5000,800");
  await closing.fill("douze");
  await button(dialog(page), "Enregistrer le remplacement").click();
  expect(await closing.getAttribute("aria-invalid")).toBe("true");
  await closing.fill("4 000,5");
  await button(dialog(page), "Enregistrer le remplacement").click();
  await dialog(page).getByText("L’ancien compteur avait déjà montré davantage").waitFor();
  expect(await closing.getAttribute("aria-invalid")).toBe("true");
  expect((await swaps()).items.filter(({ state }) => state === "recorded")).toEqual([]);
  expect(await barriers(page)).toEqual([]);
  await closing.fill("5 000,95");
  await button(dialog(page), "Enregistrer le remplacement").click();
  await cards(page, "recorded").waitFor();
  expect(await dialog(page).count()).toBe(0);
  expect(await cards(page, "recorded").innerText()).toMatch(/5\s000,95\skWh/);
  const recorded = (await swaps()).items.filter(({ state }) => state === "recorded");
  expect(recorded.length).toBe(4);
  expect(recorded.map(({ closingIndex }) => Number(closingIndex))).toContain(5000.95);

  await button(cards(page, "recorded"), "Revenir en arrière").click();
  await button(dialog(page), "Revenir en arrière").click();
  await suspected.waitFor();
  expect(await cards(page, "recorded").count()).toBe(0);
});

test("an index that fell is dismissed as the same meter's, and a swap is recorded by hand, shown and taken back", async () => {
  const page = await open(ADMIN);
  const fall = cards(page, "suspected").filter({ hasText: "retombé" });
  await button(fall, "Écarter").click();
  await button(dialog(page), "Écarter").click();
  await fall.waitFor({ state: "detached" });

  await button(panel(page), "Encoder un remplacement").click();
  await dialog(page).getByLabel("Point de fourniture").selectOption(ownPoint);
  const closing = dialog(page).getByLabel(
    "prélèvement, tarif 1 1-0:1.8.1, dernier index de l’ancien compteur",
  );
  await closing.fill("1000,95");
  await dialog(page)
    .getByLabel("prélèvement, tarif 1 1-0:1.8.1, premier index du nouveau compteur")
    .fill("400,2");
  await button(dialog(page), "Enregistrer le remplacement").click();
  await dialog(page).getByText("Indiquez le jour et l’heure.").waitFor();
  await dialog(page).getByLabel("Moment du remplacement").fill(DATE);
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: ZONE, hour: "2-digit", minute: "2-digit" });
  await dialog(page)
    .getByLabel("Heure du remplacement")
    .fill(clock.format(NOON + 20 * 60_000));
  await button(dialog(page), "Enregistrer le remplacement").click();
  await cards(page, "recorded").waitFor();
  expect(await cards(page, "recorded").innerText()).toContain(clock.format(NOON + 20 * 60_000));
  expect((await swaps()).items.filter(({ state }) => state === "recorded")).toMatchObject([
    { supplyPointId: ownPoint, at: new Date(NOON + 20 * 60_000).toISOString(), closingIndex: "1000.95" },
  ]);
  await button(cards(page, "recorded"), "Revenir en arrière").click();
  await button(dialog(page), "Revenir en arrière").click();
  await cards(page, "recorded").waitFor({ state: "detached" });
});

test("two meters that count side by side are dismissed, and the question is not asked again", async () => {
  const page = await open(ADMIN);
  const suspected = cards(page, "suspected").filter({ hasText: OLD });
  await button(suspected, "Écarter").click();
  await button(dialog(page), "Écarter").click();
  await suspected.waitFor({ state: "detached" });
  expect((await swaps()).items.filter(({ supplyPointId }) => supplyPointId === commonPoint)).toEqual([]);
});

test("why a number changed is asked for when it is opened, and says what it was and what it is", async () => {
  const page = await openPage(
    browser,
    `${apiUrl}/login?next=${encodeURIComponent(`/buildings/${buildingId}?period=day&date=${DATE}`)}`,
    "light",
  );
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await signIn(page, ADMIN, PASSWORD);
  const log = page.locator("details").filter({ hasText: "Pourquoi ce chiffre a-t-il changé ?" });
  await log.waitFor();
  await page.locator(".figure canvas").waitFor();
  expect(asked.filter((url) => url.includes("/changes"))).toEqual([]);
  await log.locator("summary").click();
  const entry = log.locator("li[data-cause=readings]");
  await entry.waitFor();
  expect(asked.filter((url) => url.includes("/changes")).length).toBe(1);
  // The swaps of the tests before, taken back since, may have left changes of their own.
  const told = (await changes()).filter(({ cause }) => cause === "readings");
  const sum = (side: "before" | "after") => told.reduce((total, change) => total + change[side].value, 0);
  expect([sum("before"), sum("after")]).toEqual([400, 400]);
  expect(told.map(({ before, after }) => [before.value, after.value])).toEqual(
    expect.arrayContaining([
      [200, 40],
      [200, 360],
    ]),
  );
  const text = await entry.innerText();
  expect(text).toContain("Une mesure a remplacé l’estimation.");
  expect(text).toContain("400\u00a0Wh");
  expect(text, "the same sum, so the quarter-hour that changed most").toContain("200\u00a0Wh avant, ");
  expect(text).toContain("5414");
  expect(await barriers(page)).toEqual([]);
});

test("what is doubtful is told by supply point and rule, with what to do", async () => {
  type Told = { items: { rule: string; supplyPointId: string }[] };
  const page = await open(ADMIN);
  const from = new Date(NOON - 10 * DAY_MS).toISOString();
  const path = `/v1/buildings/${buildingId}/validation?from=${from}&to=${new Date().toISOString()}`;
  const rules = (await api.get<Told>(path)).items.map(({ rule }) => rule);
  await panel(page).locator("[data-rule]").first().waitFor();
  for (const rule of rules)
    expect(await panel(page).locator(`[data-rule=${rule}]`).count()).toBeGreaterThan(0);
  const missing = await panel(page).locator("[data-rule=missing]").first().innerText();
  expect(missing).toContain("À vérifier");
  expect(missing).toContain("Vérifiez l’appareil");
  await button(panel(page).locator("[data-rule=missing]").first(), "Voir ce jour").click();
  await page.waitForURL("**date=*");
  expect(new URL(page.url()).searchParams.get("series")).toMatch(/^electricity-/);
});

test("a manager sees the common parts' meters and changes nothing, a resident only what is doubtful of the own", async () => {
  const page = await open(MANAGER);
  await panel(page).locator("[data-rule]").first().waitFor();
  for (const name of ["Encoder un remplacement", "Confirmer", "Écarter", "Revenir en arrière"])
    expect(await button(panel(page), name).count(), name).toBe(0);
  await page.context().close();
  const asked: string[] = [];
  const other = await open(RESIDENT);
  other.on("request", (request) => asked.push(request.url()));
  await panel(other).locator("[data-rule]").first().waitFor();
  expect(await panel(other).getByText("Remplacements").count()).toBe(0);
  expect(asked.filter((url) => url.includes("/swaps"))).toEqual([]);
});

test("on a phone nothing is wider than the screen, and nobody is kept out, in both themes", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await open(ADMIN, { width: 390, scheme, query: `?date=${DATE}` });
    await panel(page).locator("[data-rule]").first().waitFor();
    const log = page.locator("details").filter({ hasText: "Pourquoi ce chiffre" });
    await log.locator("summary").click();
    await log.locator("li[data-cause]").first().waitFor();
    expect(await overflow(page), scheme).toBe(0);
    // So low that the list of changes scrolls, however few there are.
    await page.setViewportSize({ width: 390, height: 240 });
    expect(await barriers(page), scheme).toEqual([]);
    const [shown, whole] = await log
      .getByRole("group")
      .evaluate((frame) => [frame.clientHeight, frame.scrollHeight] as const);
    expect(whole, scheme).toBeGreaterThan(shown);
    await page.setViewportSize({ width: 390, height: 900 });
    await button(panel(page), "Encoder un remplacement").click();
    await dialog(page).getByLabel("Moment du remplacement").waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await page.context().close();
  }
});
