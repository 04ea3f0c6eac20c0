// A private apt: package lists, archives and their signatures from the machine's own mirror, without the system's state.
import { execFile, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { KoproError } from "#devices/error";
import { debianMirrors } from "./apt-sources.ts";
import { makeOpenFolder } from "./unprivileged.ts";

const run = promisify(execFile);

/** Hears one line of progress at a time. */
export type Report = (line: string) => void;

/** The Debian release that carries PostgreSQL 17 with TimescaleDB. Its libc comes along, so any Linux runs it. */
export const SUITE = "trixie";
/** `setpriv` arguments: the kernel ends what we run when we are killed. */
export const WITH_US = ["--pdeathsig=TERM"];

const KEYRINGS = [
  "/usr/share/keyrings/debian-archive-keyring.gpg",
  "/usr/share/keyrings/debian-archive-keyring.pgp",
];

/**
 * Dependencies that what we run never opens, half of all bytes: the compiler for plans (jit is off), Perl for
 * Debian's scripts, locales (the builtin one is used) and the accounts of the system.
 */
const UNUSED =
  /^(libllvm|libz3|perl|libperl|libipc-run-perl|locales|libc-l10n|passwd|adduser|postgresql-common-dev)/;

type Architecture = { readonly debian: string; readonly libraries: string; readonly loader: string };

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  x64: { debian: "amd64", libraries: "usr/lib/x86_64-linux-gnu", loader: "ld-linux-x86-64.so.2" },
  arm64: { debian: "arm64", libraries: "usr/lib/aarch64-linux-gnu", loader: "ld-linux-aarch64.so.1" },
};

type Archive = { readonly name: string; readonly version: string; readonly file: string };

/** Why packages cannot be had on this machine, as the end of a sentence; `undefined` when they can. */
export function whyNoPackages(): string | undefined {
  if (process.platform !== "linux") return "this is not Linux";
  if (ARCHITECTURES[process.arch] === undefined) return `Debian has no packages for ${process.arch}`;
  const missing = ["apt-get", "dpkg", "setpriv"].filter((program) => !onPath(program));
  if (missing.length > 0) return `${missing.join(", ")} is not here (this is not Debian or a descendant)`;
  if (keyring() === undefined) return "the package debian-archive-keyring is not installed";
  if (mirrors().length === 0) return "apt's sources name no Debian mirror";
  return undefined;
}

/**
 * Downloads the packages and what they depend on below `base`, skipping what lies there already; apt checks each
 * against the signed list. Resolves to the archives' paths.
 * @throws KoproError `dependency_missing` when no mirror can be read or a package does not exist.
 */
