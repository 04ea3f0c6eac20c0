// Which devices spoke, written in groups, so that a page shows when each was heard last.
import type { Logger } from "pino";

export type HeardDevicesOptions = {
  readonly write: (deviceIds: readonly number[], atMs: number) => Promise<void>;
  readonly now: () => number;
  readonly log: Pick<Logger, "warn">;
  readonly everyMs: number;
  /** A device is written at most once in this time. */
  readonly deviceEveryMs: number;
};

/** What is lost when the process is killed: a period of marks. While the store is away they wait. */
export class HeardDevices {
  readonly #options: HeardDevicesOptions;
  readonly #writtenAtMs = new Map<number, number>();
  readonly #heard = new Set<number>();
  readonly #timer: NodeJS.Timeout;
  #writing = false;

  constructor(options: HeardDevicesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#write(), options.everyMs);
    this.#timer.unref();
  }

  heard(deviceId: number, nowMs: number): void {
    const writtenAtMs = this.#writtenAtMs.get(deviceId);
    if (writtenAtMs !== undefined && nowMs - writtenAtMs < this.#options.deviceEveryMs) return;
    this.#writtenAtMs.set(deviceId, nowMs);
    this.#heard.add(deviceId);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#heard.size === 0) return;
    this.#writing = true;
    const ids = [...this.#heard];
    this.#heard.clear();
    const nowMs = this.#options.now();
    try {
      await this.#options.write(ids, nowMs);
    } catch (error) {
      for (const id of ids) this.#heard.add(id);
      this.#options.log.warn(
        { err: error, devices: ids.length },
        "when devices were heard is not written yet",
      );
    } finally {
      this.#writing = false;
    }
    for (const [id, atMs] of this.#writtenAtMs)
      if (nowMs - atMs > this.#options.deviceEveryMs) this.#writtenAtMs.delete(id);
  }
}
