// The connectors of a building in a real browser: each state in words, in three languages, on a phone, and only for who keeps devices.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { freePort, startMosquitto } from "#services";
import { freshDatabase, freshRedis, until } from "#testing";
import { connectAsync } from "mqtt";
import { barriers, buildDashboard, launchBrowser, openPage, overflow, signIn } from "./test-browser.ts";
import { signedIn, startEntry, type ApiClient, type TestProcess } from "./test-stack.ts";

const ADMIN = { email: "admin@koprogo.example", password: "correct horse battery staple" };
const MANAGER = { email: "manager@koprogo.example", password: "correct horse battery staple" };

const folder = mkdtempSync(join(tmpdir(), "koprogo-connectors-"));
const running: TestProcess[] = [];
const undo: (() => Promise<unknown>)[] = [];
let apiUrl: string;
let api: ApiClient;
let buildingId: string;
let browser: Browser;

beforeAll(async () => {
  await buildDashboard();
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const mosquitto = await startMosquitto({ folder, report: () => undefined });
  const closed = `mqtt://127.0.0.1:${await freePort()}`;
  undo.push(database.drop, redis.stop, mosquitto.stop);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KOPROGO_DATA_DIR: folder,
    KOPROGO_ADMIN_EMAIL: ADMIN.email,
    KOPROGO_ADMIN_PASSWORD: ADMIN.password,
    KOPROGO_CONNECTOR_PRIVATE: "true",
    MQTT_PORT: "0",
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
  for (const entry of ["broker/main.ts", "api/main.ts"]) running.push(await startEntry(entry, env));
  apiUrl = running[1]?.address ?? "";
  api = await signedIn(apiUrl, ADMIN.email, ADMIN.password);
  const open = `mqtt://127.0.0.1:${mosquitto.port}`;
  await createBuilding();
  await connect("Compteurs LoRaWAN", { kind: "custom", url: open, topics: ["m/#"] });
  await connect("Chauffage central", { kind: "chirpstack", url: open.replace("mqtt", "mqtts") });
  await connect("Alfa du 2e", { kind: "sinapsi", url: closed, username: "horizon", password: "wrong" });
  const device = await connectAsync(open, { protocolVersion: 4 });
  const all = async () => (await states()).toSorted().join() === "connected,unreachable,unreachable";
  await until(all, "each has tried", 30_000);
  for (let i = 0; i < 3; i++) await device.publishAsync("m/1", "{}", { qos: 1 });
  await device.endAsync();
  const counted = async () => (await list()).some(({ messages }) => messages === 3);
  await until(counted, "the messages are counted", 30_000);
  browser = await launchBrowser(folder);
});

afterEach(async () => {
  for (const context of browser.contexts()) await context.close();
});

afterAll(async () => {
  await browser?.close();
  for (const entry of running.toReversed()) await entry.stop();
  for (const step of undo.toReversed()) await step();
  rmSync(folder, { recursive: true, force: true });
});

async function createBuilding(): Promise<void> {
  const building = await api.post<{ id: string; organisationId: string }>("/v1/buildings", {
    name: "Résidence Horizon",
    address: "Chaussée d’Ixelles 118",
    postalCode: "1050",
    country: "BE",
    region: "BE-BRU",
    dwellings: 24,
  });
  buildingId = building.id;
  const { organisationId } = building;
  await api.post("/v1/users", { ...MANAGER, role: "manager", organisationId, buildingIds: [buildingId] });
}

async function connect(name: string, to: object): Promise<void> {
  const device = { name, profile: "gateway" };
  const { id } = await api.post<{ id: string }>(`/v1/buildings/${buildingId}/devices`, device);
  await api.put(`/v1/devices/${id}/connector`, to);
}

async function list(): Promise<{ state: string; messages: number }[]> {
  const answer = await api.get<{ items: { state: string; messages: number }[] }>(
    `/v1/buildings/${buildingId}/connectors`,
  );
  return answer.items;
}
const states = async () => (await list()).map(({ state }) => state);

async function open(who: typeof ADMIN, width: number, language = "fr", scheme: "light" | "dark" = "light") {
  const address = `${apiUrl}/login?next=${encodeURIComponent(`/buildings/${buildingId}`)}`;
  const page = await openPage(browser, address, scheme, width);
  await page.evaluate((locale) => localStorage.setItem("koprogo.locale", locale), language);
  await signIn(page, who.email, who.password);
  return page;
}
const panel = (page: Page) => page.locator("section[aria-labelledby=connectors-title]");

test("each connector says how it goes, what is wrong and what came, in the reader's language", async () => {
  const sentences = {
    fr: [
      "Données chez d’autres",
      "Connecté",
      "3 messages",
      "Rien ne répond à cette adresse",
      "Sinapsi · 127.0.0.1",
    ],
    nl: ["Gegevens bij anderen", "Verbonden", "3 berichten", "Op dit adres antwoordt", "Onbereikbaar"],
    en: ["Data held elsewhere", "Connected", "3 messages", "Nothing answers at this address", "Unreachable"],
  };
  for (const [language, expected] of Object.entries(sentences)) {
    const page = await open(ADMIN, 1440, language);
    await panel(page).waitFor();
    const text = await panel(page).innerText();
    for (const sentence of expected) expect(text, language).toContain(sentence);
    expect(text).not.toContain("wrong");
    expect(await panel(page).locator("article").count()).toBe(3);
    await page.context().close();
  }
});

test("on a phone nothing is wider than the screen, and nobody is kept out, in both themes", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await open(ADMIN, 390, "fr", scheme);
    await panel(page).waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await page.context().close();
  }
});

test("a manager sees the devices, and nothing of the connectors", async () => {
  const page = await open(MANAGER, 1440);
  await page.locator("#equipment-title").waitFor({ state: "attached" });
  await page.getByText("Compteurs LoRaWAN").first().waitFor();
  expect(await panel(page).count()).toBe(0);
});
