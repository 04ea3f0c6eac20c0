// Works until nothing in the journal is due; makes a batch that fails smaller until the register at fault is alone.
//
//   full batches ──a batch fails for its data──▶ a quarter of it ──▶ … ──▶ one device's day ──▶ held back, growing delay
//        ▲                                                                        │
//        └──────────────── twice as large after each success ◀───────────────────┘
import { KoproError } from "#devices/error";
import { SECOND_MS, type TimeSource } from "#devices/time";
import { storeFailureOf, type ProfileStore } from "#store";
import { BatchFailure, computeBatch } from "./compute-batch.ts";
import { createWorkerMetrics, type WorkerMetrics } from "./metrics.ts";
import type { BatchLimits } from "./plan-batch.ts";
import { PoisonLedger } from "./poison-ledger.ts";
import { RewritePace } from "./rewrite-pace.ts";

export type DrainLog = {
  readonly debug: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
};

export type Drain = (
  signal: AbortSignal,
) => Promise<{ readonly computedDays: number; readonly batches: number }>;

export const DEFAULT_LIMITS: BatchLimits = {
  pairsMax: 1024,
  rewriteAfterMs: 60 * SECOND_MS,
  rewriteLateAfterMs: 5 * SECOND_MS,
};

/** Keeps what it learned about failing registers from one call to the next. */
export function createDrain(options: {
  readonly store: ProfileStore;
  readonly time: TimeSource;
  readonly log: DrainLog;
  readonly limits?: BatchLimits;
  readonly metrics?: WorkerMetrics;
}): Drain {
  const { store, time, log, limits = DEFAULT_LIMITS, metrics = createWorkerMetrics() } = options;
  const poison = new PoisonLedger(time);
  const pace = new RewritePace(time, limits.rewriteAfterMs);
  return async (signal) => {
    let pairsMax = limits.pairsMax;
    let computedDays = 0;
    let batches = 0;
    while (!signal.aborted) {
      try {
        const startedAtMs = time.now();
        const result = await computeBatch(
          store,
          { ...limits, pairsMax, rewriteAfterMs: pace.afterMs },
          poison,
        );
        for (const failure of result.failed) {
          const { registerId } = failure.register;
          metrics.registersFailed += 1;
          log.error(
            { registerId, err: failure.error },
            "a register's profile could not be computed; it is tried again later",
          );
        }
        if (result.claimed === 0) break;
        batches += 1;
        computedDays += result.computedDays;
        const tookMs = time.now() - startedAtMs;
        metrics.batches += 1;
        metrics.claimed += result.claimed;
        metrics.daysSaved += result.computedDays;
        metrics.batchSeconds.observe(tookMs / SECOND_MS);
        pace.worked(tookMs);
        metrics.rewriteAfterMs = pace.afterMs;
        log.debug(
          { claimed: result.claimed, computedDays: result.computedDays, tookMs },
          "profiles computed",
        );
        pairsMax = Math.min(limits.pairsMax, pairsMax * 2);
      } catch (error) {
        // The store is away, or refuses for a reason that is not in the data: the next job tries again, nothing is lost.
        if (!(error instanceof BatchFailure)) throw error;
        if (error.registerIds.length === 0 || !blamesData(error.cause)) throw error.cause;
        metrics.batchesFailed += 1;
        if (pairsMax > 1) {
          pairsMax = Math.floor(pairsMax / 4) || 1;
        } else {
          for (const registerId of error.registerIds) poison.failed(registerId);
          metrics.registersFailed += error.registerIds.length;
          log.error(
            { registerIds: error.registerIds, err: error.cause },
            "a device's day cannot be computed; it is tried again later",
          );
        }
      }
    }
    return { computedDays, batches };
  };
}

function blamesData(cause: unknown): boolean {
  return (
    cause instanceof KoproError ||
    cause instanceof RangeError ||
    cause instanceof TypeError ||
    storeFailureOf(cause) !== "store"
  );
}
