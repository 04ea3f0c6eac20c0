// The steps of a register in a real browser on the real product: a unit that slipped is found, ruled, counts, and is taken back.
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "#testing";
import { barriers, overflow } from "./test-browser.ts";
import {
  ADMIN,
  createTestBuilding,
  startProduct,
  type OpenOptions,
  type Person,
  type Product,
} from "./test-product.ts";
import { connectMeter } from "./test-stack.ts";

const PASSWORD = "correct horse battery staple";
const COORDINATOR: Person = { email: "coordinator@koprogo.example", password: PASSWORD };
const MANAGER: Person = { email: "manager@koprogo.example", password: PASSWORD };
const RESIDENT: Person = { email: "resident@koprogo.example", password: PASSWORD };
const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** Noon by UTC of the day before yesterday: a whole day of the building's, whatever the hour now. */
const NOON = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS + DAY_MS / 2;
/** Of a counter that counts 40 Wh a quarter-hour. */
const trueWh = (quarter: number): number => 20_000 + 40 * quarter;

let product: Product;
let buildingId: string;
let pointId: string;
let ownPointId: string;

type Points = { points: { value: number | null; quality: { missing: number } }[] };
type Decisions = {
  items: { kind: string; from: string; rulingId: string | null; evidence: { rule: string } }[];
};

beforeAll(async () => {
  product = await startProduct(["broker/main.ts", "api/main.ts", "analytics/main.ts"]);
  const { api } = product;
  const { id, organisationId } = await createTestBuilding(api, { timezone: "Europe/Brussels" });
  buildingId = id;
  const unit = await api.post<{ id: string }>(`/v1/buildings/${id}/units`, { name: "2A" });
  const points = `/v1/buildings/${id}/supply-points`;
  const point = { direction: "import", vatRate: 0.06 };
  const common = { ...point, carrier: "electricity", scope: "common", code: "541448860003995215" };
  pointId = (await api.post<{ id: string }>(points, common)).id;
  await api.post(points, { ...point, carrier: "water", scope: "common" });
  await api.post(`/v1/supply-points/${pointId}/consents`, {
    purpose: "load-profile",
    from: new Date(NOON - 30 * DAY_MS).toISOString(),
    evidence: "General assembly, item 4",
  });
  const person = { password: PASSWORD, organisationId };
  await api.post("/v1/users", { ...person, ...COORDINATOR, role: "coordinator" });
  await api.post("/v1/users", { ...person, ...MANAGER, role: "manager", buildingIds: [id] });
  await api.post("/v1/users", { ...person, ...RESIDENT, role: "resident", unitId: unit.id });
  const own = { ...point, carrier: "electricity", scope: "private", unitId: unit.id };
  ownPointId = (await api.post<{ id: string }>(points, own)).id;
  const ownMeter = await meterAt(ownPointId);
  // Every other telegram says nought: two steps each.
  for (let quarter = 0; quarter <= 24; quarter++)
    await ownMeter.tell({
      atMs: NOON + quarter * QUARTER_MS,
      importWh: quarter % 2 === 0 ? trueWh(quarter) : 0,
      importW: 0,
    });
  await ownMeter.close();
  const meter = await meterAt(pointId);
  // A day before, one telegram says nought; then, from one telegram on, Wh stand where kWh should.
  for (const [quarter, importWh] of [
    [-96, trueWh(-96)],
    [-95, 0],
    [-94, trueWh(-94)],
    ...[0, 1, 2, 3].map((one) => [one, trueWh(one)] as const),
    ...[4, 5, 6, 7, 8, 9].map((one) => [one, 1000 * trueWh(one)] as const),
  ] as const)
    await meter.tell({ atMs: NOON + quarter * QUARTER_MS, importWh, importW: 160 });
  await meter.close();
  await until(async () => (await quarterAt(1)) === 40, "the quarter-hours before the slip count", 120_000);
  await until(async () => (await stepsOf(pointId)).length === 1, "the slip is told", 120_000);
  await until(async () => (await stepsOf(ownPointId)).length === 24, "so are the noughts", 120_000);
}, 420_000);

afterEach(() => product.closePages());
afterAll(() => product.stop());

async function meterAt(electricity: string) {
  const device = await product.api.post<{ id: string; secret: string }>(
    `/v1/buildings/${buildingId}/devices`,
    {
      name: "Compteur",
      profile: "dsmr-p1",
      expectedIntervalS: 900,
      supplyPoints: { electricity },
    },
  );
  return connectMeter(product.mqttUrl, device);
}

