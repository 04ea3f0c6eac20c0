// Where the captures of real devices lie, if they are on this machine.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The folder that holds `samples/`: `KOPROGO_SHARED`, else `../shared` beside the project; `undefined` if absent. */
export function sharedDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const folder = resolve(PROJECT, env["KOPROGO_SHARED"] || "../shared");
  return existsSync(resolve(folder, "samples")) ? folder : undefined;
}
