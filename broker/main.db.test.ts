// The process: it checks its environment before anything else, says when it is ready, and stops when told.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freshDatabase, type FreshDatabase } from "#testing";

const ENTRY = fileURLToPath(new URL("./main.ts", import.meta.url));
let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

function start(env: NodeJS.ProcessEnv, ...args: string[]): { child: ChildProcess; errors: () => string } {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { PATH: process.env["PATH"], MQTT_PORT: "0", LOG_LEVEL: "error", ...env },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return { child, errors: () => errors };
}

test("--validate ends with 0 on a valid environment and touches no service", async () => {
  const { child } = start({ DATABASE_URL: "postgres://127.0.0.1:9/none" }, "--validate");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("every wrong variable is named before anything starts, without a stack", async () => {
  const { child, errors } = start({ MQTT_PORT: "many", MQTTS_PORT: "8883" });
  expect(await once(child, "exit")).toEqual([1, null]);
  for (const name of ["MQTT_PORT", "TLS_CERT_FILE", "DATABASE_URL"]) expect(errors()).toContain(name);
  expect(errors()).not.toContain("    at ");
});

test("it says where it listens, and SIGTERM ends it at once although somebody is connected", async () => {
  const { child } = start({ DATABASE_URL: database.url });
  const [ready] = (await once(child, "message")) as [{ ready: boolean; mqtt: string }];
  expect(ready).toMatchObject({ ready: true, mqtt: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/) });
  const idler = connect(Number(new URL(ready.mqtt).port), "127.0.0.1");
  await once(idler, "connect");
  const startedMs = performance.now();
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(performance.now() - startedMs).toBeLessThan(4000);
  idler.destroy();
});

test("SIGHUP without TLS ends nothing: there is no certificate to read again", async () => {
  const { child } = start({ DATABASE_URL: database.url });
  await once(child, "message");
  child.kill("SIGHUP");
  // It comes after the other: a process that SIGHUP ends is not there to end by itself.
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("it does not outlive the process that supervises it", async () => {
  const { child } = start({ DATABASE_URL: database.url });
  await once(child, "message");
  child.disconnect();
  expect(await once(child, "exit")).toEqual([0, null]);
});
