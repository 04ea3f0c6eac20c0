// The process that owns the services: restarts what dies, dies with its parent, says what is wrong in a sentence.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { pingDatabase, pingRedis } from "./health.ts";
import { throwAwayFolder } from "./services.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** Starts the services and has no other business: killing it is killing a start.mjs. */
const PARENT = `import { fork } from "node:child_process";
  const child = fork(${JSON.stringify(MAIN)}, { execArgv: [] });
  child.on("message", (message) => process.send(message));
  process.on("disconnect", () => child.disconnect());`;

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

type Urls = { databaseUrl: string; redisUrl: string };

async function folder(): Promise<string> {
  const own = await throwAwayFolder();
  cleanUp.push(own.discard);
  return own.folder;
}

function start(
  args: readonly string[],
  env: Record<string, string>,
): { child: ChildProcess; told: string[] } {
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    env: { PATH: process.env["PATH"], ...env },
  });
  const told: string[] = [];
  child.on("message", (message: { report?: string }) => {
    if (message.report !== undefined) told.push(message.report);
  });
  cleanUp.push(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
  });
  return { child, told };
}

async function ready(child: ChildProcess): Promise<Urls> {
  for (;;) {
    const [message] = await once(child, "message");
    if ("ready" in message) return message;
  }
}

/** The processes whose working directory lies in the folder: the services started there. */
function processesIn(path: string): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        if (!readlinkSync(`/proc/${entry}/cwd`).startsWith(path)) return [];
        return [
          {
            pid: Number(entry),
            command: readFileSync(`/proc/${entry}/cmdline`, "utf8").replaceAll("\0", " "),
          },
        ];
      } catch {
        // It ended between the listing and the reading.
        return [];
      }
    });
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await condition()) return;
    await sleep(100);
  }
  throw new Error(`waited in vain until ${what}`);
}

const answers = (ping: Promise<void>): Promise<boolean> =>
  ping.then(
    () => true,
    () => false,
  );

test("PostgreSQL and Valkey that are killed run again on the same address, and it is said", async () => {
  const data = await folder();
  const { child, told } = start([MAIN], { KOPROGO_DATA_DIR: data });
  const { databaseUrl, redisUrl } = await ready(child);
  for (const program of ["postgres.real", "valkey-server.real"]) {
    const victim = processesIn(data).find(
      ({ command }) => command.includes(program) && command.includes("--argv0 /"),
    );
    if (victim === undefined) throw new Error(`${program} does not run`);
    process.kill(victim.pid, "SIGKILL");
    await once(child, "message");
  }
  await until("PostgreSQL answers", () => answers(pingDatabase(databaseUrl)));
  await until("Valkey answers", () => answers(pingRedis(redisUrl)));
  await until("both were reported", () => told.filter((line) => line.endsWith("runs again")).length === 2);
  expect(told).toContain("PostgreSQL ended by SIGKILL; restarting it");
  expect(told).toContain("Valkey ended by SIGKILL; restarting it");
});

test("a second start finds the address and the password of the first", async () => {
  const data = await folder();
  const first = start([MAIN], { KOPROGO_DATA_DIR: data });
  const before = await ready(first.child);
  first.child.kill("SIGTERM");
  expect(await once(first.child, "exit")).toEqual([0, null]);
  expect(processesIn(data)).toEqual([]);
  const second = start([MAIN], { KOPROGO_DATA_DIR: data });
  expect(await ready(second.child)).toEqual(before);
});

test("kill -9 of the parent leaves no service behind", async () => {
  const data = await folder();
  const { child } = start(["--input-type=module", "--eval", PARENT], { KOPROGO_DATA_DIR: data });
  await ready(child);
  expect(processesIn(data).length).toBeGreaterThan(0);
  child.kill("SIGKILL");
  await until("all services are gone", () => processesIn(data).length === 0);
});

test("kill -9 of the process itself leaves no service behind, and does not block the next", async () => {
  const data = await folder();
  const first = start([MAIN], { KOPROGO_DATA_DIR: data });
  await ready(first.child);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  const second = start([MAIN], { KOPROGO_DATA_DIR: data });
  const { databaseUrl } = await ready(second.child);
  await pingDatabase(databaseUrl);
});

test("addresses that lead nowhere are named, both, and nothing is started", async () => {
  const data = await folder();
  const { child, told } = start([MAIN], {
    KOPROGO_DATA_DIR: data,
    DATABASE_URL: "postgres://nobody@127.0.0.1:1/none",
    REDIS_URL: "redis://127.0.0.1:1",
  });
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(told.join("\n")).toMatch(/PostgreSQL at DATABASE_URL does not answer: .*ECONNREFUSED/);
  expect(told.join("\n")).toMatch(/Redis at REDIS_URL does not answer: .*ECONNREFUSED/);
  expect(existsSync(join(data, "services"))).toBe(false);
});
