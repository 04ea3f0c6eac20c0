// A database and a Redis of one's own for a test file, in milliseconds.
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { inject } from "vitest";
import { serviceUser, servicePackages, startValkey, throwAwayFolder } from "../services/index.ts";
import { databaseUrl, runSql } from "./test-services.ts";

export type FreshDatabase = { readonly url: string; readonly drop: () => Promise<void> };
export type FreshRedis = {
  readonly url: string;
  readonly flush: () => Promise<void>;
  /** Optional: it ends with the test's process anyway. */
  readonly stop: () => Promise<void>;
};

const CLONE_ATTEMPTS = 50;
const GIVEN_REDIS_DATABASES = 16;
const CLAIM_S = 3600;

/** A migrated, empty database, cloned from the run's template. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const { adminUrl, template } = services();
  const name = `${template}_${randomBytes(6).toString("hex")}`;
  await clone(adminUrl, template, name);
  return {
    url: databaseUrl(adminUrl, name),
    drop: () => runSql(adminUrl, [`drop database if exists ${name} with (force)`]),
  };
}

/**
 * An empty Redis: an instance of its own, so that pub/sub and `flushall` reach nobody else. With `REDIS_URL` given
 * it is an empty, claimed database number of that server.
 */
export async function freshRedis(): Promise<FreshRedis> {
  const { givenRedisUrl } = services();
  return givenRedisUrl === undefined ? ownRedis() : claimedRedis(givenRedisUrl);
}

async function ownRedis(): Promise<FreshRedis> {
  const { folder, discard } = await throwAwayFolder();
  const packages = await servicePackages(() => undefined);
  const valkey = await startValkey({
    packages,
    folder: join(folder, "valkey"),
    user: serviceUser(),
    throwAway: true,
  });
  return {
    url: valkey.url,
    flush: () => withRedis(valkey.url, async (redis) => void (await redis.flushall())),
    stop: async () => {
      await valkey.stop();
      await discard();
    },
  };
}

async function claimedRedis(givenUrl: string): Promise<FreshRedis> {
  for (let number = 1; number < GIVEN_REDIS_DATABASES; number += 1) {
    const url = databaseUrl(givenUrl, String(number));
    const claim = async (redis: Redis): Promise<boolean> =>
      (await redis.dbsize()) === 0 && (await redis.set("koprogo:claimed", "1", "EX", CLAIM_S, "NX")) === "OK";
    if (!(await withRedis(url, claim))) continue;
    return {
      url,
      flush: () =>
        withRedis(url, async (redis) => {
          await redis.multi().flushdb().set("koprogo:claimed", "1", "EX", CLAIM_S).exec();
        }),
      stop: () => withRedis(url, async (redis) => void (await redis.flushdb())),
    };
  }
  throw new Error("REDIS_URL has no empty database number left for this test");
}

export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Cloning is refused while anything looks at the template (55006), such as another clone in some versions. */
async function clone(adminUrl: string, template: string, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await runSql(adminUrl, [`create database ${name} template ${template}`]);
      return;
    } catch (error) {
      const busy = error instanceof Error && "code" in error && error.code === "55006";
      if (!busy || attempt >= CLONE_ATTEMPTS) throw error;
      await sleep(100);
    }
  }
}

function services(): ReturnType<typeof inject<"koprogoServices">> {
  const provided = inject("koprogoServices");
  if (provided === undefined)
    throw new Error("this vitest project does not name store/testing/global-setup.ts");
  return provided;
}
