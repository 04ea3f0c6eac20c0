// Which devices spoke, and when: once a minute each, written in groups, so that a page shows when each was heard last.
import type { Logger } from "pino";
import { hasPassed, SECOND_MS } from "#devices/time";
import { systemTimers, within, type Timers } from "#devices/timers";

export type HeardDevicesOptions = {
  /** By device, milliseconds since 1970. */
  readonly write: (heardAtMs: ReadonlyMap<number, number>) => Promise<void>;
  /** The system's, unless time is simulated. */
  readonly timers?: Timers;
  readonly log: Pick<Logger, "warn">;
  /** How often what is new is written. */
  readonly everyMs: number;
  /** A device is written at most once in this time. */
  readonly deviceEveryMs: number;
};

const CLOSE_WITHIN_MS = SECOND_MS;

/** What is lost when the process is killed: a period of marks. While the store is away they wait. */
export class HeardDevices {
  readonly #options: HeardDevicesOptions;
  readonly #timers: Timers;
  readonly #markedAtMs = new Map<number, number>();
  #unwritten = new Map<number, number>();
  #newestAtMs = 0;
  #endWriting: (() => void) | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: HeardDevicesOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  /** Called for every message: remembers at most one mark per device and period. */
  heard(deviceId: number, atMs: number): void {
    const markedAtMs = this.#markedAtMs.get(deviceId);
    if (markedAtMs !== undefined && !hasPassed(this.#options.deviceEveryMs, markedAtMs, atMs)) return;
    this.#markedAtMs.set(deviceId, atMs);
    this.#newestAtMs = atMs;
    this.#unwritten.set(deviceId, atMs);
    // Not before: most processes have no gateway to hear anything of.
    this.#endWriting ??= this.#timers.every(this.#options.everyMs, () => void this.flush());
  }

  /** It went away: when it speaks again, that is marked at once. */
  forget(deviceId: number): void {
    this.#markedAtMs.delete(deviceId);
  }

  /** Writes what is new; two calls at once share one writing. */
  async flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Writes what is left, for at most a second: a store that is away does not hold up the end. */
  async close(): Promise<void> {
    this.#endWriting?.();
    // A writing under way may be of what was new before.
    const written = this.flush().then(() => this.flush());
    await within(this.#timers, CLOSE_WITHIN_MS, written);
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const heard = this.#unwritten;
    this.#unwritten = new Map();
    try {
      await this.#options.write(heard);
    } catch (error) {
      // Put back below what happened meanwhile; the next round tries again.
      this.#unwritten = new Map([...heard, ...this.#unwritten]);
      const fields = { err: error, devices: this.#unwritten.size };
      this.#options.log.warn(fields, "when devices were heard is not written yet");
    }
    // The marks of who has not spoken for a period say nothing any more.
    for (const [id, atMs] of this.#markedAtMs)
      if (hasPassed(this.#options.deviceEveryMs, atMs, this.#newestAtMs)) this.#markedAtMs.delete(id);
  }
}
