// The product on services of its own, every part of which can be killed, frozen and brought back at the same address.
import { join } from "node:path";
import { Redis } from "ioredis";
import { createWaker, type Waker } from "#jobs";
import {
  servicePackages,
  serviceUser,
  startPostgres,
  startValkey,
  throwAwayFolder,
  type Postgres,
  type Report,
  type Valkey,
} from "#services";
import { openPool, type Pool } from "#store";
import { signIn, type ApiClient } from "../portfolio/api-client.ts";
import { startProcess, type OwnProcess } from "../process.ts";
import { startStack } from "../stack.ts";

export type FaultBed = {
  readonly postgres: Postgres;
  readonly valkey: Valkey;
  readonly worker: OwnProcess;
  readonly brokers: readonly [OwnProcess, OwnProcess];
  /** Of the administrator; the API is struck by no fault itself. */
  readonly api: ApiClient;
  /** For the verdict. */
  readonly pool: Pool;
  readonly flushRedis: () => Promise<void>;
  /** Tells the worker to look into its journal, as a commit does. */
  readonly wake: () => void;
  readonly stop: () => Promise<void>;
};

export const portOf = (broker: OwnProcess): number => Number(new URL(broker.ready().mqtt ?? "").port);

/** Always private copies: what is given from outside is not ours to kill. */
export async function startBed(report: Report): Promise<FaultBed> {
  const { folder, discard } = await throwAwayFolder();
  const cleanUp: (() => Promise<void>)[] = [discard];
  const stop = async () => {
    for (const step of cleanUp.splice(0).toReversed()) await step();
  };
  try {
    const packages = await servicePackages(report);
    const user = serviceUser();
    const postgres = await startPostgres({
      packages,
      folder: join(folder, "postgres"),
      user,
      throwAway: true,
    });
    cleanUp.push(postgres.stop);
    const valkey = await startValkey({ packages, folder: join(folder, "valkey"), user, throwAway: true });
    cleanUp.push(valkey.stop);
    const urls = { databaseUrl: postgres.url, redisUrl: valkey.url, dataDir: folder };
    const stack = await startStack({ ...urls, env: { LOG_LEVEL: "warn" } });
    cleanUp.push(() => stack.stop());
    const second = await startSecondBroker(postgres.url, valkey.url);
    cleanUp.push(() => second.kill());
    const api = await signIn(stack.apiUrl, stack.admin.email, stack.admin.password);
    const pool = openPool(postgres.url, { applicationName: "koprogo-faults", max: 2 });
    cleanUp.push(() => pool.end());
    const waker = silentWaker(valkey.url);
    cleanUp.push(waker.close);
    return {
      postgres,
      valkey,
      worker: stack.analytics,
      brokers: [stack.broker, second],
      api,
      pool,
      flushRedis: () => flush(valkey.url),
      wake: waker.wake,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startSecondBroker(databaseUrl: string, redisUrl: string): Promise<OwnProcess> {
  return startProcess({
    name: "second broker",
    entry: "broker/main.ts",
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      MQTT_HOST: "127.0.0.1",
      MQTT_PORT: "0",
      MQTTS_PORT: "",
      MQTT_WS_PORT: "",
      METRICS_PORT: "",
      LOG_LEVEL: "warn",
    },
    pinPorts: { mqtt: "MQTT_PORT" },
  });
}

/** That Redis is away is what is meant here, and nothing to be told. */
function silentWaker(redisUrl: string): Waker {
  return createWaker(redisUrl, { warn: () => undefined });
}

async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 1 });
  redis.on("error", () => undefined);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
