// Waits between attempts on a store that is away: for ever, ever longer, until ingest is closed.
import type { Logger } from "pino";
import { sleep, type Timers } from "#devices/timers";
import type { IngestMetrics } from "./metrics.ts";

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2000;

export type RetryOptions = {
  readonly signal: AbortSignal;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: IngestMetrics;
};

/** Resolves when the next attempt is due; throws once ingest is closed: what was tried is then not acknowledged. */
export function createRetry({ signal, timers, log, metrics }: RetryOptions) {
  return async (error: unknown, attempt: number): Promise<void> => {
    metrics.retries += 1;
    signal.throwIfAborted();
    // Nothing is lost, so it is a warning; said at the 1st, 2nd, 4th, 8th… attempt.
    if ((attempt & (attempt - 1)) === 0) {
      log.warn(
        { err: error, attempt },
        "the store did not take a batch, nothing of it is acknowledged, trying again",
      );
    }
    const waitMs = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_WAIT_MS);
    await sleep(timers, waitMs, signal);
  };
}
