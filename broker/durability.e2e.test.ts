// I1, I3 and I4 end to end: whatever is killed while devices publish, what was acknowledged is stored once and counted right.
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type MqttClient } from "mqtt";
import { afterAll, beforeAll, expect, test } from "vitest";
import { QUARTER_MS, systemTime } from "#devices/time";
import { listReadings, openPool, type Pool } from "#store";
import { privateServices, type PrivateServices } from "#testing";
import { OwnProcess } from "./test-process.ts";
import { createBuilding, createDevice, type TestDevice } from "./test-site.ts";

const DEVICE_COUNT = 4;
const STEP_MS = 10_000;
const IN_FLIGHT = 20;
const SETTLE_WITHIN_MS = 60_000;

/** A meter that counts up, publishes its index with QoS 1, and remembers what was acknowledged. */
class Meter {
  readonly device: TestDevice;
  readonly firstMs: number;
  /** The index in Wh at each step: sent in order, a step every ten seconds of its own time. */
  readonly indexWh: number[] = [];
  readonly acknowledged = new Set<number>();
  readonly #client: MqttClient;
  #wh = 1_000_000;
  #going = true;

  constructor(device: TestDevice, port: number, firstMs: number) {
    this.device = device;
    this.firstMs = firstMs;
    this.#client = connect(`mqtt://127.0.0.1:${port}`, {
      protocolVersion: 4,
      username: device.username,
      password: device.password,
      clientId: "meter",
      clean: true,
      reconnectPeriod: 100,
      connectTimeout: 2000,
    });
    this.#client.on("error", () => undefined);
    for (let i = 0; i < IN_FLIGHT; i++) this.#publishNext();
  }

  /** Publishes no more; resolves when everything published is acknowledged. */
  async finish(): Promise<void> {
    this.#going = false;
    while (this.acknowledged.size < this.indexWh.length) await sleep(20);
    await this.#client.endAsync();
  }

  #publishNext(): void {
    const step = this.indexWh.length;
    this.#wh += 3 + ((step * 7) % 11);
    this.indexWh.push(this.#wh);
    const record = { n: "import", u: "kWh", v: this.#wh / 1000, t: (this.firstMs + step * STEP_MS) / 1000 };
    this.#client.publish("meter", JSON.stringify([record]), { qos: 1 }, (error) => {
      if (!error) this.acknowledged.add(step);
      if (this.#going) setTimeout(() => this.#publishNext(), 20);
    });
  }
}

let services: PrivateServices;
let pool: Pool;
let broker: OwnProcess;
let analytics: OwnProcess;

beforeAll(async () => {
  services = await privateServices();
  pool = openPool(services.databaseUrl, { applicationName: "durability-test", max: 2 });
  const env = {
    ...process.env,
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    MQTT_HOST: "127.0.0.1",
    MQTTS_PORT: "",
    MQTT_WS_PORT: "",
    LOG_LEVEL: "error",
  };
  broker = new OwnProcess("broker/main.ts", env);
  analytics = new OwnProcess("analytics/main.ts", env);
  await Promise.all([broker.start(), analytics.start()]);
});

afterAll(async () => {
  await Promise.all([broker.kill("SIGTERM"), analytics.kill("SIGTERM")]);
  await pool.end();
  await services.stop();
});

test("kill -9 of the broker, of the worker and of PostgreSQL, and an empty Redis, lose and double nothing", async () => {
  const buildingId = await createBuilding(pool);
  const devices = await Promise.all(
    Array.from({ length: DEVICE_COUNT }, () => createDevice(pool, buildingId)),
  );
  const firstMs = Math.floor((systemTime.now() - 40 * 3_600_000) / QUARTER_MS) * QUARTER_MS;
  const meters = devices.map((device) => new Meter(device, broker.mqttPort, firstMs));

  await sleep(2000);
  await broker.kill("SIGKILL");
  await broker.start();
  await sleep(1500);
  await services.flushRedis();
  await sleep(500);
  await services.killPostgres();
  await sleep(1000);
  await services.restartPostgres();
  await sleep(2000);
  await analytics.kill("SIGKILL");
  await services.stopRedis();
  await sleep(1000);
  await broker.kill("SIGKILL");
  await broker.start();
  await services.startRedis();
  await analytics.start();
  await sleep(1500);
  await services.restartPostgres();
  await sleep(1500);
  const finished = Promise.all(meters.map((meter) => meter.finish()));
  await Promise.race([finished, broker.died, analytics.died]);

  for (const meter of meters) {
    expect(meter.indexWh.length).toBeGreaterThan(100);
    expect(await storedReadings(meter)).toEqual(sentReadings(meter));
  }
  for (const meter of meters) await expectProfile(meter);
});

const sentReadings = (meter: Meter): string[] =>
  meter.indexWh.map((wh, step) => `${meter.firstMs + step * STEP_MS} ${wh / 1000}`);

/** Every stored reading of the meter: a doubled one would be there twice. */
async function storedReadings(meter: Meter): Promise<string[]> {
  const span = {
    fromMs: meter.firstMs,
    toMs: meter.firstMs + meter.indexWh.length * STEP_MS,
    limit: 1_000_000,
  };
  const { items } = await listReadings(pool, await registerOf(meter), span);
  return items.map(({ observedAtMs, value }) => `${observedAtMs} ${value}`);
}

async function registerOf(meter: Meter): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(
    "select id from register where device_id = $1 and name = 'import'",
    [meter.device.id],
  );
  expect(rows).toHaveLength(1);
  return rows[0]?.id ?? 0;
}

/** Every quarter-hour between the first and the last reading is the difference of the index at its ends. */
async function expectProfile(meter: Meter): Promise<void> {
  const stepsPerQuarter = QUARTER_MS / STEP_MS;
  const expected: string[] = [];
  for (let step = 0; step + stepsPerQuarter < meter.indexWh.length; step += stepsPerQuarter) {
    const energyWh = (meter.indexWh[step + stepsPerQuarter] ?? 0) - (meter.indexWh[step] ?? 0);
    expected.push(`${meter.firstMs + step * STEP_MS} ${energyWh}`);
  }
  expect(expected.length).toBeGreaterThan(0);
  const registerId = await registerOf(meter);
  const startedMs = performance.now();
  for (;;) {
    const actual = await profileOf(registerId);
    const equal = JSON.stringify(actual) === JSON.stringify(expected);
    if (equal || performance.now() - startedMs > SETTLE_WITHIN_MS) {
      expect(actual).toEqual(expected);
      return;
    }
    await letAMinutePass();
    await sleep(500);
  }
}

async function profileOf(registerId: number): Promise<string[]> {
  const { rows } = await pool.query<{ from_at: Date; energy: number }>(
    `select from_at, energy
     from load_profile_quarters($1, '2000-01-01', '2100-01-01')
     where status > 0
     order by from_at`,
    [registerId],
  );
  return rows.map((row) => `${row.from_at.getTime()} ${row.energy}`);
}

/** The worker rewrites a day once a minute: for the test that minute is over. */
async function letAMinutePass(): Promise<void> {
  await pool.query("update load_profile_day set computed_at = computed_at - interval '1 minute'");
  await pool.query("update journal set not_before = now() where not_before > now()");
}
