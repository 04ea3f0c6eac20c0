// What the worker counts: plain numbers, counted once a batch.
import { Histogram } from "#store";
import { PROFILE_JOBS } from "../jobs.ts";

/** Upper bounds of the buckets of a batch's duration, in seconds. */
const BATCH_SECONDS_BOUNDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

export type WorkerMetrics = {
  /** Days of registers computed and saved. */
  daysSaved: number;
  /** Pairs of register and day taken from the journal. */
  claimed: number;
  batches: number;
  readonly batchSeconds: Histogram;
  /** How long a day that grows at its head waits at present until it is written again. */
  rewriteAfterMs: number;
  /** Batches that were rolled back for the data in them, and tried again in parts. */
  batchesFailed: number;
  /** How often a register's profile could not be computed. */
  registersFailed: number;
  /** Messages deleted from quarantine by a declared policy. */
  quarantineDeleted: number;
  /** By name. */
  readonly jobsFailed: Record<string, number>;
};

export function createWorkerMetrics(): WorkerMetrics {
  return {
    daysSaved: 0,
    claimed: 0,
    batches: 0,
    batchSeconds: new Histogram(BATCH_SECONDS_BOUNDS),
    rewriteAfterMs: 0,
    batchesFailed: 0,
    registersFailed: 0,
    quarantineDeleted: 0,
    jobsFailed: Object.fromEntries(Object.values(PROFILE_JOBS).map((name) => [name, 0])),
  };
}
