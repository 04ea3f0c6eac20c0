// What comes in by itself, in a real browser on the real product: a stranger behind a gateway claimed, a message read again, gas valued.
import { connectAsync, type MqttClient } from "mqtt";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { encodeSenml } from "#devices/profiles/index";
import { until } from "#testing";
import { barriers, overflow } from "./test-browser.ts";
import { createTestBuilding, startProduct, type Person, type Product } from "./test-product.ts";

const COORDINATOR: Person = {
  email: "coordinator@koprogo.example",
  password: "correct horse battery staple",
};
const MANAGER: Person = { email: "manager@koprogo.example", password: "correct horse battery staple" };
const PAGES = ["/unclaimed", "/quarantine", "/calorific-values"] as const;

type Created = { readonly id: string; readonly secret: string };
type Message = { readonly id: string; readonly reason: string; readonly replayedAt: string | null };

let product: Product;
let buildingId: string;
let waterId: string;
let sensor: Created;
let other: Created;
const clients: MqttClient[] = [];

beforeAll(async () => {
  product = await startProduct(["broker/main.ts", "api/main.ts"]);
  const { api } = product;
  const { id, organisationId } = await createTestBuilding(api);
  buildingId = id;
  const point = { direction: "import", scope: "common", vatRate: 0.06 };
  const pointOf = (carrier: string) =>
    api.post<{ id: string }>(`/v1/buildings/${id}/supply-points`, { ...point, carrier });
  waterId = (await pointOf("water")).id;
  const electricity = await pointOf("electricity");
  await api.post("/v1/users", { ...COORDINATOR, role: "coordinator", organisationId });
  await api.post("/v1/users", { ...MANAGER, role: "manager", organisationId, buildingIds: [id] });
  const devices = `/v1/buildings/${id}/devices`;
  const gateway = await api.post<Created>(devices, { name: "Récepteur du hall", profile: "gateway" });
  // Declared as what it is not, so that nothing of it can be read.
  const declared = { profile: "dsmr-p1", supplyPoints: { electricity: electricity.id } };
  sensor = await api.post<Created>(devices, { ...declared, name: "Sous-compteur" });
  other = await api.post<Created>(devices, { ...declared, name: "Ascenseur" });
  await hear(await connect(gateway));
});
afterEach(() => product.closePages());
afterAll(async () => {
  for (const client of clients) await client.endAsync();
  await product.stop();
});

async function connect({ id, secret }: Created): Promise<MqttClient> {
  const client = await connectAsync(product.mqttUrl, { protocolVersion: 4, username: id, password: secret });
  clients.push(client);
  return client;
}

/** Two meters behind the gateway, each heard three times. */
async function hear(gateway: MqttClient): Promise<void> {
  for (const id of ["20260001", "20260002"]) {
    for (const minutesAgo of [30, 20, 10]) {
      const timestamp = new Date(Date.now() - minutesAgo * 60_000).toISOString();
      const total = 40 - minutesAgo;
      const telegram = {
        _: "telegram",
        media: "cold water",
        meter: "made",
        name: "",
        id,
        total_m3: total,
        timestamp,
      };
      await gateway.publishAsync(`wmbus/${id}`, JSON.stringify(telegram), { qos: 1 });
    }
  }
}

const quarantined = async ({ id }: Created, query = "") =>
  (await product.api.get<{ items: Message[] }>(`/v1/quarantine?deviceId=${id}${query}`)).items;

