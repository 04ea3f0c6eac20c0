// A real browser for the dashboard's tests: the built dashboard, pages as a reader opens them, and what axe says of them.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { AxeResults } from "axe-core";
import { chromium, type Browser, type Page } from "playwright-core";

const AXE = readFileSync(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** In a process of its own, as Vite is run everywhere else. */
export async function buildDashboard(): Promise<void> {
  const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));
  await promisify(execFile)(process.execPath, [vite, "build", import.meta.dirname, "--logLevel", "error"]);
}

/** `folder`: a temporary one of the test's own. */
export async function launchBrowser(folder: string): Promise<Browser> {
  // The package unpacks its browser into the temporary folder, and takes whatever lies there under its name.
  process.env["TMPDIR"] = folder;
  const { default: packed } = await import("@sparticuz/chromium");
  // One process for everything ends the browser with the first page that is closed.
  const args = packed.args.filter((arg) => arg !== "--single-process" && arg !== "--disable-web-security");
  return chromium.launch({ executablePath: await packed.executablePath(), args, headless: true });
}

/** A page with cookies of its own: a person. */
export async function openPage(
  browser: Browser,
  url: string,
  colorScheme: "light" | "dark",
  width = 1440,
): Promise<Page> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height: 900 },
    locale: "en-GB",
    // A reader far from the building sees the building's hours all the same.
    timezoneId: "America/New_York",
    reducedMotion: "reduce",
    // axe is put into the page, which the product's own policy rightly forbids.
    bypassCSP: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  return page;
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.locator("#email").fill(email);
  await page.locator("input[autocomplete=current-password]").fill(password);
  await page.locator("button[type=submit]").click();
}

/** The account speaks French; its reader may prefer English. */
export async function speakEnglish(page: Page): Promise<void> {
  await page.evaluate(() => localStorage.setItem("koprogo.locale", "en"));
  await page.reload();
}

/** What axe finds that keeps someone from using the page, in words. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results: AxeResults = await page.evaluate("axe.run()");
  return results.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/** By how many pixels the page is wider than the window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
