// What a browser test of the whole product begins with: its processes on a database of their own, an administrator, a browser.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { freshDatabase, freshRedis } from "#testing";
import { buildDashboard, launchBrowser, openPage, signIn } from "./test-browser.ts";
import { signedIn, startEntry, type ApiClient, type TestProcess } from "./test-stack.ts";

export type Person = { readonly email: string; readonly password: string };
export const ADMIN: Person = { email: "admin@koprogo.example", password: "correct horse battery staple" };

export type OpenOptions = {
  readonly who?: Person;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly language?: "fr" | "nl" | "en";
};

export type Product = {
  readonly apiUrl: string;
  readonly mqttUrl: string;
  /** As the administrator. */
  readonly api: ApiClient;
  readonly browser: Browser;
  /** A page of the dashboard, as this person sees it. */
  readonly open: (path: string, options?: OpenOptions) => Promise<Page>;
  readonly closePages: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** @param entries in the order of their start, the API among them */
export async function startProduct(entries: readonly string[]): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), "koprogo-product-"));
  await buildDashboard();
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const env = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KOPROGO_DATA_DIR: folder,
    KOPROGO_ADMIN_EMAIL: ADMIN.email,
    KOPROGO_ADMIN_PASSWORD: ADMIN.password,
    MQTT_PORT: "0",
    HTTP_PORT: "0",
    LOG_LEVEL: "error",
  };
  const running = new Map<string, TestProcess>();
  for (const entry of entries) running.set(entry, await startEntry(entry, env));
  const addressOf = (entry: string): string => running.get(entry)?.address ?? "";
  const apiUrl = addressOf("api/main.ts");
  const api = await signedIn(apiUrl, ADMIN.email, ADMIN.password);
  const browser = await launchBrowser(folder);

  async function open(path: string, options: OpenOptions = {}): Promise<Page> {
    const { who = ADMIN, scheme = "light", width, language = "en" } = options;
    const page = await openPage(browser, `${apiUrl}/login?next=${encodeURIComponent(path)}`, scheme, width);
    await page.evaluate((locale) => localStorage.setItem("koprogo.locale", locale), language);
    await signIn(page, who.email, who.password);
    return page;
  }

  return {
    apiUrl,
    mqttUrl: addressOf("broker/main.ts"),
    api,
    browser,
    open,
    closePages: async () => {
      for (const context of browser.contexts()) await context.close();
    },
    stop: async () => {
      await browser.close();
      for (const entry of [...running.values()].toReversed()) await entry.stop();
      await redis.stop();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A building of ours, in the administrator's own organisation. */
export async function createTestBuilding(
  api: ApiClient,
  fields: Readonly<Record<string, unknown>> = {},
): Promise<{ id: string; organisationId: string }> {
  return api.post("/v1/buildings", {
    name: "Résidence Horizon",
    address: "Chaussée d’Ixelles 118",
    postalCode: "1050",
    country: "BE",
    region: "BE-BRU",
    dwellings: 24,
    ...fields,
  });
}
