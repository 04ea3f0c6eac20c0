// A private PostgreSQL with TimescaleDB: made once in its data folder, then started, stopped, killed, restarted.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { totalmem } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Client } from "pg";
import { KoproError } from "#devices/error";
import { programPath, type Packages } from "./debian-packages.ts";
import { freePort } from "./free-port.ts";
import { pingDatabase } from "./health.ts";
import type { Startable } from "./restartable.ts";
import { childrenOf, dropTo, signalAll, startProcess, type ServiceProcess } from "./service-process.ts";
import { makePrivateFolder, type ServiceUser } from "./unprivileged.ts";

const run = promisify(execFile);

const DATABASE = "koprogo";
const MAJOR = "17";
const START_TIMEOUT_MS = 60_000;
/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one. */
const STOP_SIGNALS = ["SIGINT", "SIGQUIT"] as const;
const STOP_PATIENCE_MS = 20_000;

export type PostgresOptions = {
  readonly packages: Packages;
  /** Holds the cluster, its password and its log. */
  readonly folder: string;
  readonly user: ServiceUser | undefined;
  /** A throw-away copy takes less memory and dies with us at once. */
  readonly throwAway: boolean;
  /** Put before the command of the server, such as what enters a namespace with a small disk; must keep its process id. */
  readonly launcher?: readonly [program: string, ...args: string[]];
};

export type Postgres = Startable & {
  readonly url: string;
  /** `kill -9` of the postmaster; its sessions end with it. */
  readonly kill: () => Promise<void>;
  /** `kill -9` of one client's session (`nth` of those there are, counted round): the server throws all of them out and recovers. */
  readonly killSession: (nth: number) => void;
  /** Freezes the postmaster and every session (SIGSTOP), and lets them go on. */
  readonly pause: () => void;
  readonly resume: () => void;
};

