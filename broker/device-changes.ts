// The watcher of what changed about devices: PostgreSQL is asked every second, and at once when somebody says so.
import type { Logger } from "pino";
import type { ChangeCursor, DeviceChange } from "#store";

export type ChangeHandlers = {
  /** Who may connect as this device changed, or what its messages mean. */
  readonly access: (deviceId: number) => void;
  /** A command waits for this device. */
  readonly command: (deviceId: number) => void;
  /** A device behind this gateway came, changed or left. */
  readonly claim: (gatewayId: number) => void;
};

type Options = {
  readonly begin: () => Promise<ChangeCursor>;
  readonly read: (
    cursor: ChangeCursor,
  ) => Promise<{ changes: readonly DeviceChange[]; cursor: ChangeCursor }>;
  readonly handlers: ChangeHandlers;
  readonly everyMs: number;
  readonly log: Pick<Logger, "warn" | "info">;
};

/**
 * What is lost while the store is away: time. The cursor stays where it was, and everything since is read when the
 * store is back. Should that take more than a day, the verification once a minute finds what ended.
 */
export class DeviceChanges {
  readonly #options: Options;
  #cursor: ChangeCursor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #reading: Promise<void> | undefined;
  #again = false;
  #away = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Begins to watch: what commits after this has resolved is heard of. */
  async start(): Promise<void> {
    this.#cursor = await this.#options.begin();
    this.#timer = setInterval(() => void this.look(), this.#options.everyMs);
  }

  /** Reads now. If a reading is under way it may have begun before the commit in question: another follows it. */
  async look(): Promise<void> {
    if (this.#cursor === undefined) return;
    if (this.#reading !== undefined) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readAll().finally(() => (this.#reading = undefined));
    return this.#reading;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#cursor = undefined;
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    do {
      this.#again = false;
      await this.#readOnce();
    } while (this.#again);
  }

  async #readOnce(): Promise<void> {
    const { read, handlers, log } = this.#options;
    if (this.#cursor === undefined) return;
    try {
      const { changes, cursor } = await read(this.#cursor);
      // Closed meanwhile.
      if (this.#cursor === undefined) return;
      this.#cursor = cursor;
      if (this.#away) log.info("changes of devices are heard of again");
      this.#away = false;
      for (const { kind, deviceId } of unique(changes)) handlers[kind](deviceId);
    } catch (error) {
      if (!this.#away) log.warn({ err: error }, "changes of devices are not heard of: the store is away");
      this.#away = true;
    }
  }
}

/** A rotation is several rows of the same device: it is verified once. */
function unique(changes: readonly DeviceChange[]): Iterable<DeviceChange> {
  return new Map(changes.map((change) => [`${change.kind} ${change.deviceId}`, change])).values();
}
