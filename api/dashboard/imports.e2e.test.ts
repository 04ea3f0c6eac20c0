// A file of history through the page in a real browser: sent, looked at, written, and its total found again; or refused in words.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { barriers, overflow } from "./test-browser.ts";
import { createTestBuilding, startProduct, type Person, type Product } from "./test-product.ts";

const FLUVIUS = "data/fluvius-mijn-export/fluvius_electricity_quarter-hours_en.csv.gz";
const BAD = "samples/bad-amr-csv/amr_upload_data_files__banes-bad-example-date-file.csv";
const PICTURE = "samples/bad-amr-csv/amr_upload_data_files__not_a_csv.csv";
/** Σ of the file's column, by the direction of the register. */
const TOTALS = { import: 1_462_321, export: 124_930 };

const shared = sharedDir();
const absent =
  shared === undefined || ![FLUVIUS, BAD, PICTURE].every((file) => existsSync(join(shared, file)));
if (absent) process.stderr.write("imports.e2e.test.ts: files skipped, no exports below KOPROGO_SHARED\n");

const MANAGER: Person = { email: "manager@koprogo.example", password: "correct horse battery staple" };
const RESIDENT: Person = { email: "resident@koprogo.example", password: "correct horse battery staple" };

let product: Product;
let supplyPointId: string;

beforeAll(async () => {
  product = await startProduct(["api/main.ts"]);
  const { api } = product;
  const { id, organisationId } = await createTestBuilding(api);
  const points = `/v1/buildings/${id}/supply-points`;
  const point = { carrier: "electricity", direction: "both", scope: "common", vatRate: 0.06 };
  supplyPointId = (await api.post<{ id: string }>(points, point)).id;
  const own = await api.post<{ unitId: string }>(points, { ...point, direction: "import", scope: "private" });
  await api.post("/v1/users", { ...MANAGER, role: "manager", organisationId, buildingIds: [id] });
  await api.post("/v1/users", { ...RESIDENT, role: "resident", organisationId, unitId: own.unitId });
});
afterEach(() => product.closePages());
afterAll(() => product.stop());

function fileOf(path: string): { name: string; mimeType: string; buffer: Buffer } {
  const bytes = readFileSync(join(shared ?? "", path));
  const name = path.slice(path.lastIndexOf("/") + 1).replace(/\.gz$/, "");
  return { name, mimeType: "text/csv", buffer: path.endsWith(".gz") ? gunzipSync(bytes) : bytes };
}

type File = ReturnType<typeof fileOf>;

/** The choice of supply points, once they are there. */
async function pointsOn(page: Page) {
  const points = page.getByRole("combobox", { name: "Supply point" });
  await points.locator(`option[value="${supplyPointId}"]`).waitFor({ state: "attached" });
  return points;
}

/** Chooses the file and, where asked, the supply point; leads to the import's own page. */
async function send(page: Page, file: File, toPoint = true): Promise<void> {
  await page.locator("input[type=file]").setInputFiles(file);
  if (toPoint) {
    await page
      .getByRole("combobox", { name: "Building" })
      .selectOption({ label: "Résidence Horizon · 1050" });
    await (await pointsOn(page)).selectOption(supplyPointId);
  }
  await page.getByRole("button", { name: "Read the file" }).click();
}

const importAt = (page: Page): string => new URL(page.url()).pathname.replace("/imports/", "");
const totalsOn = (page: Page) =>
  page
    .locator("[data-energy-wh]")
    .evaluateAll((sums) => sums.map((sum) => Number(sum.getAttribute("data-energy-wh"))));

test.skipIf(absent)(
  "a Fluvius export comes in by the page: looked at first, then written, its totals found again",
  async () => {
    const page = await product.open("/imports");
    await send(page, fileOf(FLUVIUS));
    const commit = page.getByRole("button", { name: "Write into the history" });
    await commit.waitFor();
    const id = importAt(page);
    const preview = await product.api.get<{
      preview: { direction: "import" | "export"; energyWh: number; days: { day: string; added: number }[] }[];
    }>(`/v1/imports/${id}`);
    expect(
      Object.fromEntries(preview.preview.map(({ direction, energyWh }) => [direction, energyWh])),
    ).toEqual(TOTALS);
    expect(await totalsOn(page)).toEqual([TOTALS.import, TOTALS.export]);
    expect(await page.getByText("Nothing is written yet.").count()).toBe(1);
    // Day by day, as the API has it; nothing was there before.
    const first = preview.preview.find(({ direction }) => direction === "import");
    const card = page.locator("article").first();
    await card.locator("summary").click();
    const shown = await card
      .locator("tr[data-day]")
      .evaluateAll((rows) =>
        rows.map((row) => [row.getAttribute("data-day"), row.querySelectorAll("td")[1]?.textContent]),
      );
    expect(shown).toEqual(first?.days.map(({ day, added }) => [day, String(added)]));
    expect(await page.getByText("Format recognised by the beginning of the file: Fluvius.").count()).toBe(1);
    expect(await barriers(page)).toEqual([]);

    // A reload in between loses nothing.
    await page.reload();
    await commit.click();
    await page.getByText("What has changed").waitFor();
    expect(await totalsOn(page)).toEqual([TOTALS.import, TOTALS.export]);
    expect(await card.locator("[data-effect=added]").innerText()).toBe("6,819");

    const { preview: committed } = await product.api.get<{ preview: { from: string; to: string }[] }>(
      `/v1/imports/${id}`,
    );
    const span = `from=${committed[0]?.from}&to=${committed[0]?.to}&resolution=day`;
    const load = await product.api.get<{ points: { value: number | null }[] }>(
      `/v1/supply-points/${supplyPointId}/load?${span}`,
    );
    expect(load.points.reduce((sum, { value }) => sum + (value ?? 0), 0)).toBe(TOTALS.import);

    await page.goto(`${product.apiUrl}/imports`);
    const line = page.locator("li", { hasText: "fluvius_electricity_quarter-hours_en.csv" });
    await line.waitFor();
    expect(await line.innerText()).toContain("In the history");
  },
);

