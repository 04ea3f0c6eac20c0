// Waits for something that happens elsewhere.
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 10;
const WITHIN_MS = 10_000;

/** Resolves once `look` says yes. @throws Error naming `what` when it does not within `withinMs`. */
export async function until(
  look: () => boolean | Promise<boolean>,
  what: string,
  withinMs: number = WITHIN_MS,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await look())) {
    if (performance.now() - startedMs > withinMs) throw new Error(`waited in vain until ${what}`);
    await sleep(LOOK_EVERY_MS);
  }
}