test("a stranger is shown with what it says, claimed with its supply point, and its past becomes readings", async () => {
  const page = await product.open("/unclaimed");
  const card = page.locator('[data-unclaimed="20260001/cold water"]');
  await card.waitFor();
  const said = await card.innerText();
  for (const part of ["wM-Bus", "wmbus/20260001", "Récepteur du hall", "3 messages kept", "30", "m³"]) {
    expect(said).toContain(part);
  }
  expect(await barriers(page)).toEqual([]);
  await card.getByRole("button", { name: "Claim" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill(" ");
  await dialog.getByRole("button", { name: "Claim" }).click();
  await dialog.getByText("Give it a name").waitFor();
  await dialog.getByRole("textbox", { name: "Name" }).fill("Cold water, cellar");
  await dialog.getByRole("combobox", { name: "Water: counts for" }).selectOption(waterId);
  await dialog.getByRole("combobox", { name: "Expected rhythm" }).selectOption("900");
  expect(await barriers(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Claim" }).click();
  const claimed = page.locator('[data-claimed="20260001/cold water"]');
  await claimed.locator('[data-read="3"]').waitFor();
  expect(await claimed.innerText()).toContain("3 messages have become readings");
  await card.waitFor({ state: "detached" });
  expect(await page.locator("[data-unclaimed]").count()).toBe(1);

  const { items } = await product.api.get<{ items: { id: string; name: string }[] }>(
    `/v1/buildings/${buildingId}/devices`,
  );
  const device = items.find(({ name }) => name === "Cold water, cellar");
  expect(device).toMatchObject({
    supplyPoints: { water: waterId },
    expectedIntervalS: 900,
    profile: "wmbusmeters",
  });
  const registers = await product.api.get<{ items: unknown[] }>(`/v1/devices/${device?.id}/registers`);
  expect(registers.items).toMatchObject([{ name: "total_m3", supplyPointId: waterId }]);
});

test("a message is read as its bytes, again in vain, and again as readings once its cause is mended", async () => {
  const observedAtMs = Date.now() - 60_000;
  const client = await connect(sensor);
  const record = { name: "energy", unit: "kWh", value: "1.5", sum: true };
  await client.publishAsync("telegram", encodeSenml({ observedAtMs, records: [record] }), { qos: 1 });
  await client.publishAsync("telegram", Buffer.from([0x68, 0x00, 0xff, 0x16]), { qos: 1 });
  await until(async () => (await quarantined(sensor)).length === 2, "both are in quarantine", 20_000);
  const [binary, text] = await quarantined(sensor);
  if (binary === undefined || text === undefined) throw new Error("not both are there");

  const page = await product.open(`/quarantine?device=${sensor.id}`);
  const card = (id: string) => page.locator(`[data-message="${id}"]`);
  await card(text.id).waitFor();
  expect(await card(binary.id).locator("pre").innerText()).toContain("68 00 ff 16");
  expect(await card(text.id).locator("pre").innerText()).toContain('"energy"');
  await card(text.id).getByRole("heading", { name: "Sous-compteur" }).waitFor();
  expect(await card(text.id).innerText()).toContain("The message has not the form expected");
  expect(await card(text.id).innerText()).toContain("Check the device’s declared family");
  await card(text.id).getByRole("radio", { name: "Hexadecimal" }).check();
  await card(text.id).locator("pre.hex").waitFor();
  expect(await barriers(page)).toEqual([]);

  await card(text.id).getByRole("button", { name: "Read again" }).click();
  await card(text.id).getByText("still waits for the same reason").waitFor();
  await product.api.patch(`/v1/devices/${sensor.id}`, { profile: "senml" });
  await card(text.id).getByRole("button", { name: "Read again" }).click();
  await page.locator(`[data-message="${text.id}"][data-standing=read]`).waitFor();
  expect(await card(text.id).innerText()).toContain("its values are readings");
  expect((await quarantined(sensor, "&replayed=true")).map(({ id }) => id)).toEqual([text.id]);

  await page.getByRole("radio", { name: "Read again" }).check();
  await page.waitForURL("**show=read*");
  await card(binary.id).waitFor({ state: "detached" });
  expect(await card(text.id).count()).toBe(1);
});

test("all of a device are read again in the background, and the page says what came of it", async () => {
  const client = await connect(other);
  for (let step = 1; step <= 4; step += 1) {
    const record = { name: "energy", unit: "kWh", value: `${2 + step}`, sum: true };
    const observedAtMs = Date.now() - 60_000 + 1000 * step;
    await client.publishAsync("telegram", encodeSenml({ observedAtMs, records: [record] }), { qos: 1 });
  }
  await client.publishAsync("telegram", "no telegram", { qos: 1 });
  await until(async () => (await quarantined(other)).length === 5, "all wait", 20_000);
  await product.api.patch(`/v1/devices/${other.id}`, { profile: "senml" });
  const page = await product.open(`/quarantine?device=${other.id}`);
  await page.getByRole("button", { name: "Read 5 messages again" }).click();
  await page.getByText("5 messages read again.").waitFor();
  await page.locator("[data-message]").nth(1).waitFor({ state: "detached" });
  expect(await page.locator("[data-message]").innerText()).toContain("no telegram");
  expect(await quarantined(other, "&replayed=true")).toHaveLength(4);
  await page.getByRole("radio", { name: "Read again" }).check();
  await page.locator("[data-standing=read]").nth(3).waitFor();
});

test("a calorific value is added as it is typed, corrected by a version, and counts for the building of its zone", async () => {
  const page = await product.open("/calorific-values");
  await page.getByText("No values yet").waitFor();
  const record = async (zone: string, value: string, from = "2025-01-01") => {
    await page.getByRole("combobox", { name: "Zone", exact: true }).fill(zone);
    await page.getByLabel("From", { exact: true }).fill(from);
    await page.getByRole("textbox", { name: "kWh per m³" }).fill(value);
    await page.getByRole("textbox", { name: "Source" }).fill("Fluxys, January");
    await page.getByRole("button", { name: "Record" }).click();
  };
  await record("be", "116");
  await page.getByText("A number from 5 to 15").waitFor();
  await record("be", "11,63");
  const zone = page.locator("[data-zone=BE]");
  await zone.getByText("counts today").waitFor();
  const building = page.locator(`[data-building="${buildingId}"]`);
  expect(await building.innerText()).toContain("11.630");
  await record("BE", "11.5");
  await zone.getByText("corrected since").waitFor();
  await record("gas-42", "10.2");
  await page.locator("[data-zone=GAS-42]").waitFor();
  expect(await building.innerText()).toContain("11.500");
  await building.getByRole("combobox").fill("gas-42");
  await building.getByRole("button", { name: "Save" }).click();
  await building.getByText("by GAS-42").waitFor();
  expect(await building.innerText()).toContain("10.200");
  expect(await barriers(page)).toEqual([]);
  expect(await product.api.get(`/v1/buildings/${buildingId}`)).toMatchObject({ gasZone: "GAS-42" });
  const { items } = await product.api.get<{ items: unknown[] }>("/v1/calorific-values");
  expect(items).toMatchObject([
    { zone: "BE", from: "2025-01-01", version: 1, kwhPerM3: "11.63000", source: "Fluxys, January" },
    { zone: "BE", from: "2025-01-01", version: 2, kwhPerM3: "11.50000" },
    { zone: "GAS-42", from: "2025-01-01", version: 1, kwhPerM3: "10.20000" },
  ]);
});

test("a coordinator sets zones and records no values; a manager is led to none of these pages", async () => {
  const coordinator = await product.open("/calorific-values", { who: COORDINATOR });
  await coordinator.locator("[data-building]").waitFor();
  expect(await coordinator.getByRole("button", { name: "Record" }).count()).toBe(0);
  const sections = coordinator.getByRole("navigation", { name: "Incoming data" }).getByRole("link");
  expect(await sections.allInnerTexts()).toEqual(["History", "To be claimed", "Quarantine", "Gas"]);
  await product.closePages();
  for (const path of PAGES) {
    const manager = await product.open(path, { who: MANAGER });
    await manager.getByRole("heading", { level: 1 }).waitFor();
    expect(await manager.getByRole("navigation", { name: "Incoming data" }).count(), path).toBe(0);
    expect(await manager.getByRole("button", { name: /Claim|Read|Record|Save/ }).count(), path).toBe(0);
    await product.closePages();
  }
});

test.each(PAGES)("%s is no wider than a phone and keeps nobody out, in both themes", async (path) => {
  for (const scheme of ["light", "dark"] as const) {
    const page = await product.open(path, { scheme, width: 390, language: scheme === "light" ? "fr" : "nl" });
    await page.locator("article, .empty, [data-building]").first().waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await product.closePages();
  }
});
