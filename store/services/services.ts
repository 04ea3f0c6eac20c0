// Finds or makes the PostgreSQL and the Redis that everything runs on.
//
//   DATABASE_URL / REDIS_URL given ──▶ checked and used
//   Debian's packages can be had  ──▶ a private copy below the data folder, on 127.0.0.1
//   neither                       ──▶ one sentence that says what to do
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { KoproError } from "#devices/error";
import { installPackages, type Packages } from "./debian-packages.ts";
import { checkDatabase, checkRedis, pingDatabase, pingRedis } from "./health.ts";
import { tryLock } from "./lock.ts";
import { whyNoPackages, type Report } from "./private-apt.ts";
import { startPostgres, type Postgres } from "./postgres.ts";
import { keepRunning, type Startable } from "./restartable.ts";
import { makeOpenFolder, reachableFolder, serviceUser } from "./unprivileged.ts";
import { startValkey, type Valkey } from "./valkey.ts";

export type ServiceUrls = { readonly databaseUrl: string; readonly redisUrl: string };
export type Given = { readonly databaseUrl?: string | undefined; readonly redisUrl?: string | undefined };

export type Services = ServiceUrls & {
  /** Stops what was started here, Redis first: nothing that PostgreSQL has acknowledged waits on it. */
  readonly stop: () => Promise<void>;
};

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
const PACKAGES = ["postgresql-17-timescaledb", "valkey-server", "tzdata"];
const ZONES = "/usr/share/zoneinfo/UTC";
const WATCH_EVERY_MS = 5000;

/** Downloads are shared by all data folders of one clone. */
export function cacheFolder(): string {
  return join(PROJECT, ".koprogo/cache");
}

/** The packages of PostgreSQL with TimescaleDB and Valkey, installed if they were not. */
export async function servicePackages(report: Report): Promise<Packages> {
  const why = whyNoPackages() ?? whyNoZones();
  if (why !== undefined) {
    throw new KoproError(
      "dependency_missing",
      `There is no PostgreSQL and Redis to use, and no private copy can be made because ${why}: ` +
        `set DATABASE_URL (PostgreSQL with TimescaleDB) and REDIS_URL, or run "docker compose up".`,
    );
  }
  return installPackages(PACKAGES, { cacheFolder: reachableFolder(cacheFolder(), serviceUser()), report });
}

/**
 * The services for `dataFolder`: those given, private ones for the rest. They are watched: a private one that dies
 * is started again, one given that stops answering is named, both in words to `report`.
 * @throws KoproError `dependency_missing`, one sentence for the person at the terminal.
 */
export async function startServices(options: {
  given: Given;
  dataFolder: string;
  report: Report;
}): Promise<Services> {
  const { given, report } = options;
  await checkGiven(given);
  const own = await startPrivate(options, false);
  const watch = new AbortController();
  const watching = [
    ...own.started.map((service) => keepRunning(service, report, watch.signal)),
    watchPing("PostgreSQL", () => pingDatabase(own.databaseUrl), report, watch.signal),
    watchPing("Redis", () => pingRedis(own.redisUrl), report, watch.signal),
  ];
  return {
    databaseUrl: own.databaseUrl,
    redisUrl: own.redisUrl,
    stop: async () => {
      watch.abort();
      await Promise.all(watching);
      await own.stop();
    },
  };
}

/** @throws KoproError `dependency_missing` naming each of the given services that will not do. */
async function checkGiven(given: Given): Promise<void> {
  const checks = await Promise.allSettled([
    given.databaseUrl === undefined ? undefined : checkDatabase(given.databaseUrl),
    given.redisUrl === undefined ? undefined : checkRedis(given.redisUrl),
  ]);
  const failures = checks.flatMap((check) =>
    check.status === "rejected" ? [String(check.reason.message)] : [],
  );
  if (failures.length > 0) throw new KoproError("dependency_missing", failures.join("\n"));
}

/** Private services in a folder of their own that is deleted at the end; nobody restarts them. */
export type ThrowAway = Services & { readonly folder: string };

