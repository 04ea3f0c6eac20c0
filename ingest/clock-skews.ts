// How far each device's clock is off: the least delay of its values of the moment in five minutes, written when it changes.
import type { Logger } from "pino";
import { hasPassed, MINUTE_MS, SECOND_MS } from "#devices/time";
import { within, type Timers } from "#devices/timers";
import { ClockSource } from "#devices/vocabulary";
import type { IngestStore } from "#store";
import type { DeviceState } from "./device-state.ts";
import type { PreparedRow } from "./prepare-rows.ts";

const WINDOW_MS = 5 * MINUTE_MS;
/** A smaller change is the network's. */
const CHANGE_MS = 2 * SECOND_MS;
/** Written again though it did not change, so that a page can say that it still holds. */
const REWRITE_AFTER_MS = 60 * MINUTE_MS;
const FLUSH_EVERY_MS = 5 * SECOND_MS;
const CLOSE_WITHIN_MS = SECOND_MS;

export type SkewState = {
  sinceMs: number;
  /** The best so far, ms ahead of ours: delays only make it smaller. */
  aheadMs: number;
  written: { readonly aheadMs: number; readonly atMs: number } | undefined;
};

type Skew = { readonly aheadMs: number; readonly atMs: number };

/**
 * Only values of the moment with a time of the device itself bear witness: an index may be of the full hour, and a network
 * server's clock is not the device's. What a device stored and forwards later is late in every value; the best of five minutes
 * is what it sent at once, if it did.
 */
export class ClockSkews {
  readonly #store: Pick<IngestStore, "markClockSkew">;
  readonly #timers: Timers;
  readonly #log: Pick<Logger, "warn">;
  #unwritten = new Map<number, Skew>();
  #endWriting: (() => void) | undefined;
  #writing: Promise<void> | undefined;

  constructor(store: Pick<IngestStore, "markClockSkew">, timers: Timers, log: Pick<Logger, "warn">) {
    this.#store = store;
    this.#timers = timers;
    this.#log = log;
  }

  note(device: DeviceState, rows: readonly PreparedRow[], receivedAtMs: number): void {
    for (const { layout, clock, observedAtMs } of rows) {
      if (!layout.ofTheMoment || clock > ClockSource.payloadLocal) continue;
      const aheadMs = observedAtMs - receivedAtMs;
      const skew = (device.skew ??= { sinceMs: receivedAtMs, aheadMs, written: undefined });
      if (aheadMs > skew.aheadMs) skew.aheadMs = aheadMs;
      // The first is told at once; then a window at a time.
      if (skew.written !== undefined && !hasPassed(WINDOW_MS, skew.sinceMs, receivedAtMs)) continue;
      this.#close(device.id, skew, receivedAtMs, aheadMs);
    }
  }

  /** Writes what is new. */
  async flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Writes what is left, for at most a second. */
  async close(): Promise<void> {
    this.#endWriting?.();
    await within(this.#timers, CLOSE_WITHIN_MS, this.flush());
  }

  /** Ends a window; the next one begins with the value at hand. */
  #close(deviceId: number, skew: SkewState, atMs: number, aheadMs: number): void {
    const measured = { aheadMs: skew.aheadMs, atMs };
    skew.sinceMs = atMs;
    skew.aheadMs = aheadMs;
    const { written } = skew;
    const isNews =
      written === undefined ||
      Math.abs(written.aheadMs - measured.aheadMs) > CHANGE_MS ||
      hasPassed(REWRITE_AFTER_MS, written.atMs, atMs);
    if (!isNews) return;
    skew.written = measured;
    this.#unwritten.set(deviceId, measured);
    this.#endWriting ??= this.#timers.every(FLUSH_EVERY_MS, () => void this.flush());
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const skews = this.#unwritten;
    this.#unwritten = new Map();
    try {
      await this.#store.markClockSkew(skews);
    } catch (error) {
      this.#unwritten = new Map([...skews, ...this.#unwritten]);
      this.#log.warn(
        { err: error, devices: this.#unwritten.size },
        "how far clocks are off is not written yet",
      );
    }
  }
}
