// Ingest's counters as Prometheus sees them, read when it asks.
import type { Registry } from "prom-client";
import { SECOND_MS } from "#devices/time";
import { MetricSheet } from "#store";
import type { Ingest } from "./ingest.ts";
import type { LiveTap } from "./live-tap.ts";
import type { Connectors } from "./connectors/connectors.ts";
import type { Upstream } from "./upstream/consume-upstream.ts";

/** Registers what the pipeline counts and what waits in it as `koprogo_ingest_…`, read at each scrape. */
export function showIngest(
  registry: Registry,
  ingest: Pick<Ingest, "metrics" | "pressure" | "queues">,
): void {
  const sheet = new MetricSheet(registry);
  showCounts(sheet, ingest);
  showWaiting(sheet, ingest);
}

function showCounts(sheet: MetricSheet, { metrics }: Pick<Ingest, "metrics">): void {
  const counter = (name: string, help: string, read: () => number): void =>
    sheet.counter(`koprogo_ingest_${name}_total`, help, read);
  counter("messages", "Messages taken in", () => metrics.messages);
  counter("message_bytes", "Payload bytes of the messages taken in", () => metrics.messageBytes);
  counter("acknowledged", "Messages of which everything is committed", () => metrics.acknowledged);
  counter("rows", "Rows handed to a batch, one for each instant of a message", () => metrics.rows);
  counter("values", "Values in these rows", () => metrics.values);
  counter("rows_thinned", "Rows left out by their storage policy", () => metrics.rowsThinned);
  counter("rows_repeated", "Rows recognised at the door as sent before", () => metrics.rowsRepeated);
  counter("batches", "Batches committed", () => metrics.batches);
  counter(
    "transactions",
    "Transactions committed; more than batches where one was halved",
    () => metrics.transactions,
  );
  counter(
    "merged_transactions",
    "Transactions that met a row that was there already",
    () => metrics.mergedTransactions,
  );
  counter("retries", "Attempts that failed for the store and were repeated", () => metrics.retries);
  sheet.counters(
    "koprogo_ingest_quarantined_total",
    "Messages, or parts of them, committed to quarantine, by reason",
    "reason",
    () => metrics.quarantined,
  );
  sheet.histogram(
    "koprogo_ingest_commit_seconds",
    "From the close of a batch to its commit",
    () => metrics.commitSeconds,
  );
}

function showWaiting(sheet: MetricSheet, ingest: Pick<Ingest, "pressure" | "queues">): void {
  const gauge = (name: string, help: string, read: () => number): void =>
    sheet.gauge(`koprogo_ingest_${name}`, help, read);
  gauge(
    "unacknowledged_messages",
    "Messages that wait for a commit",
    () => ingest.queues().unacknowledgedMessages,
  );
  gauge(
    "unacknowledged_bytes",
    "Payload bytes that wait for a commit",
    () => ingest.pressure().unacknowledgedBytes,
  );
  gauge(
    "oldest_unacknowledged_seconds",
    "Age of the oldest message that waits for a commit; 0 where none does",
    () => ingest.pressure().oldestMs / SECOND_MS,
  );
  gauge(
    "held_messages",
    "Messages that wait until their sender and its registers are known",
    () => ingest.queues().heldMessages,
  );
  gauge("batches_waiting", "Closed batches that wait for a writer", () => ingest.queues().batchesWaiting);
  gauge("batches_writing", "Batches at the store", () => ingest.queues().batchesWriting);
}

/** What live pages are told, and whether Redis is there to tell them. */
export function showLiveTap(registry: Registry, tap: Pick<LiveTap, "dropped" | "isConnected">): void {
  const sheet = new MetricSheet(registry);
  sheet.counter(
    "koprogo_ingest_live_dropped_total",
    "Live values dropped: Redis was away or too slow",
    tap.dropped,
  );
  sheet.gauge("koprogo_ingest_redis_up", "Whether Redis takes live values now", () =>
    Number(tap.isConnected()),
  );
}

/** What an external broker brings. */
export function showUpstream(registry: Registry, { counts }: Pick<Upstream, "counts">): void {
  const sheet = new MetricSheet(registry);
  const counter = (name: string, help: string, read: () => number): void =>
    sheet.counter(`koprogo_ingest_upstream_${name}_total`, help, read);
  counter("messages", "Messages taken from the external broker", () => counts.messages);
  counter(
    "unknown",
    "Of these, messages whose topic names no device that is registered",
    () => counts.unknown,
  );
  counter("connections", "Connections to the external broker that were subscribed", () => counts.connections);
  sheet.gauge(
    "koprogo_ingest_upstream_unacknowledged_messages",
    "Messages taken from the external broker and not acknowledged",
    () => counts.unacknowledged,
  );
}

/** Registers what this process's connectors count. */
export function showConnectors(registry: Registry, connectors: Pick<Connectors, "counts" | "held">): void {
  const { counts } = connectors;
  const held = (): { count: number; connected: number } => connectors.held();
  const sheet = new MetricSheet(registry);
  const name = (what: string): string => `koprogo_ingest_connector_${what}`;
  sheet.counter(name("messages_total"), "Messages taken from brokers of others", () => counts.messages);
  sheet.gauge(name("held"), "Connectors that this process holds", () => held().count);
  sheet.gauge(name("connected"), "Of these, connectors that are subscribed", () => held().connected);
  sheet.gauge(
    name("unacknowledged_bytes"),
    "Bytes taken from brokers of others and not committed",
    () => counts.unacknowledgedBytes,
  );
}
