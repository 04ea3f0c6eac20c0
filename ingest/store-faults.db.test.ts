// PostgreSQL killed, restarted, frozen in the middle of a load: what was acknowledged is there, exactly once.
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createIngest, type Ingest, type IngestMessage } from "#ingest";
import { openPool, type DeviceContext, type Pool, postgresStore } from "#store";
import { privateServices, seedDevice, type PrivateServices } from "#testing";
import { jsonDecoder, written } from "./test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const IN_FLIGHT_MAX = 300;
/** Every so many messages one cannot be read and goes to quarantine. */
const MALFORMED_EVERY = 50;

let services: PrivateServices;
let pool: Pool;
beforeAll(async () => {
  services = await privateServices();
  pool = openPool(services.databaseUrl, { applicationName: "store-faults-test" });
});
afterAll(async () => {
  await pool.end();
  await services.stop();
});

function nthMessage(devices: readonly DeviceContext[], n: number): IngestMessage {
  const device = devices[n % devices.length];
  if (device === undefined) throw new Error("there is no device");
  const malformed = n % MALFORMED_EVERY === 0;
  return {
    device,
    clientId: `meter-${device.id}`,
    topic: "telegram",
    payload: malformed ? Buffer.from(`not readable ${n}`) : written({ value: `${n}`, atMs: NOW + n }),
    qos: 1,
    retained: false,
    receivedAtMs: NOW,
  };
}

/** Publishes until told to stop; resolves once each message is in `done`. */
async function load(
  ingest: Ingest,
  devices: readonly DeviceContext[],
  done: number[],
  stopped: () => boolean,
): Promise<void> {
  let sent = 0;
  while (!stopped()) {
    while (sent - done.length < IN_FLIGHT_MAX) {
      const n = sent++;
      ingest.accept(nthMessage(devices, n), () => done.push(n));
    }
    await sleep(2);
  }
  await expect.poll(() => done.length, { timeout: 30_000 }).toBe(sent);
}

test("through a kill, a restart and a freeze of PostgreSQL every message is stored once, and done once", async () => {
  const devices: DeviceContext[] = [];
  for (let i = 0; i < 10; i++) devices.push((await seedDevice(pool)).context);
  const ingest = createIngest({
    store: postgresStore(pool),
    time: { now: () => NOW },
    log: pino({ level: "silent" }),
    decoderOf: () => jsonDecoder,
  });
  let stopped = false;
  const done: number[] = [];
  const loading = load(ingest, devices, done, () => stopped);
  const more = (count: number) => {
    const wanted = done.length + count;
    return expect.poll(() => done.length, { timeout: 30_000, interval: 5 }).toBeGreaterThan(wanted);
  };
  for (const fault of [
    services.killPostgres,
    services.stopPostgres,
    async () => services.pausePostgres(),
    services.killPostgres,
  ]) {
    await more(500);
    await fault();
    await sleep(300);
    services.resumePostgres();
    await services.restartPostgres();
  }
  await more(500);
  stopped = true;
  await loading;
  await ingest.close();
  expect(new Set(done).size).toBe(done.length);
  expect(ingest.metrics.retries).toBeGreaterThan(0);

  const { rows: stored } = await pool.query<{ at: string }>(
    "select (extract(epoch from observed_at) * 1000)::bigint as at from reading",
  );
  const { rows: held } = await pool.query<{ payload: Buffer }>("select payload from quarantine");
  const found = [
    ...stored.map(({ at }) => Number(at) - NOW),
    ...held.map(({ payload }) => Number(payload.toString().split(" ")[2])),
  ];
  expect(found.sort((a, b) => a - b)).toEqual(done.toSorted((a, b) => a - b));
});
