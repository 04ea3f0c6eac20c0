// A tender from draft to award in a real browser, by three people: coordinator, manager, supplier. The saving is computed by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
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
import { signedIn, startEntry, type ApiClient, type TestProcess } from "./test-stack.ts";

const PASSWORD = "a long enough password";
const ADMIN = "admin@koprogo.example";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const ZONE = "Europe/Brussels";
const HISTORY_DAYS = 430;

/** Each building uses the same energy in every hour: a year of it is 8,760 times that, whatever the clocks do. */
const BUILDINGS = [
  { name: "Résidence Aube", code: "541448820010000012", whPerHour: 1000, price: "0.300000", fee: "60.00" },
  { name: "Résidence Brise", code: "541448820010000029", whPerHour: 2000, price: "0.300000", fee: "60.00" },
  { name: "Résidence Crête", code: "541448820010000036", whPerHour: 1500, price: "0.240000", fee: "12.00" },
] as const;

/** The bid of the test's supplier: 0.25 € per kWh and 48 € a year for each of the three points. */
const BID = { price: "0.25", fee: "48", green: "100" };
/**
 * By hand, without VAT:
 *   Aube   8,760 kWh:  8,760 × 0.30 + 60 = 2,688.00   8,760 × 0.25 + 48 = 2,238.00   saves   450.00
 *   Brise 17,520 kWh: 17,520 × 0.30 + 60 = 5,316.00  17,520 × 0.25 + 48 = 4,428.00   saves   888.00
 *   Crête 13,140 kWh: 13,140 × 0.24 + 12 = 3,165.60  13,140 × 0.25 + 48 = 3,333.00   loses   167.40
 */
const SAVINGS = { "Résidence Aube": "450.00", "Résidence Brise": "888.00", "Résidence Crête": "-167.40" };
const GROUP_COST = "9999.00";
const GROUP_SAVING = "1170.60";

const folder = mkdtempSync(join(tmpdir(), "koprogo-tender-"));
const running: TestProcess[] = [];
const undo: (() => Promise<unknown>)[] = [];
const buildingIds = new Map<string, string>();
let apiUrl: string;
let admin: ApiClient;
let browser: Browser;

beforeAll(async () => {
  await buildDashboard();
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  undo.push(database.drop, redis.stop);
  const entry = await startEntry("api/main.ts", {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KOPROGO_DATA_DIR: folder,
    KOPROGO_ADMIN_EMAIL: ADMIN,
    KOPROGO_ADMIN_PASSWORD: PASSWORD,
    KOPROGO_COHORT_MIN: "3",
    HTTP_PORT: "0",
    LOG_LEVEL: "warn",
  });
  running.push(entry);
  apiUrl = entry.address;
  admin = await signedIn(apiUrl, ADMIN, PASSWORD);
  await createPeopleAndBuildings();
  await importHistory();
  browser = await launchBrowser(folder);
});

afterAll(async () => {
  await browser?.close();
  for (const entry of running.toReversed()) await entry.stop();
  for (const step of undo) await step();
  rmSync(folder, { recursive: true, force: true });
});

async function createPeopleAndBuildings(): Promise<void> {
  const organisation = async (name: string, kind: string) =>
    (await admin.post<{ id: string }>("/v1/organisations", { name, kind })).id;
  const coordinatorId = await organisation("Achats Groupés", "coordinator");
  const syndicId = await organisation("Syndic", "syndic");
  for (const { name, code, price, fee } of BUILDINGS) {
    const { id } = await admin.post<{ id: string }>("/v1/buildings", {
      name,
      address: "Rue des Essais 1",
      postalCode: "1050",
      country: "BE",
      region: "BE-BRU",
      dwellings: 12,
      organisationId: coordinatorId,
    });
    buildingIds.set(name, id);
    const point = await admin.post<{ id: string }>(`/v1/buildings/${id}/supply-points`, {
      carrier: "electricity",
      code,
      scope: "common",
      vatRate: 0.06,
    });
    await admin.put(`/v1/supply-points/${point.id}/contract`, {
      supplier: "Présent",
      pricePerKwh: price,
      annualFee: fee,
      currency: "EUR",
      vat: "excluded",
      start: "2024-01-01",
      noticeDays: 30,
    });
    await admin.post(`/v1/supply-points/${point.id}/consents`, {
      purpose: "tender",
      from: "2024-01-01T00:00:00Z",
      evidence: "General assembly",
    });
  }
  const person = async (role: string, organisationId: string, more: object = {}) =>
    admin.post("/v1/users", {
      email: `${role}@koprogo.example`,
      password: PASSWORD,
      role,
      organisationId,
      ...more,
    });
  await person("coordinator", coordinatorId);
  await person("manager", syndicId, { buildingIds: [...buildingIds.values()] });
  await person("supplier", await organisation("Lumière", "supplier"));
}

/** Whole hours up to this one, through the front door like everybody's. */
async function importHistory(): Promise<void> {
  const untilMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  const fromMs = untilMs - HISTORY_DAYS * DAY_MS;
  const lines = BUILDINGS.flatMap(({ code, whPerHour }) =>
    Array.from({ length: (untilMs - fromMs) / HOUR_MS }, (_, hour) => {
      const startMs = fromMs + hour * HOUR_MS;
      return `${code},${new Date(startMs).toISOString()},${new Date(startMs + HOUR_MS).toISOString()},${whPerHour}`;
    }),
  );
  const form = new FormData();
  form.set("format", "interval-csv");
  form.set("file", new File([["code,from,to,energyWh", ...lines].join("\n")], "history.csv"));
  const staged = await admin.upload<{ id: string; errors: unknown[] }>("/v1/imports", form);
  expect(staged.errors).toEqual([]);
  await admin.post(`/v1/imports/${staged.id}/commit`, {});
}

