// PostgreSQL refuses to run as root: which user to become then, and which folders that user can reach.
import { createHash } from "node:crypto";
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { KoproError } from "#devices/error";

export type ServiceUser = { readonly uid: number; readonly gid: number };

/** Where root keeps what an unprivileged user must reach, when the wanted folder lies below a closed home. */
const ROOT_HOME = "/var/lib/koprogo";

/** The user that the services run as: `undefined` means as ourselves (we are not root). */
export function serviceUser(): ServiceUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  // initdb asks for the name of its user, so it must be one that the machine knows.
  const nobody = /^nobody:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8"));
  if (nobody === null) {
    throw new KoproError("dependency_missing", "PostgreSQL cannot run as root and there is no user nobody.");
  }
  return { uid: Number(nobody[1]), gid: Number(nobody[2]) };
}

/**
 * The folder to use for `wanted` such that `user` can reach it: itself, or one below `/var/lib/koprogo` named after
 * it (always the same for the same path), when a parent folder is closed to others.
 */
export function reachableFolder(wanted: string, user: ServiceUser | undefined): string {
  const folder = resolve(wanted);
  if (user === undefined || isOpen(folder)) return folder;
  const key = createHash("sha256").update(folder).digest("hex").slice(0, 12);
  return join(ROOT_HOME, `${basename(folder).replace(/^\.+/, "")}-${key}`);
}

/** Creates the folder and its missing parents, open to others whatever the umask says. */
export function makeOpenFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeOpenFolder(dirname(folder));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
}

/** Creates a folder that only `user` can read. */
export function makePrivateFolder(folder: string, user: ServiceUser | undefined): void {
  makeOpenFolder(dirname(folder));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (user !== undefined) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
}

/** True when everybody may pass through the folder and all that it lies in; missing ones will be made so. */
function isOpen(folder: string): boolean {
  const open = !existsSync(folder) || (statSync(folder).mode & 0o001) !== 0;
  const parent = dirname(folder);
  return open && (parent === folder || isOpen(parent));
}
