// Who is connected and who spoke, written in groups: a restart that brings 10,000 devices back is a few statements.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { PresenceChange } from "#store";

const CLOSE_WITHIN_MS = 1000;

/** The store's side of presence; each takes many devices at once. */
export type PresenceStore = {
  markConnected(changes: readonly PresenceChange[]): Promise<void>;
  markDisconnected(changes: readonly PresenceChange[]): Promise<void>;
  markSeen(deviceIds: readonly number[], atMs: number): Promise<void>;
};

type Options = {
  readonly time: TimeSource;
  readonly log: Logger;
  readonly everyMs: number;
  readonly seenEveryMs: number;
};

/**
 * What is lost when the store is away: nothing but time, the last change of each device is written when it is back.
 * What is lost when the process is killed: up to a period of changes. Devices that were online then and stay away are
 * marked by another broker, or by the next process (`pulse.ts`).
 */
export class Presence {
  readonly #store: PresenceStore;
  readonly #options: Options;
  /** The last change of each device that is not written yet. */
  #changes = new Map<number, { readonly online: boolean; readonly atMs: number }>();
  #seen = new Set<number>();
  readonly #seenAtMs = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  constructor(store: PresenceStore, options: Options) {
    this.#store = store;
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.everyMs);
    this.#timer.unref();
  }

  online(deviceId: number): void {
    const atMs = this.#options.time.now();
    this.#changes.set(deviceId, { online: true, atMs });
    this.seen(deviceId, atMs);
  }

  offline(deviceId: number): void {
    this.#changes.set(deviceId, { online: false, atMs: this.#options.time.now() });
    this.#seenAtMs.delete(deviceId);
  }

  /** Called for every message: remembers at most one mark per device and period. */
  seen(deviceId: number, nowMs: number): void {
    const lastMs = this.#seenAtMs.get(deviceId);
    if (lastMs !== undefined && nowMs - lastMs < this.#options.seenEveryMs) return;
    this.#seenAtMs.set(deviceId, nowMs);
    this.#seen.add(deviceId);
  }

  /** Writes what changed; two calls at once share one writing. */
  async flush(): Promise<void> {
    this.#writing ??= this.#write().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Writes what is left, for at most a second: a store that is away does not hold up the end. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const written = this.flush().then(() => this.flush());
    await Promise.race([written, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  async #write(): Promise<void> {
    if (this.#changes.size === 0 && this.#seen.size === 0) return;
    const changes = this.#changes;
    const seen = this.#seen;
    this.#changes = new Map();
    this.#seen = new Set();
    const nowMs = this.#options.time.now();
    const those = (wanted: boolean): PresenceChange[] =>
      [...changes].flatMap(([deviceId, { online, atMs }]) => (online === wanted ? [{ deviceId, atMs }] : []));
    try {
      await this.#store.markDisconnected(those(false));
      await this.#store.markConnected(those(true));
      await this.#store.markSeen([...seen], nowMs);
    } catch (error) {
      // Put back below what happened meanwhile; the next round tries again.
      this.#changes = new Map([...changes, ...this.#changes]);
      this.#seen = new Set([...seen, ...this.#seen]);
      this.#options.log.warn({ err: error, devices: this.#changes.size }, "presence not written yet");
    }
  }
}