/**
 * Services for a test, a simulation or a benchmark: those given, else private ones whose data is deleted by `stop`.
 * When this process dies without it, the kernel ends them, and the next run deletes what is left.
 */
export async function startThrowAwayServices(options: { given?: Given; report: Report }): Promise<ThrowAway> {
  const { folder, discard } = await throwAwayFolder();
  try {
    const own = await startPrivate(
      { given: options.given ?? {}, dataFolder: folder, report: options.report },
      true,
    );
    return {
      folder,
      databaseUrl: own.databaseUrl,
      redisUrl: own.redisUrl,
      stop: async () => {
        await own.stop();
        await discard();
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

/** A new folder for services that live as long as this process; folders left by processes killed earlier go. */
export async function throwAwayFolder(): Promise<{ folder: string; discard: () => Promise<void> }> {
  const base = reachableFolder(join(PROJECT, ".koprogo/throw-away"), serviceUser());
  makeOpenFolder(base);
  for (const entry of readdirSync(base)) await sweep(join(base, entry));
  // Locked before it exists: nobody can take it for a leftover.
  const folder = join(base, `run-${randomBytes(6).toString("hex")}`);
  const lock = await tryLock(folder);
  if (!("release" in lock)) throw new Error(`${folder} is taken`);
  makeOpenFolder(folder);
  return {
    folder,
    discard: async () => {
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      await lock.release();
    },
  };
}

type Started = ServiceUrls & { readonly started: readonly Startable[]; readonly stop: () => Promise<void> };

async function startPrivate(
  options: { given: Given; dataFolder: string; report: Report },
  throwAway: boolean,
): Promise<Started> {
  const { given, report } = options;
  if (given.databaseUrl !== undefined && given.redisUrl !== undefined) {
    return {
      databaseUrl: given.databaseUrl,
      redisUrl: given.redisUrl,
      started: [],
      stop: () => Promise.resolve(),
    };
  }
  const packages = await servicePackages(report);
  const user = serviceUser();
  const home = homeFor(options.dataFolder, report);
  const started: Startable[] = [];
  const stop = async (): Promise<void> => {
    for (const service of started.toReversed()) await service.stop();
  };
  try {
    const postgres: Postgres | undefined =
      given.databaseUrl === undefined
        ? await startPostgres({ packages, folder: join(home, "postgres"), user, throwAway })
        : undefined;
    if (postgres !== undefined) started.push(postgres);
    const valkey: Valkey | undefined =
      given.redisUrl === undefined
        ? await startValkey({ packages, folder: join(home, "valkey"), user, throwAway })
        : undefined;
    if (valkey !== undefined) started.push(valkey);
    return {
      databaseUrl: given.databaseUrl ?? postgres?.url ?? "",
      redisUrl: given.redisUrl ?? valkey?.url ?? "",
      started,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The folder for the services' data, with a link to it where the wanted place cannot be reached by their user. */
function homeFor(dataFolder: string, report: Report): string {
  const wanted = resolve(dataFolder, "services");
  const home = reachableFolder(wanted, serviceUser());
  makeOpenFolder(home);
  if (home !== wanted) {
    mkdirSync(dirname(wanted), { recursive: true });
    if (!existsSync(wanted)) symlinkSync(home, wanted);
    report(`The services cannot reach ${wanted} without root's rights; their data is in ${home}`);
  }
  return home;
}

function whyNoZones(): string | undefined {
  return existsSync(ZONES) ? undefined : "PostgreSQL needs the machine's package tzdata";
}

/** Deletes a folder whose owner is gone. The owner holds the lock for as long as it lives. */
async function sweep(folder: string): Promise<void> {
  const lock = await tryLock(folder);
  if (!("release" in lock)) return;
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  await lock.release();
}

/** Says once that a service stopped answering, and once that it answers again. */
async function watchPing(
  name: string,
  ping: () => Promise<void>,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  let answering = true;
  while (!signal.aborted) {
    const failure = await ping().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (signal.aborted) return;
    if (failure !== undefined && answering) report(`${name} does not answer: ${failure}`);
    if (failure === undefined && !answering) report(`${name} answers again`);
    answering = failure === undefined;
    await sleep(WATCH_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
