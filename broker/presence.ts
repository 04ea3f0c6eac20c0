// Who is connected and who spoke, written in groups: a restart that brings 10,000 devices back is a few statements.
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import { HeardDevices } from "#ingest";
import { markConnected, markDisconnected, markSeen, type Pool, type PresenceChange } from "#store";

const CLOSE_WITHIN_MS = 1000;

/** The store's side of presence; each takes many devices at once. */
export type PresenceStore = {
  markConnected(changes: readonly PresenceChange[]): Promise<void>;
  markDisconnected(changes: readonly PresenceChange[]): Promise<void>;
  markSeen(seenAtMs: ReadonlyMap<number, number>): Promise<void>;
};

/** Presence in PostgreSQL, as this run of this process (`broker`) sees it. */
export function presenceStore(pool: Pool, broker: string): PresenceStore {
  return {
    markConnected: (changes) => markConnected(pool, broker, changes),
    markDisconnected: (changes) => markDisconnected(pool, broker, changes),
    markSeen: (seenAtMs) => markSeen(pool, seenAtMs),
  };
}

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
  readonly #heard: HeardDevices;
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> | undefined;

  constructor(store: PresenceStore, options: Options) {
    this.#store = store;
    this.#options = options;
    const { log, everyMs, seenEveryMs } = options;
    const write = (seenAtMs: ReadonlyMap<number, number>): Promise<void> => store.markSeen(seenAtMs);
    this.#heard = new HeardDevices({ write, log, everyMs, deviceEveryMs: seenEveryMs });
    this.#timer = setInterval(() => void this.flush(), everyMs);
    this.#timer.unref();
  }

  online(deviceId: number): void {
    const atMs = this.#options.time.now();
    this.#changes.set(deviceId, { online: true, atMs });
    this.seen(deviceId, atMs);
  }

  offline(deviceId: number): void {
    this.#changes.set(deviceId, { online: false, atMs: this.#options.time.now() });
    this.#heard.forget(deviceId);
  }

  /** Called for every message: remembers at most one mark per device and period. */
  seen(deviceId: number, nowMs: number): void {
    this.#heard.heard(deviceId, nowMs);
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
    const ended = Promise.race([written, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    await Promise.all([ended, this.#heard.close()]);
  }

  async #write(): Promise<void> {
    if (this.#changes.size > 0) await this.#writeChanges();
    await this.#heard.flush();
  }

  async #writeChanges(): Promise<void> {
    const changes = this.#changes;
    this.#changes = new Map();
    const those = (wanted: boolean): PresenceChange[] =>
      [...changes].flatMap(([deviceId, { online, atMs }]) => (online === wanted ? [{ deviceId, atMs }] : []));
    try {
      await this.#store.markDisconnected(those(false));
      await this.#store.markConnected(those(true));
    } catch (error) {
      // Put back below what happened meanwhile; the next round tries again.
      this.#changes = new Map([...changes, ...this.#changes]);
      this.#options.log.warn({ err: error, devices: this.#changes.size }, "presence not written yet");
    }
  }
}
