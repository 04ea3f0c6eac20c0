// Runs one program of the project in the foreground and ends with it.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT = fileURLToPath(new URL("../", import.meta.url));

/** "disconnect": start.mjs, which the person sees as the command, is gone. */
export const STOP_EVENTS = ["SIGTERM", "SIGHUP", "disconnect"] as const;

/** The terminal sends Ctrl-C to the child as well: this long it may take to end by itself. */
const INTERRUPT_PATIENCE_MS = 10_000;

/** The environment with the project's own programs (Node 26 among them) first on the path. */
export function withOwnPrograms(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: [join(PROJECT, "node_modules/.bin"), env["PATH"] ?? ""].join(delimiter) };
}

/**
 * Runs a TypeScript file, or a program of node_modules/.bin, with our terminal; resolves to its exit code.
 * It is told to stop when we are, and when whoever started us is gone.
 */
export function run(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> {
  const [program, programArgs] = file.endsWith(".ts")
    ? [process.execPath, [join(PROJECT, file), ...args]]
    : [join(PROJECT, "node_modules/.bin", file), args];
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArgs, { cwd: PROJECT, stdio: "inherit", env: withOwnPrograms(env) });
    const stop = (): void => void child.kill("SIGTERM");
    let timer: NodeJS.Timeout | undefined;
    const interrupt = (): void => void (timer ??= setTimeout(stop, INTERRUPT_PATIENCE_MS));
    process.on("SIGINT", interrupt);
    for (const event of STOP_EVENTS) process.on(event, stop);
    child.once("error", reject);
    child.once("exit", (code) => {
      clearTimeout(timer);
      process.off("SIGINT", interrupt);
      for (const event of STOP_EVENTS) process.off(event, stop);
      resolve(code ?? 1);
    });
  });
}
