// The present, as the pages see it: moves every few seconds, so that "3 min ago" and the running quarter-hour stay true.
import { systemTime } from "#devices/time";

const TICK_MS = 5000;

class Now {
  #ms = $state(systemTime.now());

  /** Milliseconds since 1970, at most a tick old. */
  get ms(): number {
    return this.#ms;
  }

  start(): () => void {
    const timer = setInterval(() => {
      this.#ms = systemTime.now();
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}

export const now = new Now();
