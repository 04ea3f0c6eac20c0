// The worker's counters, and how far it is behind, as Prometheus sees them.
import type { Registry } from "prom-client";
import { SECOND_MS } from "#devices/time";
import { MetricSheet, readJournalBacklog, type JournalBacklog, type Pool } from "#store";
import type { WorkerMetrics } from "./metrics.ts";
import type { ProfileWorker } from "./start-worker.ts";

const ANSWER_WITHIN_MS = 2000;

/** Registers the worker's counters as `koprogo_analytics_…`; the journal's backlog is asked of the store at each scrape. */
export function showWorker(
  registry: Registry,
  {
    metrics,
    worker,
    pool,
  }: {
    readonly metrics: WorkerMetrics;
    readonly worker: Pick<ProfileWorker, "isConnected">;
    readonly pool: Pool;
  },
): void {
  const sheet = new MetricSheet(registry);
  const counter = (name: string, help: string, read: () => number): void =>
    sheet.counter(`koprogo_analytics_${name}_total`, help, read);
  counter(
    "profiles_saved",
    "Load profiles computed and saved, one for each register and UTC day",
    () => metrics.daysSaved,
  );
  counter("claimed", "Days of registers taken from the journal", () => metrics.claimed);
  counter("batches", "Batches of profiles committed", () => metrics.batches);
  counter("batches_failed", "Batches rolled back for the data in them", () => metrics.batchesFailed);
  counter("registers_failed", "Registers whose profile could not be computed", () => metrics.registersFailed);
  counter(
    "quarantine_deleted",
    "Messages deleted from quarantine by a declared policy",
    () => metrics.quarantineDeleted,
  );
  sheet.counters(
    "koprogo_analytics_jobs_failed_total",
    "Jobs that failed and are tried again, by name",
    // Not "job": that label is Prometheus' own.
    "name",
    () => metrics.jobsFailed,
  );
  sheet.histogram(
    "koprogo_analytics_batch_seconds",
    "Duration of a batch of profiles",
    () => metrics.batchSeconds,
  );
  sheet.gauge(
    "koprogo_analytics_rewrite_after_seconds",
    "How long a day that grows at its head waits until it is written again: longer where there are many",
    () => metrics.rewriteAfterMs / SECOND_MS,
  );
  sheet.gauge("koprogo_analytics_redis_up", "Whether Redis can be reached", () =>
    Number(worker.isConnected()),
  );
  showJournal(sheet, pool);
}

/** Nothing is shown while PostgreSQL does not answer: a journal that nobody can read is not an empty one. */
function showJournal(sheet: MetricSheet, pool: Pool): void {
  const read = oneAtATime(() => readJournalBacklog(pool));
  const gauge = (name: string, help: string, pick: (backlog: JournalBacklog) => number): void =>
    sheet.gauge(`koprogo_analytics_journal_${name}`, help, async () => {
      const backlog = await read();
      return backlog && pick(backlog);
    });
  gauge("rows", "Rows in the journal of stale days, one for each commit, up to 100,000", (it) => it.rowCount);
  gauge("due_rows", "Rows of the journal that a worker could take now, up to 100,000", (it) => it.dueCount);
  gauge("lag_seconds", "How long the oldest of them could have been taken", (it) => it.lagS);
}

/** The answer, or `undefined` when it does not come in time; whoever asks while it is under way waits for the same. */
function oneAtATime<T>(ask: () => Promise<T>): () => Promise<T | undefined> {
  let asked: Promise<T | undefined> | undefined;
  return async () => {
    asked ??= ask()
      // Whatever the reason: it is not known.
      .catch(() => undefined)
      .finally(() => (asked = undefined));
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
    const answer = await Promise.race([asked, late]);
    clearTimeout(timer);
    return answer;
  };
}
