// The rules about this code, as tests: who may import whom, what is banned where, and that Node itself runs it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const PROJECT = import.meta.dirname;
const SIMULATOR = "sim/main.ts";
const SKIPPED = new Set(["node_modules", ".git", ".koprogo", ".svelte-check", "dist", "api-types.d.ts"]);

type Source = { readonly path: string; readonly text: string };
type Rule = {
  readonly fact: string;
  /** What is wrong with the file, in words; empty when nothing is. */
  readonly faults: (source: Source) => readonly string[];
  /** A file that must be caught: a rule that catches nothing is no rule. */
  readonly caught: Source;
};

/** Whom the code of a folder may import, by door. Tests and the simulator may use every door. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  devices: [],
  store: ["#devices"],
  // The environment and the waker are its entry's alone.
  ingest: ["#store", "#devices", "#config", "#jobs"],
  broker: ["#ingest", "#store", "#devices", "#config", "#jobs"],
  analytics: ["#store", "#devices", "#config"],
  // Of ingest only the reading of imports, and the replayer of quarantine.
  api: ["#analytics", "#ingest", "#store", "#devices", "#config"],
  start: ["#services", "#store", "#devices", "#config"],
};

/** What scrolls in the dashboard without being within the frame for it, once a file, and why. */
const SCROLLS: ReadonlySet<string> = new Set([
  // The frame itself.
  "api/dashboard/parts/scroll-frame.svelte",
  // A strip of radio buttons: the keyboard goes from one to the next, and each comes into view.
  "api/dashboard/energy/energy-panel.svelte",
  // A sheet: the button that closes it is within, and takes the keyboard there.
  "api/dashboard/style/base.css",
]);

