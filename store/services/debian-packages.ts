// Unpacks signed Debian packages into a folder of our own: no root, nothing of the system is touched.
//
//   mirror of this machine ──apt-get──▶ archives (kept, shared) ──dpkg -x──▶ one folder per set ──wrap──▶ programs
import { execFile } from "node:child_process";
import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { withLock } from "./lock.ts";
import { architecture, downloadPackages, SUITE, WITH_US, type Report } from "./private-apt.ts";
import { makeOpenFolder } from "./unprivileged.ts";

const run = promisify(execFile);

/** Raise it when the way of unpacking changes: older folders are then left alone. */
const RECIPE = 1;

/** Where the programs that we run lie in their packages. */
const PROGRAMS = {
  postgres: "usr/lib/postgresql/17/bin/postgres",
  initdb: "usr/lib/postgresql/17/bin/initdb",
  pg_dump: "usr/lib/postgresql/17/bin/pg_dump",
  "valkey-server": "usr/bin/valkey-server",
  mosquitto: "usr/sbin/mosquitto",
  mosquitto_passwd: "usr/bin/mosquitto_passwd",
} as const;

export type Program = keyof typeof PROGRAMS;
export type Packages = { readonly folder: string; readonly version: string };

/**
 * Downloads the packages with all they depend on and unpacks them; a second call finds the folder and returns at
 * once. Processes that install at the same time wait for each other.
 * @throws KoproError `dependency_missing` when the mirror cannot be reached or a package does not exist.
 */
export async function installPackages(
  names: readonly string[],
  options: { cacheFolder: string; report: Report },
): Promise<Packages> {
  const { debian } = architecture();
  const base = join(options.cacheFolder, `debian-${SUITE}-${debian}`);
  const version = `${[...names].sort().join("+")}-${RECIPE}`;
  const folder = join(base, version);
  if (existsSync(folder)) return { folder, version };

  const onWait = (holder: { pid: number | undefined }): void =>
    options.report(`Waiting for process ${holder.pid ?? "?"}, which is installing packages`);
  await withLock(base, onWait, async () => {
    if (existsSync(folder)) return;
    makeOpenFolder(base);
    const archives = await downloadPackages(names, base, options.report);
    await unpack(archives, folder, options.report);
  });
  return { folder, version };
}

/** The path of a program that runs with the libraries it came with; it is an ordinary executable. */
export function programPath(packages: Packages, program: Program): string {
  return join(packages.folder, PROGRAMS[program]);
}

/** Unpacks beside the final place and renames at the end: a folder that exists is complete. */
async function unpack(archives: readonly string[], folder: string, report: Report): Promise<void> {
  const startedMs = performance.now();
  report(`Unpacking ${archives.length} packages`);
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o755 });
  chmodSync(unfinished, 0o755);
  const waiting = [...archives];
  const worker = async (): Promise<void> => {
    for (let archive = waiting.pop(); archive !== undefined; archive = waiting.pop()) {
      await run("setpriv", [...WITH_US, "dpkg", "-x", archive, unfinished]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
  for (const program of Object.values(PROGRAMS)) wrap(unfinished, program);
  renameSync(unfinished, folder);
  report(`Unpacked in ${seconds(startedMs)}`);
}

/**
 * Puts a script in the place of a program that starts it with the loader and the libraries of its own release.
 * initdb calls postgres by path and PostgreSQL finds its files relative to argv[0], so the place must stay.
 */
function wrap(root: string, program: string): void {
  const path = join(root, program);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
  const { libraries, loader } = architecture();
  renameSync(path, `${path}.real`);
  const up = program
    .split("/")
    .slice(1)
    .map(() => "..")
    .join("/");
  writeFileSync(
    path,
    `#!/bin/sh\nlibraries="\${0%/*}/${up}/${libraries}"\n` +
      `exec "$libraries/${loader}" --library-path "$libraries" --argv0 "$0" "$0.real" "$@"\n`,
  );
  chmodSync(path, 0o755);
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(0)} s`;
}