test.skipIf(absent)("writing that a reload interrupts is taken up again, and once is enough", async () => {
  const page = await product.open("/imports");
  await send(page, fileOf(FLUVIUS));
  await page.getByRole("button", { name: "Write into the history" }).waitFor();
  const id = importAt(page);
  // The request never leaves this page, as when it is reloaded too early.
  await page.route("**/commit", (route) => route.abort());
  await page.getByRole("button", { name: "Write into the history" }).click();
  await page.getByRole("alert").waitFor();
  expect(await product.api.get(`/v1/imports/${id}`)).toMatchObject({ state: "previewed" });
  await page.unroute("**/commit");
  await page.reload();
  await page.getByText("What has changed").waitFor();
  expect(await product.api.get(`/v1/imports/${id}`)).toMatchObject({ state: "committed" });
});

test.skipIf(absent)(
  "a file with bad dates says line, column and what to do, in the reader's language",
  async () => {
    const page = await product.open("/imports");
    await send(page, fileOf(BAD));
    await page.getByRole("heading", { name: "To be put right" }).waitFor();
    const id = importAt(page);
    const { errors } = await product.api.get<{ errors: { line: number; column: string; detail: string }[] }>(
      `/v1/imports/${id}`,
    );
    const fault = errors.find(({ line }) => line > 0);
    if (fault === undefined) throw new Error("the file has no row that is at fault");
    expect(fault.column).toBe("Date");
    const row = page.locator(`tr[data-line="${fault.line}"]`).first();
    const words = await row.innerText();
    for (const part of [String(fault.line), fault.column, fault.detail]) expect(words).toContain(part);
    await page.evaluate(() => localStorage.setItem("koprogo.locale", "fr"));
    await page.reload();
    await row.waitFor();
    const french = await row.innerText();
    expect(french).toContain("écrivez-la comme dans le fichier d’origine");
    expect(french).toContain("Valeur lue :");
    expect(await barriers(page)).toEqual([]);
  },
);

test.skipIf(absent)(
  "a picture is refused before it is kept, with what to do; the list stays as it was",
  async () => {
    const page = await product.open("/imports");
    await page.getByRole("heading", { name: "Brought in so far" }).waitFor();
    const before = (await product.api.get<{ items: unknown[] }>("/v1/imports")).items.length;
    await send(page, fileOf(PICTURE), false);
    expect(await page.getByRole("alert").innerText()).toContain("Export CSV");
    expect(new URL(page.url()).pathname).toBe("/imports");
    expect((await product.api.get<{ items: unknown[] }>("/v1/imports")).items).toHaveLength(before);
  },
);

test("without a file, or with a building and no supply point, the form says what is missing", async () => {
  const page = await product.open("/imports", { language: "nl" });
  await page.getByRole("button", { name: "Het bestand lezen" }).click();
  await page.getByText("Kies eerst een bestand.").waitFor();
  await page.getByRole("combobox", { name: "Gebouw" }).selectOption({ index: 1 });
  await page.getByText("Kies ook het leveringspunt").waitFor();
});

test("a manager imports for the common parts; a resident is led to no such page", async () => {
  const manager = await product.open("/imports", { who: MANAGER });
  await manager.getByRole("combobox", { name: "Building" }).selectOption({ index: 1 });
  expect(await (await pointsOn(manager)).locator("option").count()).toBe(2);
  expect(await manager.getByRole("heading", { name: "Nothing yet" }).count()).toBe(1);
  const resident = await product.open("/imports", { who: RESIDENT });
  await resident.getByRole("navigation").first().waitFor();
  expect(await resident.getByRole("link", { name: "Data", exact: true }).count()).toBe(0);
  expect(await resident.locator("input[type=file]").count()).toBe(0);
});

test("on a phone nothing is wider than the screen, in both themes", async () => {
  const form = new FormData();
  form.append("supplyPointId", supplyPointId);
  const rows = [
    "code,from,to,energyWh",
    ",2026-01-01T00:00:00Z,2026-01-01T00:15:00Z,250",
    ",yesterday,today,1",
  ];
  form.append("file", new Blob([rows.join("\n")]), "a-rather-long-name-of-a-file-from-the-grid-operator.csv");
  const { id } = await product.api.upload<{ id: string }>("/v1/imports", form);
  for (const scheme of ["light", "dark"] as const) {
    const page = await product.open("/imports", { scheme, width: 390, language: "fr" });
    await page.locator(`a[href="/imports/${id}"]`).waitFor();
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
    await page.locator(`a[href="/imports/${id}"]`).click();
    await page.locator("[data-energy-wh]").waitFor();
    expect(await page.locator("tr[data-line]").getAttribute("data-line")).toBe("3");
    expect(await overflow(page), scheme).toBe(0);
    expect(await barriers(page), scheme).toEqual([]);
  }
});
