// Groups messages into batches, by count, size and age, and brings a few batches at once to the store.
//
//   open ──full, or old and a writer free──▶ queue ──writer free──▶ store ──▶ settled
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { Timers } from "#devices/timers";
import { traceId } from "#devices/trace";
import { RowBuffer, type IngestStore, type Retry } from "#store";
import { Batch } from "./batch.ts";
import type { IngestLimits } from "./limits.ts";
import type { IngestMetrics } from "./metrics.ts";

export type BatcherOptions = {
  readonly store: Pick<IngestStore, "storeBatch">;
  readonly limits: IngestLimits;
  readonly time: TimeSource;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: IngestMetrics;
  readonly retry: Retry;
  /** Stands in trace ids. */
  readonly instance: string;
  /** A commit made profiles stale. */
  readonly wake: () => void;
};

export class Batcher {
  readonly #options: BatcherOptions;
  readonly #queue: Batch[] = [];
  /** Row buffers of settled batches: a batch every 5 ms would otherwise leave its memory to the collector. */
  readonly #spareRows: RowBuffer[] = [];
  #open: Batch | undefined;
  /** Calls off the flush of the open batch. */
  #callOff: (() => void) | undefined;
  /** The open batch is old enough, and waits for a writer. */
  #due = false;
  #draining = false;
  #writing = 0;

  constructor(options: BatcherOptions) {
    this.#options = options;
  }

  /** The batch for the next message: all of a message goes into one. */
  get open(): Batch {
    return (this.#open ??= new Batch(this.#spareRows.pop() ?? new RowBuffer(), this.#options.instance));
  }

  /** Batches that wait for a writer, and those that are at the store. */
  queues(): { readonly batchesWaiting: number; readonly batchesWriting: number } {
    return { batchesWaiting: this.#queue.length, batchesWriting: this.#writing };
  }

  /** A message was ended in the open batch. */
  messageEnded(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    const { batchCountMax, batchBytesMax, flushAfterMs } = this.#options.limits;
    if (batch.messages.length >= batchCountMax || batch.byteLength >= batchBytesMax) this.#close();
    else if (this.#draining) this.#flush();
    else this.#callOff ??= this.#options.timers.after(flushAfterMs, () => this.#flush());
  }

  /** Sends the open batch to the store as soon as a writer is free; until then it goes on growing. */
  #flush(): void {
    this.#due = true;
    this.#next();
  }

  /** From now on nothing waits for company. */
  drain(): void {
    this.#draining = true;
    this.#flush();
  }

  #close(): void {
    if (this.#open !== undefined) this.#queue.push(this.#open);
    this.#open = undefined;
    this.#due = false;
    this.#callOff?.();
    this.#callOff = undefined;
    this.#next();
  }

  #next(): void {
    while (this.#writing < this.#options.limits.writersMax) {
      const batch = this.#queue.shift();
      if (batch !== undefined) void this.#write(batch);
      else if (this.#due && this.#open !== undefined) return this.#close();
      else return;
    }
  }

  async #write(batch: Batch): Promise<void> {
    const { store, time, metrics, retry, log } = this.#options;
    this.#writing += 1;
    const closedAtMs = time.now();
    try {
      const stored = await store.storeBatch(batch, retry);
      metrics.batches += 1;
      metrics.transactions += stored.transactions;
      metrics.mergedTransactions += stored.mergedTransactions;
      metrics.commitSeconds.observe((time.now() - closedAtMs) / 1000);
      this.#settle(batch, stored.refused);
      if (stored.journalled) this.#options.wake();
    } catch (error) {
      // Ingest was closed while the store was away. Nobody is told: devices send it again.
      log.warn(
        { err: error, messages: batch.messages.length },
        "closed with a batch that the store did not take",
      );
    } finally {
      this.#writing -= 1;
      this.#next();
    }
  }

  /** Before anyone is acknowledged, devices of refused messages forget their rows: a resend must reach the store. */
  #settle(batch: Batch, refused: readonly { readonly message: number; readonly cause: unknown }[]): void {
    const { metrics, log, instance } = this.#options;
    for (const rejection of batch.rejections)
      if (rejection !== undefined) metrics.quarantined[rejection.reason] += 1;
    const devices = new Set<number>();
    for (const { message, cause } of refused) {
      const ticket = batch.tickets[message];
      if (ticket === undefined) continue;
      ticket.refused = true;
      ticket.device.forgetRows();
      devices.add(ticket.device.id);
      metrics.quarantined.refused_by_store += 1;
      log.error(
        { err: cause, trace: traceId(instance, ticket.message.trace), deviceId: ticket.device.id },
        "the store refused a message; it is in quarantine",
      );
    }
    batch.carriage.settle(devices);
    batch.rows.clear();
    if (this.#spareRows.length < 2 * this.#options.limits.writersMax) this.#spareRows.push(batch.rows);
  }
}
