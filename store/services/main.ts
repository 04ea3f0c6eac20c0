// The process that owns the private PostgreSQL and Redis: it lives and dies with whoever started it.
import { KoproError } from "#devices/error";
import { readConfig, type Config } from "../config.ts";
import { startServices } from "./services.ts";

/** What it tells its parent by IPC: first the addresses, then what happens to the services, in words. */
export type ServicesMessage =
  | { readonly ready: true; readonly databaseUrl: string; readonly redisUrl: string }
  | { readonly report: string };

try {
  const config = readConfig(process.env);
  if (!process.argv.includes("--validate")) await runUntilStopped(config);
} catch (error) {
  if (!(error instanceof KoproError)) throw error;
  await say(error.message);
  process.exitCode = 1;
} finally {
  // The channel to the parent would keep this process alive.
  if (process.connected) process.disconnect?.();
}

async function runUntilStopped(config: Config): Promise<void> {
  const stopping = Promise.withResolvers<"stop">();
  for (const event of ["SIGTERM", "SIGINT", "disconnect"] as const) {
    // "disconnect": the parent is gone, killed or ended, and nobody else would stop the services.
    process.on(event, () => stopping.resolve("stop"));
  }
  const starting = startServices({
    given: { databaseUrl: config.DATABASE_URL, redisUrl: config.REDIS_URL },
    dataFolder: config.KOPROGO_DATA_DIR,
    report: (line) => void say(line),
  });
  const services = await Promise.race([starting, stopping.promise]);
  // Told to stop in the middle of a download or of the first start: the kernel ends what we started (pdeathsig).
  if (services === "stop") process.exit(1);
  await tell({ ready: true, databaseUrl: services.databaseUrl, redisUrl: services.redisUrl });
  await stopping.promise;
  await services.stop();
}

async function say(line: string): Promise<void> {
  if (process.connected) await tell({ report: line });
  else process.stderr.write(`${line}\n`);
}

/** Resolves when it is on its way. A parent that is going away in this moment is the business of "disconnect". */
function tell(message: ServicesMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) resolve();
    else process.send(message, undefined, {}, () => resolve());
  });
}
