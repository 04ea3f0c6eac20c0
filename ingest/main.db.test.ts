// The process: it checks its environment before anything else, says when it has subscribed, and stops when told.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool } from "#store";
import { freshDatabase, type FreshDatabase } from "#testing";
import { openExternalBroker, type ExternalBroker } from "./upstream/test-external-broker.ts";

const ENTRY = fileURLToPath(new URL("./main.ts", import.meta.url));
let database: FreshDatabase;
let broker: ExternalBroker;
beforeAll(async () => {
  database = await freshDatabase();
  broker = await openExternalBroker([]);
});
afterAll(async () => {
  await broker.close();
  await database.drop();
});

function start(env: NodeJS.ProcessEnv, ...args: string[]): { child: ChildProcess; told: () => string } {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let told = "";
  for (const output of [child.stdout, child.stderr])
    output?.setEncoding("utf8").on("data", (text: string) => (told += text));
  return { child, told: () => told };
}

test("--validate ends with 0 on a valid environment and touches no service", async () => {
  const nowhere = { DATABASE_URL: "postgres://127.0.0.1:9/none", MQTT_UPSTREAM_URL: "mqtts://127.0.0.1:9" };
  const { child } = start(nowhere, "--validate");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("every wrong variable is named before anything starts, and no password is shown", async () => {
  const { child, told } = start({
    MQTT_UPSTREAM_URL: "http://someone:hunter2@broker",
    MQTT_UPSTREAM_GROUP: "a/b",
  });
  expect(await once(child, "exit")).toEqual([1, null]);
  for (const name of ["MQTT_UPSTREAM_URL", "MQTT_UPSTREAM_GROUP", "DATABASE_URL"])
    expect(told()).toContain(name);
  expect(told()).not.toMatch(/hunter2|^\s+at /m);
});

test("a database whose commits may be lost is refused before anything is taken from the broker", async () => {
  const weak = await freshDatabase();
  const pool = openPool(weak.url, { applicationName: "ingest-main-test", max: 1 });
  await pool.query(
    "do $$ begin execute format('alter database %I set synchronous_commit to off', current_database()); end $$",
  );
  await pool.end();
  const { child, told } = start({ DATABASE_URL: weak.url, MQTT_UPSTREAM_URL: broker.url });
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(told()).toContain("The database is not durable: synchronous_commit is off");
  expect(told()).not.toMatch(/subscribed|^\s+at /m);
  await weak.drop();
});

test.each(["SIGTERM", "SIGUSR2"] as const)(
  "it is ready once it has subscribed, and ends well on %s",
  async (signal) => {
    const { child, told } = start({ DATABASE_URL: database.url, MQTT_UPSTREAM_URL: broker.url });
    const [ready] = await once(child, "message");
    expect(ready).toEqual({ ready: true, clientId: "koprogo-1" });
    child.kill(signal);
    expect(await once(child, "exit")).toEqual([0, null]);
    expect(told()).not.toContain("consumers%2F");
    expect(told()).toContain(new URL(broker.url).host);
  },
);

test("it does not outlive the process that supervises it", async () => {
  const { child } = start({ DATABASE_URL: database.url, MQTT_UPSTREAM_URL: broker.url });
  await once(child, "message");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});
