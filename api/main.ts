// The API's process: HTTP and the dashboard, until SIGTERM or SIGINT.
import { pino } from "pino";
import { readConfig } from "#config";
import { KoproError } from "#devices/error";
import { systemTime } from "#devices/time";
import {
  createFirstAdministrator,
  openMetrics,
  openPool,
  openSecretBox,
  storeFault,
  type Pool,
} from "#store";
import { hashPassword } from "./password.ts";
import { createApi } from "./server.ts";

const POOL_MAX = 10;
/** What is still under way then is cut: the supervisor's patience is five seconds. */
const STOP_WITHIN_MS = 4500;

async function main(): Promise<void> {
  const config = readConfig(process.env, ["DATABASE_URL"]);
  if (process.argv.includes("--validate")) return;

  const log = pino({ level: config.LOG_LEVEL, name: "api" });
  const pool = openPool(config.DATABASE_URL, { applicationName: "koprogo-api", max: POOL_MAX });
  await greetAdministrator(pool, config, log);
  const connectors = {
    secrets: openSecretBox({
      secretKey: config.KOPROGO_SECRET_KEY,
      dataFolder: config.KOPROGO_DATA_DIR,
      log,
    }),
    allowPrivate: config.KOPROGO_CONNECTOR_PRIVATE,
  };
  const api = await createApi({
    pool,
    redisUrl: config.REDIS_URL,
    config,
    time: systemTime,
    log,
    connectors,
  });

  // Beside /metrics, which answers this machine and administrators: Prometheus in a container is neither.
  const metrics = await openMetrics({ config, registry: api.registry, log });

  let stopping: Promise<void> | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    stopping ??= (async () => {
      log.info({ signal }, "stopping");
      setTimeout(() => process.exit(0), STOP_WITHIN_MS).unref();
      await metrics?.close();
      await api.close();
      await pool.end();
      log.info("stopped");
      process.exit(0);
    })();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);

  const http = await api.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  const addresses = { http, ...(metrics && { metrics: metrics.url }) };
  log.info(addresses, "ready");
  process.send?.({ ready: true, ...addresses });
}

/** An empty database gets the administrator that the environment names; one that has any keeps them. */
async function greetAdministrator(
  pool: Pool,
  config: { KOPROGO_ADMIN_EMAIL?: string; KOPROGO_ADMIN_PASSWORD?: string },
  log: pino.Logger,
): Promise<void> {
  const { KOPROGO_ADMIN_EMAIL: email, KOPROGO_ADMIN_PASSWORD: password } = config;
  if (email === undefined || password === undefined) return;
  const created = await createFirstAdministrator(pool, { email, passwordHash: () => hashPassword(password) });
  if (created) log.info({ email }, "created the first administrator");
}

try {
  await main();
} catch (error) {
  const known = error instanceof KoproError ? error : storeFault(error);
  process.stderr.write(`api: ${known?.message ?? String(error instanceof Error ? error.stack : error)}\n`);
  process.exit(1);
}
