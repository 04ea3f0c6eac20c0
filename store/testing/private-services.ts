// Services that one test owns alone, to kill, freeze, empty and restart.
import { join } from "node:path";
import { migrate } from "../migrate.ts";
import {
  servicePackages,
  serviceUser,
  startPostgres,
  startValkey,
  throwAwayFolder,
  type Postgres,
  type Valkey,
} from "../services/index.ts";
import { withRedis } from "./fresh.ts";

export type PrivateServices = {
  /** A migrated, empty database; the address stays the same through kills and restarts. */
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** `kill -9` of the postmaster; resolves when it and its sessions are gone. */
  readonly killPostgres: () => Promise<void>;
  /** The fast shutdown of a restart by an administrator. */
  readonly stopPostgres: () => Promise<void>;
  /** Starts PostgreSQL, after stopping it if it runs; resolves when it answers. */
  readonly restartPostgres: () => Promise<void>;
  /** Freezes PostgreSQL (SIGSTOP): connections stay open and nothing answers. */
  readonly pausePostgres: () => void;
  readonly resumePostgres: () => void;
  readonly flushRedis: () => Promise<void>;
  readonly stopRedis: () => Promise<void>;
  /** Starts Redis, empty, on the same address. */
  readonly startRedis: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** Always a private copy, whatever `DATABASE_URL` says: a test must not kill a server that others use. */
export async function privateServices(): Promise<PrivateServices> {
  const { folder, discard } = await throwAwayFolder();
  const packages = await servicePackages(() => undefined);
  const user = serviceUser();
  const postgres = await startPostgres({ packages, folder: join(folder, "postgres"), user, throwAway: true });
  const valkey = await startValkey({ packages, folder: join(folder, "valkey"), user, throwAway: true });
  await migrate(postgres.url);
  return controls(postgres, valkey, discard);
}

function controls(postgres: Postgres, valkey: Valkey, discard: () => Promise<void>): PrivateServices {
  return {
    databaseUrl: postgres.url,
    redisUrl: valkey.url,
    killPostgres: postgres.kill,
    stopPostgres: postgres.stop,
    restartPostgres: async () => {
      await postgres.stop();
      await postgres.start();
    },
    pausePostgres: postgres.pause,
    resumePostgres: postgres.resume,
    flushRedis: () => withRedis(valkey.url, async (redis) => void (await redis.flushall())),
    stopRedis: valkey.stop,
    startRedis: async () => {
      if (!valkey.running()) await valkey.start();
    },
    stop: async () => {
      await Promise.all([postgres.stop(), valkey.stop()]);
      await discard();
    },
  };
}
