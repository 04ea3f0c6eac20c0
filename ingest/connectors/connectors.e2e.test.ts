// I1 for connectors: two brokers' processes and a Mosquitto of somebody else; whatever is killed or frozen, each reading is there once.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPool, type Pool } from "#store";
import {
  freshRedis,
  privateServices,
  seedDevice,
  until,
  type FreshRedis,
  type PrivateServices,
} from "#testing";
import { connectTo, look } from "./test-connectors.ts";
import { openForeignBroker, type ForeignBroker } from "./test-foreign-broker.ts";

const ENTRY = fileURLToPath(new URL("../../broker/main.ts", import.meta.url));
const START = Date.UTC(2026, 0, 15, 12);
/** Those of `SECRETS`. */
const KEY = Buffer.alloc(32, 9).toString("base64");
const LEASE_MS = 15_000;
const SETTLE_WITHIN_MS = 60_000;

class Process {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  async start(): Promise<void> {
    const child = fork(ENTRY, { env: this.#env, stdio: "inherit" });
    this.#child = child;
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the broker ended with ${code} before it was ready`);
    });
    await Promise.race([once(child, "message"), ended]);
    ended.catch(() => undefined);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  }
}

let services: PrivateServices;
let redis: FreshRedis;
let pool: Pool;
let foreign: ForeignBroker;
let processes: readonly [Process, Process];
let deviceId: number;
let step = 0;

beforeAll(async () => {
  services = await privateServices();
  redis = await freshRedis();
  pool = openPool(services.databaseUrl, { applicationName: "connectors-e2e-test", max: 2 });
  deviceId = (await seedDevice(pool)).context.id;
  foreign = await openForeignBroker({ someone: "their word" });
  await connectTo(pool, deviceId, { url: foreign.url, password: "their word", topics: ["m/#"] });
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: redis.url,
    MQTT_PORT: "0",
    KOPROGO_SECRET_KEY: KEY,
    KOPROGO_CONNECTOR_PRIVATE: "true",
    LOG_LEVEL: "fatal",
  };
  processes = [new Process(env), new Process(env)];
});

afterAll(async () => {
  await Promise.all(processes.map((one) => one.end("SIGKILL")));
  await foreign.close();
  await pool.end();
  await redis.stop();
  await services.stop();
});

/** Ten seconds of the meter's time each; resolves when their broker has acknowledged all of them. */
async function publish(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const record = { n: "import", u: "kWh", v: 1000 + step / 1000, t: START / 1000 + step * 10 };
    step++;
    await foreign.publish("m/meter", JSON.stringify([record]));
  }
}

async function stored(): Promise<number[]> {
  const { rows } = await pool.query<{ at: Date }>(
    "select observed_at as at from reading where device_id = $1 order by observed_at",
    [deviceId],
  );
  return rows.map(({ at }) => (at.getTime() - START) / 10_000);
}

const isConnected = () =>
  until(async () => (await look(pool, deviceId)).state === "connected", "it is connected", 2 * LEASE_MS);
async function expectAllOnce(): Promise<void> {
  const all = Array.from({ length: step }, (_, place) => place);
  await until(async () => (await stored()).length >= step, "all are stored", SETTLE_WITHIN_MS);
  expect(await stored()).toEqual(all);
}

test("kill -9 between receipt and commit, of the holder and of their broker, loses and doubles nothing", async () => {
  const [first, second] = processes;
  await first.start();
  await isConnected();
  await second.start();
  await publish(30);
  await expectAllOnce();

  // Taken, not committed, and then the process that has it dies: nobody was told that it has it.
  services.pausePostgres();
  await publish(40);
  await sleep(500);
  await first.end("SIGKILL");
  await publish(10);
  services.resumePostgres();
  await isConnected();
  await expectAllOnce();

  // Their broker dies, after it has saved what it acknowledged.
  await publish(20);
  await sleep(1500);
  await foreign.kill();
  await foreign.start();
  await publish(20);
  await expectAllOnce();

  // A frozen store for longer than the lease: the holder lets go, nothing is acknowledged, and it comes back.
  services.pausePostgres();
  await publish(10);
  await sleep(LEASE_MS + 3000);
  await publish(10);
  services.resumePostgres();
  await isConnected();
  await expectAllOnce();

  // An orderly end is followed at once.
  await first.start();
  await second.end("SIGTERM");
  await publish(10);
  const startedMs = performance.now();
  await isConnected();
  expect(performance.now() - startedMs).toBeLessThan(LEASE_MS / 2);
  await expectAllOnce();

  const { rows } = await pool.query("select 1 from quarantine");
  expect(rows).toEqual([]);
  await until(async () => (await look(pool, deviceId)).messages >= step - 80, "they are counted", 15_000);
});