async function person(role: string, path: string): Promise<Page> {
  const page = await openPage(browser, `${apiUrl}/login?next=${encodeURIComponent(path)}`, "light");
  await signIn(page, `${role}@koprogo.example`, PASSWORD);
  await page.waitForURL((url) => url.pathname === path);
  await speakEnglish(page);
  return page;
}

/** The first whole minute that leaves time for everything before it: the form knows minutes. */
function nextDeadlineMs(): number {
  const patienceMs = 100_000;
  return Math.ceil((Date.now() + patienceMs) / 60_000) * 60_000;
}

/** `2026-11-28` and `17:05` as a clock in Brussels shows them. */
function brusselsDate(ms: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, dateStyle: "short" }).format(ms);
}
function brusselsTime(ms: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE, timeStyle: "short" }).format(ms);
}

async function confirm(page: Page, button: string, reason?: string): Promise<void> {
  await page.locator("main").getByRole("button", { name: button }).first().click();
  if (reason !== undefined) await page.locator("dialog[open] textarea").fill(reason);
  await page.locator("dialog[open]").getByRole("button", { name: button }).click();
  await page
    .locator("dialog[open]")
    .waitFor({ state: "detached" })
    .catch(() => undefined);
}

test(
  "three people take a tender from draft to award, and the saving shown is the one computed by hand",
  { timeout: 420_000 },
  async () => {
    const deadlineMs = nextDeadlineMs();
    const coordinator = await person("coordinator", "/tenders/new");
    await coordinator.getByLabel("Name").fill("Electricity together");
    await coordinator.getByLabel("Brussels").check({ force: true });
    await coordinator.getByLabel("Bids until").fill(brusselsDate(deadlineMs));
    await coordinator.getByLabel("Time", { exact: true }).fill(brusselsTime(deadlineMs));
    await coordinator.getByLabel("Delivery from").fill(brusselsDate(deadlineMs + DAY_MS));
    await coordinator.getByLabel("Term, in months").fill("12");
    await coordinator.getByLabel("Keep as a draft").check();
    await coordinator.getByRole("button", { name: "Save the draft" }).click();
    await coordinator.waitForURL(/\/tenders\/\d+$/);
    const path = new URL(coordinator.url()).pathname;
    await confirm(coordinator, "Open the enrolment");

    const manager = await person("manager", `/buildings/${buildingIds.get("Résidence Aube")}`);
    for (const id of buildingIds.values()) {
      if (!manager.url().endsWith(`/${id}`)) await manager.goto(`${apiUrl}/buildings/${id}`);
      await manager.getByRole("button", { name: "Negotiate as a group" }).click();
      await manager.getByText("Taking part").waitFor();
    }

    await coordinator.reload();
    await confirm(coordinator, "Publish the dossier");
    await coordinator.getByRole("button", { name: "Publish the dossier" }).waitFor({ state: "detached" });

    const supplier = await person("supplier", `${path}/bid`);
    await supplier.getByLabel("Energy price").fill(BID.price);
    await supplier.getByLabel("Yearly fee").fill(BID.fee);
    await supplier.getByLabel("Certified green share").fill(BID.green);
    await supplier.getByRole("button", { name: "Seal and send" }).click();
    await supplier.getByText("Bid received and sealed").waitFor();
    expect(await barriers(supplier)).toEqual([]);

    // Sealed: neither coordinator nor manager reads a price before the deadline.
    await coordinator.goto(`${apiUrl}${path}/offers`);
    await coordinator.getByText("1 sealed envelope").waitFor();
    expect(await coordinator.locator("main").innerText()).not.toMatch(/0[.,]25/);

    await coordinator.goto(`${apiUrl}${path}`);
    await coordinator
      .getByRole("button", { name: "Open the bids" })
      .waitFor({ timeout: Math.max(0, deadlineMs - Date.now()) + 60_000 });
    await confirm(coordinator, "Open the bids");
    await coordinator.goto(`${apiUrl}${path}/offers`);
    const offer = coordinator.locator("article[data-bid]");
    await offer.waitFor();
    expect(await offer.locator("[data-annual-cost]").getAttribute("data-annual-cost")).toBe(GROUP_COST);
    expect(await offer.locator("dd[data-saving]").getAttribute("data-saving")).toBe(GROUP_SAVING);
    expect(await barriers(coordinator)).toEqual([]);
    await confirm(coordinator, "Award to this offer", "The cheapest for the group");
    await coordinator.getByText("Lumière was chosen.").waitFor();

    // Each building sees its own, the loser too.
    for (const [name, saving] of Object.entries(SAVINGS)) {
      await manager.goto(`${apiUrl}/buildings/${buildingIds.get(name)}`);
      const shown = manager.locator(".figure[data-saving]");
      await shown.waitFor();
      expect(await shown.getAttribute("data-saving"), name).toBe(saving);
      expect(await shown.innerText(), name).toContain(saving.startsWith("-") ? "more a year" : "less a year");
    }
    expect(await overflow(manager)).toBe(0);

    // The winner, and only now, reads the codes.
    await supplier.reload();
    for (const { code } of BUILDINGS) await supplier.getByText(code).waitFor();
  },
);