export async function downloadPackages(
  names: readonly string[],
  base: string,
  report: Report,
): Promise<string[]> {
  const startedMs = performance.now();
  const options = await freshLists(base, report);
  const archives = await plan(options, names);
  const bytes = await bytesToFetch(options, names, archives);
  report(`Downloading ${names.join(", ")}: ${archives.length} packages, ${(bytes / 1e6).toFixed(0)} MB`);
  const folder = join(base, "cache/archives");
  const exact = archives.map(({ name, version }) => `${name}=${version}`);
  await aptWithProgress([...options, "download", ...exact], folder, report);
  report(`Downloaded in ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  return archives.map(({ file }) => join(folder, file));
}

/** What apt would install, from its simulation: `Inst name (version … [architecture])`. */
async function plan(options: readonly string[], names: readonly string[]): Promise<Archive[]> {
  const { stdout } = await apt([...options, "--simulate", "install", ...names]).catch((error: unknown) => {
    throw new KoproError(
      "dependency_missing",
      `Debian ${SUITE} has no ${names.join(", ")}: ${reason(error)}`,
    );
  });
  return stdout.split("\n").flatMap((line) => {
    const [, name, version, arch] = /^Inst (\S+) \((\S+) .*\[(\S+)\]\)/.exec(line) ?? [];
    if (name === undefined || version === undefined || arch === undefined || UNUSED.test(name)) return [];
    return [{ name, version, file: `${name}_${version.replaceAll(":", "%3a")}_${arch}.deb` }];
  });
}

/** From apt's list of what is not in the cache: `'uri' file size hash`. */
async function bytesToFetch(
  options: readonly string[],
  names: readonly string[],
  archives: readonly Archive[],
): Promise<number> {
  const { stdout } = await apt([...options, "-qq", "--print-uris", "--yes", "install", ...names]);
  const wanted = new Set(archives.map(({ file }) => file));
  const sizes = stdout.split("\n").map((line) => {
    const [, file, size] = /^'[^']*' (\S+) (\d+)/.exec(line) ?? [];
    return file !== undefined && wanted.has(file) ? Number(size) : 0;
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Options of a private apt whose package lists are up to date, from the first mirror that answers and is signed. */
async function freshLists(base: string, report: Report): Promise<string[]> {
  const failures: string[] = [];
  for (const mirror of mirrors()) {
    const options = privateApt(base, mirror);
    report(`Reading the package list of Debian ${SUITE}`);
    try {
      await apt([...options, "-q", "update"]);
      return options;
    } catch (error) {
      failures.push(reason(error));
    }
  }
  throw new KoproError("dependency_missing", `No Debian mirror could be read: ${failures.join("; ")}`);
}

/** apt-get with a state, a cache and a source of its own; proxies and the like still come from the machine. */
function privateApt(base: string, mirror: string): string[] {
  for (const part of ["state/lists/partial", "cache/archives/partial"]) makeOpenFolder(join(base, part));
  writeFileSync(join(base, "status"), "");
  writeFileSync(
    join(base, "sources.list"),
    `deb [arch=${architecture().debian} signed-by=${keyring()}] ${mirror} ${SUITE} main\n`,
  );
  const settings = {
    "Dir::State": join(base, "state"),
    "Dir::State::status": join(base, "status"),
    "Dir::Cache": join(base, "cache"),
    "Dir::Etc::sourcelist": join(base, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "APT::Architecture": architecture().debian,
    "APT::Install-Recommends": "false",
    // apt's own hooks are about the system's packages, and its lock is too.
    "DPkg::Post-Invoke": "",
    "Debug::NoLocking": "1",
    "APT::Sandbox::User": "root",
    "Acquire::Retries": "3",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}

function apt(args: readonly string[]): Promise<{ stdout: string }> {
  return run("setpriv", [...WITH_US, "apt-get", ...args], {
    env: { ...process.env, LC_ALL: "C" },
    maxBuffer: 64 * 1024 * 1024,
  });
}

/** Runs apt-get and reports every tenth of the way: apt writes `dlstatus:item:percent:text` to descriptor 3. */
function aptWithProgress(args: readonly string[], folder: string, report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("setpriv", [...WITH_US, "apt-get", "-o", "APT::Status-Fd=3", ...args], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, LC_ALL: "C" },
    });
    let stderr = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    let told = 0;
    const status = child.stdio[3];
    if (status && "read" in status) {
      createInterface({ input: status }).on("line", (line) => {
        const tenth = Math.floor(Number(line.split(":")[2] ?? 0) / 10);
        if (tenth > told && tenth < 10) report(`Downloaded ${tenth * 10} %`);
        told = Math.max(told, tenth);
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new KoproError("dependency_missing", `apt-get could not download: ${lastLine(stderr)}`));
    });
  });
}

/** @throws KoproError `dependency_missing` on a processor that Debian does not build for. */
export function architecture(): Architecture {
  const known = ARCHITECTURES[process.arch];
  if (known === undefined) {
    throw new KoproError("dependency_missing", `Debian has no packages for ${process.arch}.`);
  }
  return known;
}

function keyring(): string | undefined {
  return KEYRINGS.find((path) => existsSync(path));
}

function mirrors(): string[] {
  const parts = "/etc/apt/sources.list.d";
  const files = existsSync(parts) ? readdirSync(parts).map((file) => join(parts, file)) : [];
  const lists = ["/etc/apt/sources.list", ...files].filter(
    (file) => /\.(list|sources)$/.test(file) && existsSync(file),
  );
  return debianMirrors(lists.map((file) => readFileSync(file, "utf8")));
}

function onPath(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(":"), "/usr/bin", "/bin", "/usr/sbin"];
  return folders.some((folder) => existsSync(join(folder, program)));
}

function reason(error: unknown): string {
  return lastLine(error instanceof Error && "stderr" in error ? String(error.stderr) : String(error));
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