/** `null` where a register of the meter is missing, whatever the others say. */
async function quarterAt(quarter: number): Promise<number | null | undefined> {
  const span = `from=${new Date(NOON).toISOString()}&to=${new Date(NOON + 4 * 3_600_000).toISOString()}`;
  const path = `/v1/supply-points/${pointId}/load?${span}&resolution=quarter-hour`;
  const point = (await product.api.get<Points>(path)).points[quarter];
  return point?.quality.missing === 0 ? point.value : null;
}

/** What is decided about the steps of a meter from the noon on; of that in common the one at which its unit slips. */
async function stepsOf(point: string): Promise<Decisions["items"]> {
  type Device = { id: string; supplyPoints: { electricity: string } };
  const { items: devices } = await product.api.get<{ items: Device[] }>(
    `/v1/buildings/${buildingId}/devices`,
  );
  const device = devices.find(({ supplyPoints }) => supplyPoints.electricity === point);
  const { items: registers } = await product.api.get<{ items: { id: string; kind: string }[] }>(
    `/v1/devices/${device?.id}/registers`,
  );
  const span = `from=${new Date(NOON).toISOString()}&to=${new Date(NOON + DAY_MS).toISOString()}`;
  const lists = await Promise.all(
    registers
      .filter(({ kind }) => kind === "cumulative")
      .map(({ id }) => product.api.get<Decisions>(`/v1/registers/${id}/decisions?${span}`)),
  );
  return lists.flatMap(({ items }) => items);
}

const panel = (page: Page): Locator => page.locator("section[aria-labelledby=meters-title]");
const cards = (page: Page): Locator => page.locator("article[data-standing]");
const slip = (page: Page): Locator => cards(page).first();
const dialog = (page: Page): Locator => page.locator("dialog[open]");
const button = (place: Page | Locator, name: string): Locator =>
  place.getByRole("button", { name, exact: true });
const openSteps = async (options: OpenOptions, query = ""): Promise<Page> => {
  const page = await product.open(`/buildings/${buildingId}/registers${query}`, options);
  await cards(page).first().waitFor();
  return page;
};

test("a unit that slipped leads from its finding to the step, is ruled, counts from there, and is taken back", async () => {
  const page = await product.open(`/buildings/${buildingId}`, { who: COORDINATOR, language: "fr" });
  const finding = panel(page).locator("[data-rule=unit_slip]");
  await finding.waitFor();
  await finding.getByRole("link", { name: "Voir les sauts d’index" }).click();
  await page.waitForURL(`**/registers?point=${pointId}&direction=import&until=*`);
  await cards(page).first().waitFor();
  const told = await slip(page).innerText();
  for (const part of [
    "Mille fois plus d’un coup",
    "20,12 kWh",
    "20 160 kWh",
    "Rien n’est compté à partir d’ici",
  ])
    expect(told.replaceAll(/[\u00a0\u202f]/g, " ")).toContain(part);
  expect(await barriers(page)).toEqual([]);
  expect(await quarterAt(5)).toBeNull();

  await button(slip(page), "Trancher").click();
  await button(dialog(page), "Trancher").click();
  await dialog(page).getByText("Indiquez un motif").waitFor();
  await dialog(page)
    .getByLabel("Qu’est-ce qui vous permet de le dire ?")
    .fill("La passerelle envoyait des MWh.");
  await button(dialog(page), "Trancher").click();
  await dialog(page).getByText("Choisissez ce qui s’est passé.").waitFor();
  expect(await stepsOf(pointId)).toMatchObject([{ rulingId: null }]);
  expect(await dialog(page).getByText("la suite compte à partir de").count()).toBe(2);
  expect(await barriers(page)).toEqual([]);
  await dialog(page).getByRole("radio", { name: "L’index est juste à partir d’ici" }).check();
  await button(dialog(page), "Trancher").click();
  await dialog(page).waitFor({ state: "detached" });
  await cards(page).filter({ hasText: "L’index est juste à partir d’ici" }).waitFor();
  const ruled = await slip(page).innerText();
  for (const part of [COORDINATOR.email, "La passerelle envoyait des MWh."]) expect(ruled).toContain(part);
  await until(async () => (await quarterAt(5)) === 40_000, "what follows the step counts", 60_000);

  await button(slip(page), "Revenir en arrière").click();
  await button(dialog(page), "Revenir en arrière").click();
  await cards(page).filter({ hasText: "Mille fois plus d’un coup" }).waitFor();
  await until(async () => (await quarterAt(5)) === null, "what follows the step does not count", 60_000);
  await button(slip(page), "Trancher").waitFor();
});

