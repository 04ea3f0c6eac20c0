// How long a day that grows at its head waits until it is written again: a minute, or longer where a worker has so many of them
// that it would do nothing else.
import { hasPassed, MINUTE_MS, type TimeSource } from "#devices/time";

/** Of a worker's time, what it may be at work. */
const BUSY_MAX = 0.5;
/** Growing days wait no longer, however many there are. */
const LONGEST_MS = 15 * MINUTE_MS;

/**
 * Looks back once in as long as days wait now, since in that time each comes once: it was at work for some part of it, and would
 * be for `BUSY_MAX` of it if they waited accordingly longer.
 */
export class RewritePace {
  readonly #time: TimeSource;
  readonly #shortestMs: number;
  #afterMs: number;
  #sinceMs: number;
  #busyMs = 0;

  constructor(time: TimeSource, shortestMs: number) {
    this.#time = time;
    this.#shortestMs = shortestMs;
    this.#afterMs = shortestMs;
    this.#sinceMs = time.now();
  }

  /** Not sooner than this after it was written last. */
  get afterMs(): number {
    return this.#afterMs;
  }

  /** Counts a batch that took so long. */
  worked(tookMs: number): void {
    this.#busyMs += tookMs;
    const nowMs = this.#time.now();
    if (!hasPassed(this.#afterMs, this.#sinceMs, nowMs)) return;
    const elapsedMs = nowMs - this.#sinceMs;
    // A clock that was set back, or that stands still, says nothing.
    const busy = elapsedMs > 0 ? this.#busyMs / elapsedMs : 0;
    const wantedMs = (this.#afterMs * busy) / BUSY_MAX;
    this.#afterMs = Math.max(this.#shortestMs, Math.min(wantedMs, LONGEST_MS));
    this.#sinceMs = nowMs;
    this.#busyMs = 0;
  }
}
