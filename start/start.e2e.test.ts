// `npm start` as a person meets it: it says where to go, survives what is killed, refuses what cannot be, leaves nothing.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT } from "./run.ts";

let data: string;
let house: Started;
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "koprogo-start-"));
  // Open to others: as root the services run as somebody else, and their data would go elsewhere.
  chmodSync(data, 0o755);
  house = start(data);
  await house.says(/Ctrl-C stops everything/);
});
afterAll(async () => {
  await house.stop("SIGKILL");
  // The last of what the kernel stops for us may still be writing.
  for (let attempt = 0; attempt < 100 && processesOf(data).length > 0; attempt += 1) await sleep(100);
  rmSync(data, { recursive: true, force: true, maxRetries: 5 });
});

type Started = {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly stop: (signal: NodeJS.Signals) => Promise<void>;
};

/** `npm start -- --no-demo` without npm: any free ports, in its own data folder. */
function start(dataFolder: string, env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, [join(PROJECT, "start.mjs"), "--no-demo"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], HTTP_PORT: "0", MQTT_PORT: "0", KOPROGO_DATA_DIR: dataFolder, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const ended = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    output: () => output,
    says: async (pattern) => {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (ended()) throw new Error(`it ended without saying ${pattern}:\n${output}`);
        await sleep(50);
      }
    },
    stop: async (signal) => {
      if (ended()) return;
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** Processes that were given this data folder, or work in it. */
function processesOf(dataFolder: string): { pid: number; command: string }[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .flatMap((entry) => {
      try {
        const its = (file: string): string =>
          readFileSync(`/proc/${entry}/${file}`, "utf8").replaceAll("\0", " ");
        const belongs =
          its("environ").includes(`KOPROGO_DATA_DIR=${dataFolder} `) ||
          readlinkSync(`/proc/${entry}/cwd`).includes(basename(dataFolder));
        return belongs ? [{ pid: Number(entry), command: its("cmdline") }] : [];
      } catch {
        // It ended between the listing and the reading.
        return [];
      }
    });
}

async function dashboard(): Promise<string> {
  const [, url] = await house.says(/Dashboard\s+(http:\S+)/);
  return String(url);
}

async function logIn(): Promise<number> {
  const [, email, password] = await house.says(/admin\s+(\S+@\S+)\s+(\S+)/);
  const answer = await fetch(`${await dashboard()}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  return answer.status;
}

test("the printed address answers, and the printed account logs in", async () => {
  const page = await fetch(await dashboard());
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("<!doctype html>");
  expect((await fetch(`${await dashboard()}/health/ready`)).status).toBe(200);
  expect(await logIn()).toBeLessThan(300);
});

test("the printed metrics answer, each with its own process's", async () => {
  for (const [name, shown] of [
    ["broker", "koprogo_mqtt_connections 0"],
    ["analytics", "koprogo_analytics_journal_lag_seconds"],
    ["api", "koprogo_live_clients 0"],
  ] as const) {
    const [, url] = await house.says(new RegExp(`(http:\\S+/metrics) \\(${name}\\)`));
    expect(await (await fetch(String(url))).text()).toContain(shown);
  }
});

test("a process that is killed is named and runs again on its port, and on that of its metrics", async () => {
  const broker = processesOf(data).find(({ command }) => command.includes("broker/main.ts"));
  if (broker === undefined) throw new Error("the broker does not run");
  process.kill(broker.pid, "SIGKILL");
  await house.says(/broker ended by SIGKILL/);
  await house.says(/broker runs again/);
  const [, port] = await house.says(/MQTT\s+mqtt:\/\/127\.0\.0\.1:(\d+)/);
  const again = processesOf(data).find(({ command }) => command.includes("broker/main.ts"));
  expect(readFileSync(`/proc/${again?.pid}/environ`, "utf8")).toContain(`MQTT_PORT=${port}`);
  const [, metrics] = await house.says(/(http:\S+\/metrics) \(broker\)/);
  expect((await fetch(String(metrics))).status).toBe(200);
});

test("a second start on the same data is refused and names the first", async () => {
  const second = start(data);
  await once(second.child, "exit");
  expect(second.child.exitCode).toBe(1);
  expect(second.output()).toMatch(/npm start \(process \d+\) already runs on .*KOPROGO_DATA_DIR/);
});

test("a port that is taken, and every wrong variable, are named before anything starts", async () => {
  const elsewhere = join(data, "elsewhere");
  const port = new URL(await dashboard()).port;
  const taken = start(elsewhere, { HTTP_PORT: port });
  const wrong = start(elsewhere, { HTTP_PORT: "http", LOG_LEVEL: "loud" });
  await Promise.all([once(taken.child, "exit"), once(wrong.child, "exit")]);
  expect(taken.output()).toContain(`127.0.0.1:${port} cannot be used`);
  expect(wrong.output()).toContain("HTTP_PORT");
  expect(wrong.output()).toContain("LOG_LEVEL");
  expect(`${taken.output()}${wrong.output()}`).not.toMatch(/^\s+at /m);
  expect(existsSync(join(elsewhere, "services"))).toBe(false);
});

test("Ctrl-C stops everything, and the next start finds the data", async () => {
  const before = (await house.says(/admin\s+\S+@\S+\s+(\S+)/))[1];
  await house.stop("SIGINT");
  expect(house.child.exitCode).toBe(0);
  expect(house.output()).toContain("Stopped");
  expect(processesOf(data)).toEqual([]);

  house = start(data);
  await house.says(/Ctrl-C stops everything/);
  expect(house.output()).not.toContain("Brought the database to");
  expect((await house.says(/admin\s+\S+@\S+\s+(\S+)/))[1]).toBe(before);
  expect(await logIn()).toBeLessThan(300);
});

test("kill -9 of it leaves no process behind", async () => {
  await house.stop("SIGKILL");
  for (let attempt = 0; attempt < 200 && processesOf(data).length > 0; attempt += 1) await sleep(100);
  expect(processesOf(data)).toEqual([]);
});
