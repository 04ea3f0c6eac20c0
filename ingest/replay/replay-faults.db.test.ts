// Quarantine read again while PostgreSQL is killed, frozen and restarted, and its reader too: all of it, once.
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createReplayer, type Replayer } from "#ingest";
import { openPool, requestReplay, type Pool } from "#store";
import { privateServices, seedDevice, type PrivateServices } from "#testing";
import { jsonDecoder } from "../test-decoder.ts";

const NOW = Date.UTC(2026, 0, 15, 12);
const MESSAGES = 3000;
/** Every so many messages one is refused again. */
const REFUSED_EVERY = 50;

let services: PrivateServices;
let pool: Pool;
let replayers: Replayer[] = [];
beforeAll(async () => {
  services = await privateServices();
  pool = openPool(services.databaseUrl, { applicationName: "replay-faults-test" });
});
afterAll(async () => {
  await Promise.all(replayers.map((replayer) => replayer.close()));
  await pool.end();
  await services.stop();
});

function start(): Replayer {
  const replayer = createReplayer({
    pool,
    time: { now: () => NOW },
    log: pino({ level: "silent" }),
    decoderOf: () => jsonDecoder,
    lookEveryMs: 100,
    leaseS: 3,
  });
  replayer.start();
  return replayer;
}

async function settled(): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    "select count(*)::integer as count from quarantine where attempts > 0 and replay_requested_at is null",
  );
  return rows[0]?.count ?? 0;
}

test("through kills and a freeze of PostgreSQL, and a reader that gives up, each message is settled and there once", async () => {
  const { context } = await seedDevice(pool);
  await pool.query(
    `insert into quarantine (device_id, received_at, client_id, topic, payload, retained, profile, reason, detail)
     select $1, $2, 'meter', 't',
       convert_to(case when n % $4 = 0 then '?' || n else format('[{"value":"%s","atMs":%s}]', n, $5::bigint + n) end, 'UTF8'),
       false, 'senml', 'reading_malformed', 'as it was then'
     from generate_series(1, $3::integer) n`,
    [context.id, new Date(NOW), MESSAGES, REFUSED_EVERY, NOW],
  );
  expect(await requestReplay(pool, { deviceId: context.id })).toBe(MESSAGES);
  replayers = [start(), start()];
  const faults = [services.killPostgres, async () => services.pausePostgres(), services.stopPostgres];
  for (const [n, fault] of faults.entries()) {
    await expect.poll(settled, { timeout: 30_000, interval: 5 }).toBeGreaterThan(300 + 700 * n);
    await fault();
    await sleep(100);
    // Whoever is closed meanwhile leaves what he had in hand to the others.
    const closing = replayers.shift()?.close();
    services.resumePostgres();
    await services.restartPostgres();
    await closing;
    replayers.push(start());
  }
  await expect.poll(settled, { timeout: 60_000 }).toBe(MESSAGES);
  const { rows: readings } = await pool.query<{ n: number }>(
    `select ((extract(epoch from observed_at) * 1000)::bigint - $1)::integer as n from reading order by n`,
    [NOW],
  );
  const wanted = Array.from({ length: MESSAGES }, (_, i) => i + 1);
  expect(readings.map(({ n }) => n)).toEqual(wanted.filter((n) => n % REFUSED_EVERY !== 0));
  const { rows: held } = await pool.query<{ replayed: boolean; count: number }>(
    `select replayed_at is not null as replayed, count(*)::integer as count
     from quarantine group by 1 order by 1`,
  );
  expect(held).toEqual([
    { replayed: false, count: MESSAGES / REFUSED_EVERY },
    { replayed: true, count: MESSAGES - MESSAGES / REFUSED_EVERY },
  ]);
});