test("by keyboard alone a step is ruled; whoever is late to take it back is told so", async () => {
  const page = await openSteps({ who: COORDINATOR });
  await button(slip(page), "Decide").focus();
  await page.keyboard.press("Enter");
  await dialog(page).waitFor();
  const first = dialog(page).getByRole("radio").first();
  for (
    let presses = 0;
    presses < 4 && !(await first.evaluate((one) => one === document.activeElement));
    presses++
  )
    await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  expect(await dialog(page).getByRole("radio", { name: "Another meter" }).isChecked()).toBe(true);
  await page.keyboard.press("Tab");
  await page.keyboard.type("Seen on the spot.");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await cards(page).filter({ hasText: "Seen on the spot." }).waitFor();
  await until(async () => (await quarterAt(5)) === 40_000, "what follows the step counts", 60_000);

  const other = await openSteps({ who: ADMIN });
  for (const one of [page, other]) {
    await cards(one).filter({ hasText: "Another meter" }).waitFor();
    await button(slip(one), "Take back").click();
  }
  await button(dialog(page), "Take back").click();
  await dialog(page).waitFor({ state: "detached" });
  await button(dialog(other), "Take back").click();
  await dialog(other).getByRole("alert").waitFor();
  await until(async () => (await quarterAt(5)) === null, "what follows the step does not count", 60_000);
});

test("a reading that says nought for once is left out, and joined over", async () => {
  const page = await openSteps({ who: COORDINATOR, language: "nl" });
  const away = cards(page).filter({ hasText: "Een uitschieter die terugkeert" });
  expect(await away.count()).toBe(2);
  await button(away.last(), "Beslissen").click();
  const wrong = dialog(page).getByRole("radio", { name: "De stand klopt niet: 0\u00a0kWh" });
  await wrong.check();
  await dialog(page).getByLabel("Waarop steunt u?").fill("Herstart van de gateway.");
  await button(dialog(page), "Beslissen").click();
  const out = cards(page).filter({ hasText: "Een stand die niet meetelt" });
  await out.filter({ hasText: "Deze waarde telt niet mee." }).waitFor();
  expect(await away.count()).toBe(0);
  await button(out, "Terugdraaien").click();
  await button(dialog(page), "Terugdraaien").click();
  await away.first().waitFor();
});

test("older steps are below those shown, and one that is ruled there stays in its place", async () => {
  const page = await openSteps({ who: ADMIN }, `?point=${ownPointId}`);
  expect(await cards(page).count()).toBe(20);
  await button(page, "Show older ones").click();
  await until(async () => (await cards(page).count()) === 24, "the older ones are there", 20_000);
  expect(await button(page, "Show older ones").count()).toBe(0);
  await button(cards(page).last(), "Decide").click();
  await dialog(page).getByRole("radio", { name: "The same meter began anew, lower" }).check();
  await dialog(page).getByLabel("How do you know?").fill("Seen on the spot.");
  await button(dialog(page), "Decide").click();
  await cards(page).last().filter({ hasText: "The same meter began anew, lower" }).waitFor();
  expect(await cards(page).count()).toBe(24);
});

test("a manager reads all of it and decides nothing, a resident has none of it", async () => {
  const page = await openSteps({ who: MANAGER });
  expect(await cards(page).count()).toBe(3);
  for (const name of ["Decide", "Take back"]) expect(await button(page, name).count(), name).toBe(0);
  await product.closePages();
  const home = await product.open(`/buildings/${buildingId}`, { who: MANAGER });
  await panel(home).getByRole("link", { name: "Look at jumps of the index" }).waitFor();
  await product.closePages();
  const asked: string[] = [];
  const other = await product.open(`/buildings/${buildingId}`, { who: RESIDENT });
  other.on("request", (request) => asked.push(request.url()));
  await panel(other).locator("[data-rule=unit_slip]").waitFor();
  expect(await panel(other).getByRole("link").count()).toBe(0);
  await other.goto(`${product.apiUrl}/buildings/${buildingId}/registers`);
  await other.getByRole("heading", { level: 1 }).waitFor();
  expect(await cards(other).count()).toBe(0);
  expect(asked.filter((url) => /decisions|rulings/.test(url))).toEqual([]);
});

test("a supply point without a register says so, and one without consent says why nothing is shown", async () => {
  const page = await openSteps({ who: COORDINATOR });
  await page.getByLabel("Supply point").selectOption({ label: "Water, common parts" });
  await page.getByText("No index belongs to this supply point").waitFor();
  await page.getByLabel("Supply point").selectOption({ index: 0 });
  await page.getByLabel("Supply point").selectOption({ label: "Electricity, private dwelling" });
  await page.getByText("its consent is missing").waitFor();
  expect(await cards(page).count()).toBe(0);
});

test("on a phone nothing is wider than the screen, and nobody is kept out, in both themes", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await openSteps({ who: COORDINATOR, width: 390, scheme });
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await button(slip(page), "Decide").click();
    await dialog(page).waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await product.closePages();
  }
});
