// Where the captures of real devices lie, if they are on this machine.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The folder that holds `samples/`: `KOPROGO_SHARED`, else `../shared` beside the project; `undefined`, and said, if absent. */
export function sharedDir(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const folder = resolve(PROJECT, env["KOPROGO_SHARED"] || "../shared");
  if (existsSync(resolve(folder, "samples"))) return folder;
  process.stderr.write(
    `skipped: there are no captures in ${folder}; set KOPROGO_SHARED to the folder that holds samples/\n`,
  );
  return undefined;
}
