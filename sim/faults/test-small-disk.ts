// A small disk under one folder, seen by one server alone: a tmpfs in a mount namespace that needs no rights of root.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { serviceUser } from "#services";

const run = promisify(execFile);

export type SmallDisk = {
  /** Starts a program so that it sees the disk, as the user that it would run as. */
  readonly launcher: readonly [program: string, ...args: string[]];
  /** Takes all that is free. */
  readonly fill: () => Promise<void>;
  /** Gives it back. */
  readonly empty: () => Promise<void>;
  /** The disk is gone with what is on it. */
  readonly close: () => Promise<void>;
};

// The folder is copied onto the disk, which then takes its place. `$1` size, `$2` the folder, `$3` where to mount meanwhile.
const SET_UP = `set -e
mount -t tmpfs -o size="$1",mode=0700 tmpfs "$3"
cp -a "$2/." "$3/"
mount --bind "$3" "$2"
echo ready
exec setpriv --pdeathsig=KILL sleep infinity`;

/**
 * Puts a disk of `bytes` in the place of `folder`, with what is in it. Nothing outside of the launcher sees it.
 * @throws Error when the machine does not allow user namespaces.
 */
export async function openSmallDisk(folder: string, bytes: number): Promise<SmallDisk> {
  const mountPoint = `${folder}.small`;
  const user = serviceUser();
  mkdirSync(mountPoint, { mode: 0o700 });
  if (user !== undefined) chownSync(mountPoint, user.uid, user.gid);
  const [program, ...args] = asUser([
    "unshare",
    "-Urm",
    "sh",
    "-c",
    SET_UP,
    "sh",
    String(bytes),
    folder,
    mountPoint,
  ]);
  const holder = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
  try {
    await ready(holder);
  } catch (error) {
    holder.kill("SIGKILL");
    throw error;
  }
  const enter = ["nsenter", "-t", String(holder.pid), "-U", "-m", "--preserve-credentials"] as const;
  const inside = async (script: string) => {
    const [first, ...rest] = asUser([...enter, "sh", "-c", script, "sh", mountPoint]);
    await run(first, rest);
  };
  const uid = user?.uid ?? process.getuid?.() ?? 0;
  const gid = user?.gid ?? process.getgid?.() ?? 0;
  return {
    // Who looks like root in the namespace becomes an ordinary user again: PostgreSQL refuses to run as root.
    launcher: [
      ...enter,
      "unshare",
      "-U",
      `--map-user=${uid}`,
      `--map-group=${gid}`,
      // The kernel forgets the signal of the parent's death when the credentials change.
      "setpriv",
      "--pdeathsig=KILL",
    ],
    // A file that no longer fits is written as far as it goes.
    fill: () => inside('head -c 1G /dev/zero > "$1/ballast" || true'),
    empty: () => inside('rm "$1/ballast"'),
    close: async () => {
      const gone = once(holder, "exit");
      holder.kill("SIGKILL");
      await gone;
    },
  };
}

/** Why there can be no small disk on this machine, as a sentence; `undefined`: there can. */
export async function whyNoSmallDisk(): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "koprogo-disk-"));
  const user = serviceUser();
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  try {
    const inner = join(folder, "inner");
    mkdirSync(inner);
    if (user !== undefined) chownSync(inner, user.uid, user.gid);
    const disk = await openSmallDisk(inner, 1024 * 1024);
    const [program, ...args] = asUser([...disk.launcher, "true"]);
    try {
      await run(program, args);
    } finally {
      await disk.close();
    }
    return undefined;
  } catch (error) {
    return `this machine allows no mount in a user namespace: ${String(error).trim().split("\n").at(-1)}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function asUser(command: readonly string[]): [string, ...string[]] {
  const user = serviceUser();
  const drop = user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"];
  return ["setpriv", "--pdeathsig=KILL", ...drop, ...command];
}

async function ready(holder: ChildProcess): Promise<void> {
  let said = "";
  holder.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const mounted = new Promise<boolean>((resolve) => {
    holder.stdout?.once("data", () => resolve(true));
    holder.once("exit", () => resolve(false));
    holder.once("error", (error) => {
      said += error.message;
      resolve(false);
    });
  });
  if (!(await mounted)) throw new Error(said.trim());
}