/**
 * Makes the cluster if it is not there and starts it on the port that it had last time, if that is free.
 * @throws KoproError `dependency_missing` with the end of the log when it does not start.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const data = join(options.folder, "data");
  await makeCluster(options, data);
  const password = readFileSync(passwordFile(options), "utf8").trim();
  const port = await freePort(lastPort(options));
  writeFileSync(join(options.folder, "port"), String(port));
  const urlOf = (database: string): string => `postgres://koprogo:${password}@127.0.0.1:${port}/${database}`;

  writeFileSync(configFile(options), settings(port, options.throwAway), { mode: 0o644 });

  const start = async (): Promise<ServiceProcess> => {
    const server = [
      programPath(options.packages, "postgres"),
      "-D",
      data,
      "-c",
      `config_file=${configFile(options)}`,
    ];
    const [program = "", ...args] = [...(options.launcher ?? []), ...server];
    const service = startProcess({
      program,
      args,
      user: options.user,
      logFile: join(options.folder, "postgres.log"),
      home: data,
      orphanSignal: options.throwAway ? "KILL" : "INT",
    });
    await untilReady(service, urlOf("postgres"), options);
    return service;
  };

  let service = await start();
  await ensureDatabase(urlOf("postgres"), urlOf(DATABASE));
  const family = (): number[] => [service.pid, ...childrenOf(service.pid)];
  return {
    name: "PostgreSQL",
    url: urlOf(DATABASE),
    exited: () => service.exited,
    running: () => service.running(),
    start: async () => {
      service = await start();
    },
    stop: () => service.stop(STOP_SIGNALS, STOP_PATIENCE_MS),
    ping: () => pingDatabase(urlOf(DATABASE)),
    kill: async () => {
      const orphans = childrenOf(service.pid);
      await service.stop([], 0);
      await untilGone(orphans);
    },
    killSession: (nth) => {
      const sessions = childrenOf(service.pid).filter(isClientSession);
      signalAll(sessions.slice(nth % (sessions.length || 1)).slice(0, 1), "SIGKILL");
    },
    pause: () => signalAll(family(), "SIGSTOP"),
    resume: () => signalAll(family(), "SIGCONT"),
  };
}

/** `initdb`, once. A folder that was not finished (no port file was ever written) is made again. */
async function makeCluster(options: PostgresOptions, data: string): Promise<void> {
  const versionFile = join(data, "PG_VERSION");
  if (existsSync(versionFile) && existsSync(passwordFile(options))) {
    const major = readFileSync(versionFile, "utf8").trim();
    if (major === MAJOR) return;
    throw new KoproError(
      "dependency_missing",
      `${data} was made by PostgreSQL ${major}, but this version runs ${MAJOR}; delete the folder, or restore a dump of it.`,
    );
  }
  makePrivateFolder(options.folder, options.user);
  rmSync(data, { recursive: true, force: true });
  makePrivateFolder(data, options.user);
  const password = join(options.folder, "password.new");
  writeFileSync(password, randomBytes(24).toString("base64url"), { mode: 0o600 });
  if (options.user !== undefined) chownSync(password, options.user.uid, options.user.gid);
  // The builtin locale sorts the same on every machine and needs no locale installed.
  const initdb = [
    programPath(options.packages, "initdb"),
    `--pgdata=${data}`,
    "--username=koprogo",
    `--pwfile=${password}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--data-checksums",
    ...(options.throwAway ? ["--no-sync"] : []),
  ];
  const env = { PATH: process.env["PATH"], HOME: data, LC_ALL: "C", TZ: "UTC" };
  await run("setpriv", ["--pdeathsig=KILL", ...dropTo(options.user), ...initdb], { env, cwd: data }).catch(
    (error: unknown) => {
      rmSync(data, { recursive: true, force: true });
      const stderr =
        error instanceof Error && "stderr" in error ? String(error.stderr).trim() : String(error);
      throw new KoproError("dependency_missing", `PostgreSQL could not be set up in ${data}: ${stderr}`, {
        cause: error,
      });
    },
  );
  // The cluster counts as made only with its password in place.
  writeFileSync(passwordFile(options), readFileSync(password), { mode: 0o600 });
  rmSync(password);
}

/** Durable whatever happens (fsync and synchronous_commit stay on); the rest fits a machine shared with others. */
function settings(port: number, throwAway: boolean): string {
  const memoryMb = totalmem() / 1024 / 1024;
  const sharedBuffersMb = throwAway ? 64 : Math.round(Math.min(1024, Math.max(128, memoryMb / 16)));
  const values: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    password_encryption: "scram-sha-256",
    max_connections: "100",
    shared_buffers: `${sharedBuffersMb}MB`,
    effective_cache_size: `${Math.round(memoryMb / 4)}MB`,
    work_mem: "16MB",
    maintenance_work_mem: "128MB",
    max_wal_size: "2GB",
    wal_compression: "lz4",
    checkpoint_timeout: "15min",
    fsync: "on",
    synchronous_commit: "on",
    full_page_writes: "on",
    // Compiling a plan costs more than most of ours take to run.
    jit: "off",
    timezone: "UTC",
    log_timezone: "UTC",
    log_line_prefix: "%m [%p] %a ",
    log_min_messages: "warning",
    shared_preload_libraries: "timescaledb",
    "timescaledb.telemetry_level": "off",
    // A worker connects to every database, which a test's template could not be cloned during; we use no policies.
    "timescaledb.max_background_workers": throwAway ? "0" : "4",
  };
  return Object.entries(values)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join("");
}

async function untilReady(service: ServiceProcess, url: string, options: PostgresOptions): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await pingDatabase(url).then(
      () => "ready" as const,
      (error: unknown) => error,
    );
    if (answer === "ready") return;
    const died = !service.running();
    if (died || performance.now() - startedMs > START_TIMEOUT_MS) {
      if (!died) await service.stop(STOP_SIGNALS, STOP_PATIENCE_MS);
      throw new KoproError(
        "dependency_missing",
        `PostgreSQL did not start: it ended ${await service.exited}. Its log says:\n${logTail(options)}`,
        { cause: answer },
      );
    }
    await sleep(50);
  }
}

async function ensureDatabase(adminUrl: string, url: string): Promise<void> {
  const admin = new Client(adminUrl);
  await admin.connect();
  try {
    const { rows } = await admin.query("select from pg_database where datname = $1", [DATABASE]);
    if (rows.length === 0) await admin.query(`create database ${DATABASE}`);
  } finally {
    await admin.end();
  }
  await updateTimescale(url);
}

/** After newer packages the extension must be updated before anything else is asked in that session. */
async function updateTimescale(url: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query("alter extension timescaledb update");
  } catch (error) {
    // 42704: a new database does not have the extension yet, the first migration creates it.
    if (!(error instanceof Error && "code" in error && error.code === "42704")) throw error;
  } finally {
    await client.end();
  }
}

/** The server writes into its sessions' process titles whom they serve; its own workers have other titles. */
function isClientSession(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(`: koprogo ${DATABASE} 127.0.0.1`);
  } catch {
    // It ended between the listing and the reading.
    return false;
  }
}

async function untilGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) await sleep(20);
}

function configFile(options: PostgresOptions): string {
  return join(options.folder, "postgresql.conf");
}

function passwordFile(options: PostgresOptions): string {
  return join(options.folder, "password");
}

function lastPort(options: PostgresOptions): number | undefined {
  const file = join(options.folder, "port");
  return existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined;
}

function logTail(options: PostgresOptions): string {
  const log = join(options.folder, "postgres.log");
  return existsSync(log) ? readFileSync(log, "utf8").trim().split("\n").slice(-5).join("\n") : "(nothing)";
}
