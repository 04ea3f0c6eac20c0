// What lets several brokers share one database: the watcher of changes, the sign of life, and a word from Redis between them.
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import { listenForChanges } from "#jobs";
import {
  currentChangeCursor,
  expireCommands,
  forgetBroker,
  forgetSilentBrokers,
  markBrokerHeard,
  markStillConnected,
  readDeviceChanges,
  type Pool,
} from "#store";
import { DeviceChanges, type ChangeHandlers } from "./device-changes.ts";
import type { BrokerLimits } from "./limits.ts";
import { Pulse, type PulseStore } from "./pulse.ts";

type Options = {
  readonly pool: Pool;
  /** As the store knows this broker: of this run of this process alone. */
  readonly broker: string;
  /** Absent: changes are heard of within `changesEveryMs`. */
  readonly redisUrl: string | undefined;
  readonly limits: Pick<BrokerLimits, "changesEveryMs" | "pulseEveryMs" | "brokerSilentMs">;
  readonly handlers: ChangeHandlers;
  readonly connected: () => readonly number[];
  readonly time: TimeSource;
  readonly log: Logger;
};

/** PostgreSQL owns what is true; Redis only says when to look (I3). */
export class SideBySide {
  readonly #options: Options;
  readonly #changes: DeviceChanges;
  readonly #pulse: Pulse;
  #listener: { readonly close: () => void } | undefined;

  constructor(options: Options) {
    const { pool, broker, limits, handlers, connected, time, log } = options;
    this.#options = options;
    this.#changes = new DeviceChanges({
      begin: () => currentChangeCursor(pool),
      read: (cursor) => readDeviceChanges(pool, cursor),
      handlers,
      everyMs: limits.changesEveryMs,
      log,
    });
    this.#pulse = new Pulse(pulseStore(pool, broker), {
      time,
      log,
      everyMs: limits.pulseEveryMs,
      silentMs: limits.brokerSilentMs,
      connected,
    });
  }

  /** Before anything may connect. */
  async start(): Promise<void> {
    const { redisUrl, log } = this.#options;
    await this.#pulse.start();
    await this.#changes.start();
    this.#listener = listenForChanges(redisUrl, log, () => void this.#changes.look());
  }

  /** First of all: nothing is looked for any more. */
  async stopWatching(): Promise<void> {
    this.#listener?.close();
    await this.#changes.close();
  }

  /** Last of all: nothing is connected here, and that is written. */
  async close(): Promise<void> {
    await this.#pulse.close();
  }
}

function pulseStore(pool: Pool, broker: string): PulseStore {
  return {
    markHeard: () => markBrokerHeard(pool, broker),
    markStillConnected: (deviceIds, atMs) => markStillConnected(pool, broker, deviceIds, atMs),
    forgetSilent: (silentMs) => forgetSilentBrokers(pool, silentMs),
    expireCommands: (nowMs) => expireCommands(pool, nowMs),
    forgetThis: () => forgetBroker(pool, broker),
  };
}
