// I1 on a database whose disk is full: acknowledging stops, and of what was acknowledged nothing is missing afterwards.
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { servicePackages, serviceUser, startPostgres, throwAwayFolder } from "#services";
import { migrate, openPool, type Pool } from "#store";
import { seedDevice } from "#testing";
import { startProcess } from "../process.ts";
import { createRandom } from "../world/random.ts";
import { createFaultyDevice, type FaultyDevice } from "./faulty-device.ts";
import { createStory, storyStartMs } from "./known-messages.ts";
import { openSmallDisk, whyNoSmallDisk } from "./test-small-disk.ts";
import { storedInDatabase } from "./test-stored.ts";
import { judgeDevice } from "./verdict.ts";

const MIB = 1024 * 1024;
const why = await whyNoSmallDisk();
if (why !== undefined) process.stderr.write(`skipped: a full disk under the database; ${why}\n`);

const GENTLE = { cut: 0, slow: 0, repeat: 0.1, unacknowledged: 0, shuffledWithin: 5, listens: false };
/** Of a disk that is full the acknowledgements must not come back by themselves. */
const SILENT_MS = 4000;
const TEST_WITHIN_MS = 400_000;
const WITHIN = { timeout: 60_000, interval: 50 };

const cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).toReversed()) await step();
});

/** A database of which one folder is on a small disk, and a broker on it. */
async function openSite(folderOnDisk: string) {
  const { folder, discard } = await throwAwayFolder();
  cleanUp.push(discard);
  const packages = await servicePackages(() => undefined);
  const options = { packages, folder: join(folder, "postgres"), user: serviceUser(), throwAway: true };
  const first = await startPostgres(options);
  await migrate(first.url);
  await first.stop();
  const disk = await openSmallDisk(join(folder, "postgres/data", folderOnDisk), 400 * MIB);
  cleanUp.push(disk.close);
  const postgres = await startPostgres({ ...options, launcher: disk.launcher });
  cleanUp.push(postgres.stop);
  const pool = openPool(postgres.url, { applicationName: "disk-full-test", max: 2 });
  cleanUp.push(() => pool.end());
  const broker = await startProcess({
    name: "broker",
    entry: "broker/main.ts",
    env: {
      ...process.env,
      DATABASE_URL: postgres.url,
      REDIS_URL: "",
      MQTT_HOST: "127.0.0.1",
      MQTT_PORT: "0",
      MQTTS_PORT: "",
      MQTT_WS_PORT: "",
      METRICS_PORT: "",
      LOG_LEVEL: "error",
    },
  });
  cleanUp.push(() => broker.kill());
  return { disk, postgres, pool, port: Number(new URL(broker.ready().mqtt ?? "").port) };
}

async function startDevice(pool: Pool, port: number): Promise<FaultyDevice> {
  const secret = randomBytes(16).toString("base64url");
  const secretHash = createHash("sha256").update(secret).digest();
  const { context } = await seedDevice(pool, { secretHash });
  const firstMs = storyStartMs(systemTime.now());
  const device = createFaultyDevice({
    access: { id: String(context.id), secret },
    story: createStory({ seed: 1, device: "meter", firstMs, shuffledWithin: GENTLE.shuffledWithin }),
    manners: GENTLE,
    random: createRandom(1),
    port: () => port,
  });
  cleanUp.push(() => device.close());
  return device;
}

/** The log in front of the data is written in files of 16 MiB: each switch needs another one. */
async function useUpLog(pool: Pool): Promise<void> {
  for (let count = 0; count < 50; count++) {
    const refused = await pool.query("select pg_switch_wal()").then(
      () => false,
      () => true,
    );
    if (refused) return;
    await sleep(20);
  }
  throw new Error("the write-ahead log still finds room");
}

/** Resolves when messages wait and none was acknowledged for a while. */
async function acknowledgingStops(device: FaultyDevice): Promise<void> {
  let before = -1;
  const startedMs = performance.now();
  while (before !== device.acknowledged.size || device.published.size === device.acknowledged.size) {
    if (performance.now() - startedMs > WITHIN.timeout) {
      throw new Error(`it goes on: ${device.acknowledged.size} of ${device.published.size} acknowledged`);
    }
    before = device.acknowledged.size;
    await sleep(SILENT_MS);
  }
}

test.skipIf(why !== undefined).each([
  { folderOnDisk: "base", holds: "the tables" },
  { folderOnDisk: "pg_wal", holds: "the write-ahead log" },
])(
  "a full disk under $holds stops the acknowledgements, and loses none",
  { timeout: TEST_WITHIN_MS },
  async ({ folderOnDisk }) => {
    const { disk, postgres, pool, port } = await openSite(folderOnDisk);
    const device = await startDevice(pool, port);
    await expect.poll(() => device.acknowledged.size, WITHIN).toBeGreaterThan(50);
    await disk.fill();
    if (folderOnDisk === "pg_wal") await useUpLog(pool);
    await acknowledgingStops(device);
    const acknowledgedBefore = device.acknowledged.size;

    await disk.empty();
    // Without room for its log the server gives up; whoever supervises it starts it again.
    await postgres.ping().catch(async () => {
      await postgres.stop();
      await postgres.start();
    });
    await expect.poll(() => device.acknowledged.size, WITHIN).toBeGreaterThan(acknowledgedBefore + 50);
    device.stopTelling();
    await expect.poll(() => device.settled(), WITHIN).toBe(true);
    expect(device.acknowledged.size).toBe(device.published.size);
    expect(judgeDevice(device, await storedInDatabase(pool, device.id)).violations).toEqual([]);
  },
);
