// A store that is frozen while publishers push: the broker's memory stays within its bound, and everything goes on after it.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "mqtt-packet";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { freePort } from "#services";
import { openPool, type Pool } from "#store";
import { privateServices, until, type PrivateServices } from "#testing";
import { DEFAULT_LIMITS } from "./limits.ts";
import { OwnProcess } from "./test-process.ts";
import { createBuilding, createDevice, RawClient, type TestDevice } from "./test-site.ts";

const MIB = 1024 * 1024;
const DEVICES = 8;
const CONNECTIONS_PER_DEVICE = 16;
/** All of them together cost three times what the broker may hold. */
const MESSAGES_PER_CONNECTION = 1500;
const STEP_MS = 10_000;
const WRITTEN_AT_ONCE = 100;
/** What a waiting message costs in objects is several times what is counted for it; beyond this something piles up. */
const GROWTH_MAX_BYTES = 8 * DEFAULT_LIMITS.unacknowledgedBytesMax;
const SAMPLES = 16;
const SAMPLE_EVERY_MS = 500;
const GOES_ON_WITHIN_MS = 150_000;

let services: PrivateServices;
let pool: Pool;
let broker: OwnProcess;
let metricsPort: number;

beforeAll(async () => {
  services = await privateServices();
  pool = openPool(services.databaseUrl, { applicationName: "frozen-store-test", max: 2 });
  metricsPort = await freePort();
  broker = new OwnProcess("broker/main.ts", {
    PATH: process.env["PATH"],
    DATABASE_URL: services.databaseUrl,
    METRICS_PORT: String(metricsPort),
    LOG_LEVEL: "error",
  });
  await broker.start();
});

afterAll(async () => {
  services.resumePostgres();
  await broker.kill("SIGTERM");
  await pool.end();
  await services.stop();
});

/** Pushes all that its socket takes, whether or not it is answered. */
class Publisher {
  readonly client: RawClient;
  readonly #topic: string;
  #pubacks = 0;

  constructor(client: RawClient, topic: string) {
    this.client = client;
    this.#topic = topic;
    client.socket.on("data", (chunk: Buffer) => (this.#pubacks += chunk.length / PUBACK_BYTES));
  }

  get answered(): number {
    return this.#pubacks;
  }

  async push(firstMs: number): Promise<void> {
    for (let from = 1; from <= MESSAGES_PER_CONNECTION; from += WRITTEN_AT_ONCE) {
      const train = Array.from({ length: WRITTEN_AT_ONCE }, (_, i) => this.#message(from + i, firstMs));
      if (!this.client.socket.write(Buffer.concat(train))) await once(this.client.socket, "drain");
    }
  }

  #message(messageId: number, firstMs: number): Buffer {
    const record = { n: this.#topic, u: "kWh", v: messageId, t: (firstMs + messageId * STEP_MS) / 1000 };
    return generate({
      cmd: "publish",
      topic: this.#topic,
      payload: JSON.stringify([record]),
      qos: 1,
      messageId,
      dup: false,
      retain: false,
    });
  }
}

const PUBACK_BYTES = 4;

async function connect(device: TestDevice, clientId: string): Promise<{ client: RawClient; code: unknown }> {
  const client = new RawClient(broker.mqttPort);
  client.connect(device, { clientId, keepalive: 0 });
  const answer = await client.take("connack");
  return { client, code: "returnCode" in answer ? answer.returnCode : undefined };
}

async function openPublishers(devices: readonly TestDevice[]): Promise<Publisher[]> {
  const publishers: Publisher[] = [];
  for (const device of devices) {
    for (let n = 0; n < CONNECTIONS_PER_DEVICE - 1; n++) {
      const { client, code } = await connect(device, `publisher-${n}`);
      expect(code).toBe(0);
      publishers.push(new Publisher(client, `meter-${n}`));
    }
  }
  return publishers;
}

/** What the process itself says of its memory, and of what waits. */
async function look(): Promise<{ memoryBytes: number; waitingBytes: number }> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  return {
    memoryBytes: read("nodejs_heap_size_used_bytes") + read("nodejs_external_memory_bytes"),
    waitingBytes: read("koprogo_mqtt_unacknowledged_bytes"),
  };
}

test("memory stays within its bound, new connections get CONNACK 3, and after SIGCONT all is stored and answered", async () => {
  const buildingId = await createBuilding(pool);
  const devices = await Promise.all(Array.from({ length: DEVICES }, () => createDevice(pool, buildingId)));
  const publishers = await openPublishers(devices);
  const before = await look();

  services.pausePostgres();
  const firstMs = Math.floor((systemTime.now() - MESSAGES_PER_CONNECTION * STEP_MS) / STEP_MS) * STEP_MS;
  const pushing = Promise.all(publishers.map((publisher) => publisher.push(firstMs)));
  const max = DEFAULT_LIMITS.unacknowledgedBytesMax;
  await until(async () => (await look()).waitingBytes > max, "the broker holds what it may", 60_000);
  let [memoryBytes, waitingBytes] = [0, 0];
  for (let sample = 0; sample < SAMPLES; sample++) {
    const now = await look();
    memoryBytes = Math.max(memoryBytes, now.memoryBytes);
    waitingBytes = Math.max(waitingBytes, now.waitingBytes);
    const device = devices[sample % DEVICES];
    if (device === undefined) continue;
    const { client, code } = await connect(device, "newcomer");
    expect(code).toBe(3);
    client.socket.destroy();
    await sleep(SAMPLE_EVERY_MS);
  }
  expect(memoryBytes - before.memoryBytes).toBeLessThan(GROWTH_MAX_BYTES);
  // One reading of a socket, 64 KiB of small packets, is taken to its end.
  expect(waitingBytes).toBeLessThan(max + MIB);
  expect(publishers.every(({ answered }) => answered === 0)).toBe(true);

  services.resumePostgres();
  await pushing;
  const all = (): boolean => publishers.every(({ answered }) => answered === MESSAGES_PER_CONNECTION);
  await until(all, "every publish is answered", GOES_ON_WITHIN_MS);
  const { rows } = await pool.query<{ count: number }>("select count(*)::integer as count from reading");
  expect(rows).toEqual([{ count: publishers.length * MESSAGES_PER_CONNECTION }]);
  const [device] = devices;
  if (device !== undefined) expect((await connect(device, "newcomer")).code).toBe(0);
}, 300_000);
