// This broker's sign of life, and what the living do for one that fell silent: see store/readings/forget-brokers.sql.
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";

/** The store's side. */
export type PulseStore = {
  /** False when this broker was not known, or had been forgotten. */
  readonly markHeard: () => Promise<boolean>;
  readonly markStillConnected: (deviceIds: readonly number[], atMs: number) => Promise<void>;
  readonly forgetSilent: (silentMs: number) => Promise<readonly string[]>;
  readonly expireCommands: (nowMs: number) => Promise<number>;
  /** This broker ends. */
  readonly forgetThis: () => Promise<void>;
};

type Options = {
  readonly time: TimeSource;
  readonly log: Pick<Logger, "warn" | "info">;
  readonly everyMs: number;
  /** A broker that was not heard for so long counts as dead. */
  readonly silentMs: number;
  /** The devices that are connected here. */
  readonly connected: () => readonly number[];
};

/**
 * A broker that was killed leaves devices behind that are said to be connected, and commands that it sent. Another one,
 * or the same started again, mends both after `silentMs`. It mends only when it was itself heard for all of that time:
 * after an outage of the store everybody has been silent, and nobody is dead.
 */
export class Pulse {
  readonly #store: PulseStore;
  readonly #options: Options;
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #heardSinceMs: number | undefined;
  #lastMs = 0;
  #assertedMs = 0;

  constructor(store: PulseStore, options: Options) {
    this.#store = store;
    this.#options = options;
  }

  /** Makes this broker known, before anything connects to it. */
  async start(): Promise<void> {
    await this.#store.markHeard();
    this.#heard(this.#options.time.now());
    this.#timer = setInterval(() => void this.beat(), this.#options.everyMs);
    this.#timer.unref();
  }

  async beat(): Promise<void> {
    this.#beating ??= this.#beat().finally(() => (this.#beating = undefined));
    await this.#beating;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#beating;
    await this.#store.forgetThis().catch((error: unknown) => {
      // Another broker forgets it then.
      this.#options.log.warn({ err: error }, "this broker's end was not written");
    });
  }

  async #beat(): Promise<void> {
    const { time, log } = this.#options;
    try {
      const known = await this.#store.markHeard();
      const nowMs = time.now();
      if (!known) this.#heardSinceMs = undefined;
      this.#heard(nowMs);
      await this.#store.expireCommands(nowMs);
      if (!known) await this.#stillConnected(nowMs);
      await this.#lookAround(nowMs);
    } catch (error) {
      this.#heardSinceMs = undefined;
      log.warn({ err: error }, "sign of life not written");
    }
  }

  #heard(nowMs: number): void {
    // The process slept, or the store did: others cannot be told from the dead yet.
    if (nowMs - this.#lastMs > this.#options.silentMs / 2) this.#heardSinceMs = undefined;
    this.#heardSinceMs ??= nowMs;
    this.#lastMs = nowMs;
  }

  async #lookAround(nowMs: number): Promise<void> {
    const { log, silentMs } = this.#options;
    if (this.#heardSinceMs === undefined || nowMs - this.#heardSinceMs < silentMs) return;
    const silent = await this.#store.forgetSilent(silentMs);
    if (silent.length > 0) log.info({ brokers: silent }, "brokers fell silent; their devices count as gone");
    if (nowMs - this.#assertedMs >= silentMs) await this.#stillConnected(nowMs);
  }

  async #stillConnected(nowMs: number): Promise<void> {
    this.#assertedMs = nowMs;
    await this.#store.markStillConnected(this.#options.connected(), nowMs);
  }
}
