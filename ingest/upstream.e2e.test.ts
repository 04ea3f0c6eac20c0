// I1 with an external broker: two consumers of Mosquitto as real processes; whatever is killed or frozen, what Mosquitto acknowledged is stored once.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { MqttClient } from "mqtt";
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
import { openExternalBroker, type ExternalBroker } from "./upstream/test-external-broker.ts";

const ENTRY = fileURLToPath(new URL("./main.ts", import.meta.url));
const START = Date.UTC(2026, 0, 15, 12);
const DEVICE_COUNT = 4;
const IN_FLIGHT = 20;
const PAUSE_MS = 200;
const SETTLE_WITHIN_MS = 60_000;

class Consumer {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  clientId = "";

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  async start(): Promise<void> {
    const child = fork(ENTRY, { env: this.#env, stdio: "inherit" });
    this.#child = child;
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the consumer ended with ${code} before it was ready`);
    });
    const [ready] = await Promise.race([once(child, "message"), ended]);
    ended.catch(() => undefined);
    this.clientId = (ready as { clientId: string }).clientId;
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const gone = once(child, "exit");
    child.kill(signal);
    const [code] = await gone;
    return code;
  }
}

/** A device that publishes readings of its own, ten seconds of its time apart, and knows what was acknowledged. */
class Meter {
  readonly id: number;
  readonly acknowledged = new Set<number>();
  readonly #client: MqttClient;
  #next = 0;
  #going = true;

  constructor(id: number, client: MqttClient) {
    this.id = id;
    this.#client = client;
    for (let i = 0; i < IN_FLIGHT; i++) this.#publishNext();
  }

  get published(): number {
    return this.#next;
  }

  async finish(): Promise<void> {
    this.#going = false;
    await until(() => this.acknowledged.size === this.#next, "all are acknowledged", SETTLE_WITHIN_MS);
    await this.#client.endAsync();
  }

  #publishNext(): void {
    if (!this.#going) return;
    const step = this.#next++;
    const record = { n: "import", u: "kWh", v: 1000 + step / 1000, t: START / 1000 + step * 10 };
    this.#client.publish(`d/${this.id}/meter`, JSON.stringify([record]), { qos: 1 }, (error) => {
      if (!error) this.acknowledged.add(step);
      setTimeout(() => this.#publishNext(), PAUSE_MS);
    });
  }
}

let services: PrivateServices;
let redis: FreshRedis;
let pool: Pool;
let broker: ExternalBroker;
let consumers: [Consumer, Consumer];
let ids: number[];

beforeAll(async () => {
  services = await privateServices();
  redis = await freshRedis();
  pool = openPool(services.databaseUrl, { applicationName: "upstream-e2e-test", max: 2 });
  ids = [];
  for (let i = 0; i < DEVICE_COUNT; i++) ids.push((await seedDevice(pool)).context.id);
  broker = await openExternalBroker(ids);
  const env = {
    PATH: process.env["PATH"],
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: redis.url,
    MQTT_UPSTREAM_URL: broker.url,
    LOG_LEVEL: "fatal",
  };
  consumers = [new Consumer(env), new Consumer(env)];
});

afterAll(async () => {
  await Promise.all(consumers.map((consumer) => consumer.end("SIGKILL")));
  await broker.close();
  await pool.end();
  await redis.stop();
  await services.stop();
});

test("kill -9 and SIGTERM of consumers and a frozen PostgreSQL lose and double nothing", async () => {
  const [first, second] = consumers;
  await Promise.all([first.start(), second.start()]);
  const names = [first.clientId, second.clientId];
  expect(names.toSorted()).toEqual(["koprogo-1", "koprogo-2"]);
  const meters: Meter[] = [];
  for (const id of ids) meters.push(new Meter(id, await broker.device(String(id))));

  await sleep(1500);
  services.pausePostgres();
  await sleep(1500);
  // Everything that it has taken and not committed dies with it, and so does its PUBACK.
  await first.end("SIGKILL");
  await sleep(500);
  services.resumePostgres();
  await first.start();
  await sleep(500);
  services.pausePostgres();
  await sleep(1500);
  services.resumePostgres();
  await sleep(500);
  expect(await second.end("SIGTERM")).toBe(0);
  await sleep(500);
  await second.start();
  // Each has the place, and so the session, that it had before.
  expect([first.clientId, second.clientId]).toEqual(names);
  await sleep(1000);
  await Promise.all(meters.map((meter) => meter.finish()));

  for (const meter of meters) {
    expect(meter.published).toBeGreaterThan(300);
    await expectStored(meter);
  }
  const { rows } = await pool.query("select 1 from quarantine");
  expect(rows).toEqual([]);
});

/** Every reading once, in a table where a doubled one would be there twice. */
async function expectStored(meter: Meter): Promise<void> {
  const sent = Array.from({ length: meter.published }, (_, step) => step);
  await until(async () => (await countOf(meter.id)) >= sent.length, "all are stored", SETTLE_WITHIN_MS);
  expect(await stored(meter.id)).toEqual(sent);
}

async function countOf(deviceId: number): Promise<number> {
  await sleep(200);
  const { rows } = await pool.query<{ count: string }>("select count(*) from reading where device_id = $1", [
    deviceId,
  ]);
  return Number(rows[0]?.count);
}

async function stored(deviceId: number): Promise<number[]> {
  const { rows } = await pool.query<{ at: Date }>(
    "select observed_at as at from reading where device_id = $1 order by observed_at",
    [deviceId],
  );
  return rows.map(({ at }) => (at.getTime() - START) / 10_000);
}
