// The broker's process: MQTT in, ingest beside it, until SIGTERM or SIGINT.
import { randomBytes, randomInt } from "node:crypto";
import { pino } from "pino";
import { Registry } from "prom-client";
import { readConfig } from "#config";
import { KoproError } from "#devices/error";
import { systemTime } from "#devices/time";
import { createIngest, createLiveTap, runConnectors, showConnectors, showIngest, showLiveTap } from "#ingest";
import { createWaker } from "#jobs";
import { openMetrics, openPool, openSecretBox, postgresStore } from "#store";
import { createBroker } from "./create-broker.ts";

const POOL_MAX = 18;
/** The supervisor's patience is a little longer. */
const STOP_WITHIN_MS = 5000;
/** After the two seconds that the broker itself waits for answers. */
const COMMIT_WITHIN_MS = 1500;
const RANDOM_STEPS = 2 ** 32;

async function main(): Promise<void> {
  const config = readConfig(process.env, ["DATABASE_URL"]);
  if (process.argv.includes("--validate")) return;

  // Names this run: in its log lines and in the trace ids of its messages.
  const instance = randomBytes(3).toString("hex");
  const log = pino({ level: config.LOG_LEVEL, name: "broker" }).child({ instance });
  const pool = openPool(config.DATABASE_URL, { applicationName: "koprogo-broker", max: POOL_MAX });
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
  const registry = new Registry();
  showIngest(registry, ingest);
  showLiveTap(registry, tap);
  const metrics = await openMetrics({ config, registry, log });
  const secrets = openSecretBox({
    secretKey: config.KOPROGO_SECRET_KEY,
    dataFolder: config.KOPROGO_DATA_DIR,
    log,
  });
  const connectors =
    secrets &&
    runConnectors({
      pool,
      ingest,
      secrets,
      allowPrivate: config.KOPROGO_CONNECTOR_PRIVATE,
      time: systemTime,
      log,
      random: () => randomInt(RANDOM_STEPS) / RANDOM_STEPS,
      instance,
    });
  if (connectors) showConnectors(registry, connectors);
  const stopServices = async (): Promise<void> => {
    await metrics?.close();
    connectors?.stopTaking();
    await ingest.close(COMMIT_WITHIN_MS);
    await connectors?.close();
    await waker.close();
    tap.close();
    await pool.end();
  };
  const broker = await createBroker({
    pool,
    config,
    time: systemTime,
    log,
    ingest,
    limits: {
      deviceRateMax: config.MQTT_DEVICE_RATE_MAX,
      buildingRateMax: config.MQTT_BUILDING_RATE_MAX,
    },
    registry,
    instance,
    redisUrl: config.REDIS_URL,
  }).catch(async (error: unknown) => {
    await stopServices();
    throw error;
  });

  const giveUp = (): void => {
    log.warn("stopped before everything was closed; what was not committed was not acknowledged either");
    process.exit(1);
  };
  let stopping: Promise<void> | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopping ??= (async () => {
      log.info({ signal }, "stopping");
      setTimeout(giveUp, STOP_WITHIN_MS).unref();
      await broker.close();
      await stopServices();
      log.info("stopped");
      process.exit(0);
    })();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  process.on("SIGHUP", () => broker.reloadCertificate());
  // Whoever supervises it over IPC is gone: it does not stay behind.
  process.once("disconnect", () => stop("SIGHUP"));
  const addresses = { ...broker.urls, ...(metrics && { metrics: metrics.url }) };
  log.info(addresses, "ready");
  process.send?.({ ready: true, ...addresses });
}

try {
  await main();
} catch (error) {
  const text =
    error instanceof KoproError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`broker: ${text}\n`);
  process.exit(1);
}
