// The present, as the pages see it: moves every few seconds, so that "3 min ago" and the running quarter-hour stay true.
import { systemTime } from "#devices/time";
import { wallTime } from "./civil.ts";

const TICK_MS = 5000;

class Now {
  #ms = $state(systemTime.now());

  /** Milliseconds since 1970, at most a tick old. */
  get ms(): number {
    return this.#ms;
  }

  /** The hour by the clocks of a zone, with its fraction: 13.5 is half past one. */
  hourIn(zone: string): number {
    const { hour, minute } = wallTime(this.#ms, zone);
    return hour + minute / 60;
  }

  start(): () => void {
    const timer = setInterval(() => {
      this.#ms = systemTime.now();
    }, TICK_MS);
    return () => clearInterval(timer);
  }
}

export const now = new Now();
