// What every private service can do, and the watch that restarts it when it dies.
import { setTimeout as sleep } from "node:timers/promises";

export type Startable = {
  readonly name: string;
  /** How the present process ends, as the end of a sentence. */
  readonly exited: () => Promise<string>;
  readonly running: () => boolean;
  /** Starts it again on the same port; only after it ended. */
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly ping: () => Promise<void>;
};

const DELAYS_MS = [0, 500, 2000, 5000, 10_000];
/** A service that ran this long is well: its next death counts as the first. */
const WELL_AFTER_MS = 60_000;

/**
 * Restarts `service` whenever it ends, with growing delay, until `signal` aborts. `tell` hears what happens in words
 * for the person at the terminal.
 */
export async function keepRunning(
  service: Startable,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    const startedMs = performance.now();
    const how = await untilAborted(service.exited(), signal);
    if (how === undefined) return;
    if (performance.now() - startedMs > WELL_AFTER_MS) failures = 0;
    tell(`${service.name} ended ${how}; restarting it`);
    failures = await restart(service, tell, signal, failures);
  }
}

/** Tries until it runs or the watch ends; returns how often it has failed in a row. */
async function restart(
  service: Startable,
  tell: (line: string) => void,
  signal: AbortSignal,
  failures: number,
): Promise<number> {
  for (let attempt = failures; !signal.aborted; attempt += 1) {
    const delayMs = DELAYS_MS[Math.min(attempt, DELAYS_MS.length - 1)] ?? 0;
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return attempt;
    try {
      await service.start();
      tell(`${service.name} runs again`);
      return attempt + 1;
    } catch (error) {
      tell(`${service.name} does not start: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return failures;
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const stop = (): void => aborted.resolve(undefined);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
