// Builds the dashboard when its sources are newer than what was built.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { KoproError } from "#devices/error";
import { PROJECT, withOwnPrograms } from "./run.ts";

const SOURCES = "api/dashboard";
const BUILT = "dist/index.html";

/**
 * Runs vite if needed; resolves to whether it did.
 * @throws KoproError `internal` with the end of vite's output when the build fails.
 */
export async function buildDashboard(logFile: string, report: (line: string) => void): Promise<boolean> {
  const folder = join(PROJECT, SOURCES);
  if (!isStale(folder)) return false;
  report("Building the dashboard");
  mkdirSync(dirname(logFile), { recursive: true });
  const log = openSync(logFile, "w");
  const vite = spawn(join(PROJECT, "node_modules/.bin/vite"), ["build", folder], {
    cwd: PROJECT,
    stdio: ["ignore", log, log],
    env: withOwnPrograms({ ...process.env, NO_COLOR: "1" }),
  });
  closeSync(log);
  const code = await new Promise<number>((resolve, reject) => {
    vite.once("error", reject);
    vite.once("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) {
    const tail = readFileSync(logFile, "utf8").trim().split("\n").slice(-20).join("\n");
    throw new KoproError("internal", `The dashboard could not be built:\n${tail}`);
  }
  return true;
}

/** True when nothing is built, or a source (the typed client and the message files among them) is newer. */
function isStale(folder: string): boolean {
  const built = join(folder, BUILT);
  if (!existsSync(built)) return existsSync(folder);
  const builtMs = statSync(built).mtimeMs;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\](?:dist|node_modules|\.[^/\\]*)[/\\]/.test(file.slice(folder.length)))
    .some((file) => statSync(file).mtimeMs > builtMs);
}