const RULES: readonly Rule[] = [
  {
    fact: "folders meet only at doors, in one direction",
    faults: ({ path, text }) => {
      const folder = topFolder(path);
      const allowed = DOORS[folder];
      if (allowed === undefined || isTest(path)) return [];
      return (
        importsOf(text)
          .filter((name) => name.startsWith("#") && name !== "#testing")
          .map((name) => name.split("/")[0] ?? name)
          // A folder may go through its own door.
          .filter((door) => door !== `#${folder}` && !allowed.includes(door))
          .map((door) => `${folder} must not import ${door}`)
      );
    },
    caught: { path: "ingest/batch.ts", text: `import { createBroker } from "#broker";` },
  },
  {
    fact: "no relative import leaves its top folder",
    faults: ({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith("."))
        .filter((name) => topFolder(posix.join(dirname(path), name)) !== topFolder(path))
        .filter(() => topFolder(path) !== "")
        .map((name) => `${name} leaves ${topFolder(path)}`),
    caught: { path: "api/routes/load.ts", text: `import { pool } from "../../store/pool.ts";` },
  },
  {
    fact: "only tests import what is for tests",
    faults: ({ path, text }) =>
      isTest(path) ? [] : importsOf(text).filter((name) => name === "#testing" || name === "vitest"),
    caught: { path: "api/server.ts", text: `import { freshDatabase } from "#testing";` },
  },
  {
    fact: "the wall clock is read in devices/time.ts and nowhere else",
    faults: ({ path, text }) =>
      path === "devices/time.ts" || isTest(path)
        ? []
        : matches(code(text), /Date\.now\(\)|new Date\(\)|Temporal\.Now\b/g),
    caught: { path: "broker/presence.ts", text: `const seenAt = new Date();` },
  },
  {
    fact: "randomness comes in as a parameter: Math.random is nowhere",
    faults: ({ text }) => matches(code(text), /Math\.random\b/g),
    caught: { path: "sim/world/house.ts", text: `const load = Math.random();` },
  },
  {
    fact: "SQL and its driver stay in store/",
    faults: ({ path, text }) =>
      topFolder(path) === "store" || isTest(path)
        ? []
        : [
            ...importsOf(text).filter((name) => name === "pg" || name === "pg-copy-streams"),
            ...matches(
              code(text),
              /["'`]\s*(select\s[^"'`]*\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\s/gi,
            ),
          ],
    caught: { path: "api/routes/users.ts", text: "pool.query(`delete from account where id = $1`)" },
  },
  {
    fact: "no `any` by the back door, no silenced compiler, no module mocks, no skipped tests, no swallowed errors",
    faults: ({ text }) =>
      matches(
        code(text),
        /\bas any\b|@ts-(?:ignore|expect-error|nocheck)|\bvi\.mock\(|\.(?:only|skip|todo)\(|catch\s*(?:\([^)]*\)\s*)?\{\s*\}/g,
      ),
    caught: { path: "store/pool.ts", text: `try { work(); } catch {}` },
  },
  {
    fact: "the environment is read by entries, configuration and tests, and passed on from there",
    faults: ({ path, text }) =>
      isTest(path) ||
      isEntry(path) ||
      /^(?:start|sim|store\/(?:testing|services))\/|^start\.mjs$|\.config\.ts$/.test(path)
        ? []
        : matches(code(text), /process\.env/g),
    caught: { path: "api/server.ts", text: `const port = process.env["HTTP_PORT"];` },
  },
  {
    fact: "a file begins with a line that says what it is for",
    faults: ({ text }) => {
      const first = text.replace(/^#!.*\n/, "").split("\n")[0] ?? "";
      return /^(?:\/\/|\/\*|--|<!--) \S+ \S+/.test(first) ? [] : [`begins with "${first.slice(0, 60)}"`];
    },
    caught: { path: "devices/time.ts", text: `import x from "y";` },
  },
  {
    fact: "a file is at most 400 lines (a test 600), unless it is generated",
    faults: ({ path, text }) => {
      if (path === "store/schema.sql") return [];
      const lines = text.split("\n").length;
      return lines > (isTest(path) ? 600 : 400) ? [`${lines} lines`] : [];
    },
    caught: { path: "api/all.ts", text: "//\n".repeat(401) },
  },
  {
    fact: "files are named in kebab-case, and no folder is a drawer for everything",
    faults: ({ path }) =>
      path
        .split("/")
        .filter(
          (part) =>
            !/^[a-z0-9.-]+$/.test(part) ||
            /^(?:utils?|common|helpers?|core|managers?|misc|shared)$/.test(part),
        ),
    caught: { path: "api/utils/strings.ts", text: "" },
  },
  {
    fact: "what scrolls in the dashboard does so in a frame that the keyboard reaches: parts/scroll-frame.svelte",
    faults: ({ path, text }) =>
      /\.(?:svelte|css)$/.test(path)
        ? matches(code(text), /\boverflow(?:-\w+)?\s*[:=][^;}]*\b(?:auto|scroll|overlay)\b/g).slice(
            SCROLLS.has(path) ? 1 : 0,
          )
        : [],
    caught: { path: "api/dashboard/meters/list.svelte", text: "ul { max-height: 320px; overflow: auto; }" },
  },
  {
    fact: "no path of somebody's machine is written down",
    faults: ({ text }) =>
      matches(text, new RegExp(`(?<![\\w./-])/(?:${["work", "root", "Users"].join("|")})/\\w`, "g")),
    caught: { path: "sim/main.ts", text: ["readFile(", "root", "notes)"].join("/") },
  },
];

const SOURCES = sourcesBelow("");

describe.each(RULES)("$fact", ({ faults, caught }) => {
  test("in every file", () => {
    const found = SOURCES.flatMap((source) => faults(source).map((fault) => `${source.path}: ${fault}`));
    expect(found).toEqual([]);
  });
  test("and a file that breaks it is caught", () => {
    expect(faults(caught)).not.toEqual([]);
  });
});

test("every top folder, and the services, say in a README what they promise", () => {
  const folders = readdirSync(PROJECT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name))
    .map((entry) => entry.name);
  const without = [...folders, "store/services"].filter(
    (folder) => !existsSync(join(PROJECT, folder, "README.md")),
  );
  expect(without).toEqual([]);
});

test("the licence is the whole text of the AGPL, version 3, untouched", () => {
  const text = readFileSync(join(PROJECT, "LICENSE"));
  expect(text.toString()).toMatch(/^GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007\n/);
  expect(createHash("sha256").update(text).digest("hex")).toBe(
    "d8a6cc31abc16b6748c7a21f21611f5a1ec33f67d22ca23d7da1c19b95496bee",
  );
});

const ENTRIES = SOURCES.map(({ path }) => path).filter(isEntry);

test.concurrent.each(ENTRIES)("%s boots under plain Node", async (path) => {
  expect(await boot(path, {})).toEqual({ code: 0, told: "" });
});

// The simulator has arguments instead of an environment.
test.concurrent.each(ENTRIES.filter((path) => path !== SIMULATOR))(
  "%s names every variable that is wrong, and shows no stack trace",
  async (path) => {
    const { code, told } = await boot(path, { HTTP_PORT: "http", MQTT_PORT: "70000" });
    expect(code).toBe(1);
    expect(told).toContain("HTTP_PORT");
    expect(told).toContain("MQTT_PORT");
    expect(told).not.toMatch(/^\s+at /m);
  },
);

/** `told`: on the error output when all is well, on both outputs otherwise (a fault may be in the log). */
async function boot(path: string, env: Record<string, string>): Promise<{ code: number; told: string }> {
  const argument = path === SIMULATOR ? "--help" : "--validate";
  const services = {
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    REDIS_URL: "redis://127.0.0.1:1",
    MQTT_UPSTREAM_URL: "mqtt://127.0.0.1:1",
  };
  try {
    const { stderr } = await promisify(execFile)(process.execPath, [join(PROJECT, path), argument], {
      env: { PATH: process.env["PATH"], ...services, ...env },
      timeout: 50_000,
    });
    return { code: 0, told: stderr };
  } catch (error) {
    if (!(error instanceof Error && "code" in error && "stderr" in error && "stdout" in error)) throw error;
    // Of one that had to be killed there is no code.
    return { code: Number(error.code ?? Number.NaN), told: `${String(error.stderr)}${String(error.stdout)}` };
  }
}

function sourcesBelow(folder: string): Source[] {
  return readdirSync(join(PROJECT, folder), { withFileTypes: true })
    .filter((entry) => !SKIPPED.has(entry.name))
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) return sourcesBelow(path);
      // This file quotes what it bans.
      if (!/\.(?:ts|mjs|sql|svelte|css)$/.test(path) || path === "tidy.test.ts") return [];
      return [{ path, text: readFileSync(join(PROJECT, path), "utf8") }];
    });
}

/** A process of the product: it has an environment and can be asked to `--validate` it. */
function isEntry(path: string): boolean {
  return /(?:^|\/|-)main\.ts$/.test(path) && !/^(?:sim\/bench|api\/dashboard)\//.test(path);
}

/** Tests and what only they use (`test-….ts`). */
function isTest(path: string): boolean {
  return (
    /\.test\.ts$|^test-|^vitest\.config\.ts$|^store\/testing\//.test(path) ||
    basename(path).startsWith("test-")
  );
}

function topFolder(path: string): string {
  return path.includes("/") ? (path.split("/")[0] ?? "") : "";
}

/** What a file imports or re-exports; a type-only import counts too. */
function importsOf(text: string): string[] {
  return [...code(text).matchAll(/\b(?:from|import)\s*\(?\s*["']([^"']+)["']/g)].flatMap(
    (match) => match[1] ?? [],
  );
}

/** The text without its comments: they may name what is banned. */
function code(text: string): string {
  return text.replace(/(?<![:"'`])\/\/.*$/gm, "").replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->/g, "");
}

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[0].trim());
}
