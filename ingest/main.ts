// The process that consumes an external MQTT broker, in the place of our own: until SIGTERM or SIGINT.
import { randomBytes, randomInt } from "node:crypto";
import { pino } from "pino";
import { Registry } from "prom-client";
import { readConfig } from "#config";
import { KoproError } from "#devices/error";
import { systemTime } from "#devices/time";
import { createWaker } from "#jobs";
import { openMetrics, openPool, openSecretBox, requireDurableStore, postgresStore } from "#store";
import { runConnectors } from "./connectors/connectors.ts";
import { createIngest } from "./ingest.ts";
import { createLiveTap } from "./live-tap.ts";
import { showConnectors, showIngest, showLiveTap, showUpstream } from "./show-ingest.ts";
import { consumeUpstream } from "./upstream/consume-upstream.ts";

const POOL_MAX = 18;
/** The supervisor's patience is a little longer. */
const STOP_WITHIN_MS = 5000;
const COMMIT_WITHIN_MS = 3000;
const RANDOM_STEPS = 2 ** 32;

async function main(): Promise<void> {
  const config = readConfig(process.env, ["DATABASE_URL", "MQTT_UPSTREAM_URL"]);
  if (process.argv.includes("--validate")) return;

  // Names this run: in its log lines and in the trace ids of its messages.
  const instance = randomBytes(3).toString("hex");
  const log = pino({ level: config.LOG_LEVEL, name: "ingest" }).child({ instance });
  const pool = openPool(config.DATABASE_URL, { applicationName: "koprogo-ingest", max: POOL_MAX });
  await requireDurableStore(pool);
  const tap = createLiveTap(config.REDIS_URL, log);
  const waker = createWaker(config.REDIS_URL, log);
  const ingest = createIngest({
    store: postgresStore(pool),
    time: systemTime,
    log,
    instance,
    live: tap.publish,
    wake: waker.wake,
  });
  const random = (): number => randomInt(RANDOM_STEPS) / RANDOM_STEPS;
  const upstream = consumeUpstream({
    pool,
    url: config.MQTT_UPSTREAM_URL,
    group: config.MQTT_UPSTREAM_GROUP,
    time: systemTime,
    log,
    random,
    ingest,
    instance,
  });
  const secrets = openSecretBox({
    secretKey: config.KOPROGO_SECRET_KEY,
    dataFolder: config.KOPROGO_DATA_DIR,
    log,
  });
  const allowPrivate = config.KOPROGO_CONNECTOR_PRIVATE;
  const connectors =
    secrets &&
    runConnectors({ pool, ingest, secrets, allowPrivate, time: systemTime, log, random, instance });
  const registry = new Registry();
  showIngest(registry, ingest);
  showLiveTap(registry, tap);
  showUpstream(registry, upstream);
  if (connectors) showConnectors(registry, connectors);
  const metrics = await openMetrics({ config, registry, log });

  const giveUp = (): void => {
    log.warn("stopped before everything was closed; what was not committed was not acknowledged either");
    process.exit(1);
  };
  let stopping: Promise<void> | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopping ??= (async () => {
      log.info({ signal }, "stopping");
      setTimeout(giveUp, STOP_WITHIN_MS).unref();
      await metrics?.close();
      upstream.stopTaking();
      connectors?.stopTaking();
      await ingest.close(COMMIT_WITHIN_MS);
      await Promise.all([upstream.close(), connectors?.close()]);
      await waker.close();
      tap.close();
      await pool.end();
      log.info("stopped");
      process.exit(0);
    })();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  // One consumer fewer, for good: `stop` alone leaves a session that the broker goes on filling.
  process.once("SIGUSR2", (signal) => {
    log.info("leaving the group: what the broker has kept for this consumer is committed first");
    void upstream.retire().then(() => stop(signal));
  });
  // Whoever supervises it over IPC is gone: it does not stay behind.
  process.once("disconnect", () => stop("SIGHUP"));
  const clientId = await upstream.ready;
  const told = { clientId, ...(metrics && { metrics: metrics.url }) };
  log.info(told, "ready");
  process.send?.({ ready: true, ...told });
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof KoproError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`ingest: ${text}\n`);
  process.exit(1);
}
