// What ingest counts: plain numbers, read by whoever exposes them.
import { QUARANTINE_REASONS, type QuarantineReason } from "#devices/vocabulary";
import { Histogram } from "#store";

/** Upper bounds of the commit latency's buckets, in seconds. */
export const COMMIT_SECONDS_BOUNDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60,
] as const;

export type IngestMetrics = {
  messages: number;
  messageBytes: number;
  /** Messages whose `done` was called. */
  acknowledged: number;
  /** Rows and values handed to a batch. */
  rows: number;
  values: number;
  /** Rows that the storage policy left out. */
  rowsThinned: number;
  /** Rows that the door cache recognised. */
  rowsRepeated: number;
  batches: number;
  transactions: number;
  /** Transactions that met a row that was there already. */
  mergedTransactions: number;
  /** Attempts that failed for the store and were repeated. */
  retries: number;
  /** From the close of a batch to its commit, in seconds. */
  readonly commitSeconds: Histogram;
  readonly quarantined: Record<QuarantineReason, number>;
};

export function createMetrics(): IngestMetrics {
  return {
    messages: 0,
    messageBytes: 0,
    acknowledged: 0,
    rows: 0,
    values: 0,
    rowsThinned: 0,
    rowsRepeated: 0,
    batches: 0,
    transactions: 0,
    mergedTransactions: 0,
    retries: 0,
    commitSeconds: new Histogram(COMMIT_SECONDS_BOUNDS),
    quarantined: Object.fromEntries(QUARANTINE_REASONS.map((reason) => [reason, 0])) as Record<
      QuarantineReason,
      number
    >,
  };
}
