// A private Valkey (it speaks the Redis protocol): memory only, for it may be empty at any start.
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { KoproError } from "#devices/error";
import { programPath, type Packages } from "./debian-packages.ts";
import { freePort } from "./free-port.ts";
import { pingRedis } from "./health.ts";
import type { Startable } from "./restartable.ts";
import { startProcess, type ServiceProcess } from "./service-process.ts";
import { makePrivateFolder, type ServiceUser } from "./unprivileged.ts";

export type ValkeyOptions = {
  readonly packages: Packages;
  readonly folder: string;
  readonly user: ServiceUser | undefined;
  readonly throwAway: boolean;
};

export type Valkey = Startable & {
  readonly url: string;
  /** `kill -9`: the next start is an empty one. */
  readonly kill: () => Promise<void>;
  /** Freezes it (SIGSTOP): connections stay open and nothing answers. */
  readonly pause: () => void;
  readonly resume: () => void;
};

const START_TIMEOUT_MS = 10_000;
const STOP_PATIENCE_MS = 5000;

/**
 * Starts it on the port that it had last time, if that is free.
 * @throws KoproError `dependency_missing` when it does not start.
 */
export async function startValkey(options: ValkeyOptions): Promise<Valkey> {
  makePrivateFolder(options.folder, options.user);
  const access = await accessOf(options.folder);
  const url = `redis://:${access.password}@127.0.0.1:${access.port}/0`;
  const start = async (): Promise<ServiceProcess> => {
    const service = startProcess({
      program: programPath(options.packages, "valkey-server"),
      args: ["-"],
      input: settings(options.folder, access),
      user: options.user,
      logFile: join(options.folder, "valkey.log"),
      home: options.folder,
      orphanSignal: options.throwAway ? "KILL" : "TERM",
    });
    await untilReady(service, url);
    return service;
  };
  let service = await start();
  return {
    name: "Valkey",
    url,
    exited: () => service.exited,
    running: () => service.running(),
    start: async () => {
      service = await start();
    },
    stop: () => service.stop(["SIGTERM"], STOP_PATIENCE_MS),
    ping: () => pingRedis(url),
    kill: () => service.stop([], 0),
    pause: () => service.signal("SIGSTOP"),
    resume: () => service.signal("SIGCONT"),
  };
}

type Access = { readonly port: number; readonly password: string };

/** The configuration goes in by standard input, so the password stands in no process list. */
function settings(folder: string, { port, password }: Access): string {
  return [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${folder}"`,
    "daemonize no",
    // Jobs are lost when keys are evicted; being empty after a restart is allowed.
    "maxmemory-policy noeviction",
    'save ""',
    "appendonly no",
    "loglevel warning",
    "",
  ].join("\n");
}

/** Port and password of the last run, so that whoever knows the address finds it again after a restart. */
async function accessOf(folder: string): Promise<Access> {
  const file = join(folder, "access.json");
  const last: Partial<Access> = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const access = {
    port: await freePort(last.port),
    password: last.password ?? randomBytes(24).toString("base64url"),
  };
  writeFileSync(file, JSON.stringify(access), { mode: 0o600 });
  return access;
}

async function untilReady(service: ServiceProcess, url: string): Promise<void> {
  const startedMs = performance.now();
  for (;;) {
    const answer = await pingRedis(url).then(
      () => "ready" as const,
      (error: unknown) => error,
    );
    if (answer === "ready") return;
    const died = !service.running();
    if (died || performance.now() - startedMs > START_TIMEOUT_MS) {
      if (!died) await service.stop(["SIGTERM"], STOP_PATIENCE_MS);
      throw new KoproError("dependency_missing", `Valkey did not start: it ended ${await service.exited}.`, {
        cause: answer,
      });
    }
    await sleep(20);
  }
}
