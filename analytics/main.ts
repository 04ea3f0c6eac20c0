// The analytics process: from raw readings to load profiles, woken through Redis, until SIGTERM or SIGINT.
import { pino } from "pino";
import { Registry } from "prom-client";
import { readConfig } from "#config";
import { KoproError } from "#devices/error";
import { systemTime } from "#devices/time";
import { openMetrics, openPool, postgresStore } from "#store";
import { advanceTenders } from "./tender-desk/advance-tenders.ts";
import { createPolicies } from "./worker/apply-policies.ts";
import { createEstimator } from "./worker/estimate-due.ts";
import { createDrain } from "./worker/drain-journal.ts";
import { createWorkerMetrics } from "./worker/metrics.ts";
import { showWorker } from "./worker/show-worker.ts";
import { startWorker } from "./worker/start-worker.ts";

/** One transaction at a time, and a spare for the moment a broken connection is replaced. */
const POOL_MAX = 2;
/** A batch that has not finished by then is rolled back, and computed at the next start. */
const STOP_WITHIN_MS = 4500;

async function main(): Promise<void> {
  const config = readConfig(process.env, ["DATABASE_URL", "REDIS_URL"]);
  if (process.argv.includes("--validate")) return;

  const log = pino({ level: config.LOG_LEVEL, name: "analytics" });
  const pool = openPool(config.DATABASE_URL, { applicationName: "koprogo-analytics", max: POOL_MAX });
  const store = postgresStore(pool);
  const counts = createWorkerMetrics();
  const drain = createDrain({ store, time: systemTime, log, metrics: counts });
  const worker = startWorker({
    redisUrl: config.REDIS_URL,
    drain,
    advanceTenders: () => advanceTenders({ pool, time: systemTime }),
    applyPolicies: createPolicies({ pool, time: systemTime, log, metrics: counts }),
    estimate: createEstimator({ store, time: systemTime, log }),
    log,
    metrics: counts,
  });
  const registry = new Registry();
  showWorker(registry, { metrics: counts, worker, pool });
  const metrics = await openMetrics({ config, registry, log });

  let stopping: Promise<void> | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopping ??= (async () => {
      log.info({ signal }, "stopping");
      setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
      await metrics?.close();
      await worker.close();
      await pool.end();
      log.info("stopped");
      process.exit(0);
    })();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  const addresses = metrics === undefined ? {} : { metrics: metrics.url };
  log.info(addresses, "ready");
  process.send?.({ ready: true, ...addresses });
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof KoproError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`analytics: ${text}\n`);
  process.exit(1);
}
