// I1 and I2 while the clock of a broker steps hours back and forth under load: nothing is lost, doubled or stuck.
import { createHash, randomBytes } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createBroker, type Broker } from "#broker";
import { DAY_MS, HOUR_MS, systemTime } from "#devices/time";
import { createIngest, type Ingest } from "#ingest";
import { openPool, type Pool, postgresStore } from "#store";
import { freshDatabase, seedDevice, type FreshDatabase } from "#testing";
import { createRandom, derive } from "../world/random.ts";
import { createFaultyDevice, type FaultyDevice } from "./faulty-device.ts";
import { createStory, storyStartMs } from "./known-messages.ts";
import { storedInDatabase } from "./test-stored.ts";
import { judgeDevice } from "./verdict.ts";

const SEEDS = [1, 2, 3, 4];
const STEPS = 8;
/** Acknowledgements to each device between two steps. */
const STEP_EVERY = 15;
/** Readings would be of the future otherwise, and rightly refused. */
const BACK_MAX_MS = 10 * HOUR_MS;
const AHEAD_MAX_MS = 2 * DAY_MS;
const MANNERS = { cut: 0.005, slow: 0, repeat: 0.1, unacknowledged: 0.05, shuffledWithin: 10, listens: true };
const WITHIN = { timeout: 30_000, interval: 20 };

let database: FreshDatabase;
let pool: Pool;
let ingest: Ingest;
let broker: Broker;
let offsetMs = 0;
const stepping = { now: () => systemTime.now() + offsetMs };

beforeAll(async () => {
  database = await freshDatabase();
  pool = openPool(database.url, { applicationName: "clock-steps-test", max: 6 });
  const log = pino({ level: "silent" });
  ingest = createIngest({ store: postgresStore(pool), time: stepping, log });
  const config = { MQTT_HOST: "127.0.0.1", MQTT_PORT: 0 };
  broker = await createBroker({ pool, time: stepping, log, ingest, config });
});
afterAll(async () => {
  await broker?.close();
  await ingest?.close();
  await pool?.end();
  await database?.drop();
});

test.each(SEEDS)("steps of the clock, seed %i, lose, double and hold up nothing", async (seed) => {
  offsetMs = 0;
  const random = createRandom(derive(seed, "clock"));
  const devices = await Promise.all([0, 1].map((nth) => startDevice(seed, nth)));
  try {
    for (let step = 0; step < STEPS; step++) {
      await someMore(devices);
      offsetMs = random.below(2) === 0 ? -random.below(BACK_MAX_MS) : random.below(AHEAD_MAX_MS);
    }
    await someMore(devices);
    for (const device of devices) device.stopTelling();
    await expect.poll(() => devices.map((device) => device.settled()), WITHIN).toEqual([true, true]);
  } finally {
    for (const device of devices) device.close();
  }
  for (const device of devices) {
    expect(device.acknowledged.size).toBe(device.published.size);
    expect(judgeDevice(device, await storedInDatabase(pool, device.id)).violations).toEqual([]);
  }
});

async function someMore(devices: readonly FaultyDevice[]): Promise<void> {
  const enough = devices.map(({ acknowledged }) => acknowledged.size + STEP_EVERY);
  const has = () => devices.every(({ acknowledged }, nth) => acknowledged.size >= (enough[nth] ?? 0));
  await expect.poll(has, WITHIN).toBe(true);
}

async function startDevice(seed: number, nth: number): Promise<FaultyDevice> {
  const secret = randomBytes(16).toString("base64url");
  const secretHash = createHash("sha256").update(secret).digest();
  const { context } = await seedDevice(pool, { secretHash });
  const firstMs = storyStartMs(systemTime.now());
  const { shuffledWithin } = MANNERS;
  return createFaultyDevice({
    access: { id: String(context.id), secret },
    story: createStory({ seed, device: `meter ${nth}`, firstMs, shuffledWithin }),
    manners: MANNERS,
    random: createRandom(derive(seed, nth)),
    port: () => Number(new URL(broker.urls.mqtt).port),
  });
}
