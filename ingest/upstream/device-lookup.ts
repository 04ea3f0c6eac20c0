// Who the devices in the topics are: asked of the store many at once, remembered, and asked again while messages go on.
//
//   find ── known ───────────────────────────────▶ answered at once; when it is old, asked again meanwhile
//     └──── not known, or long ago: waits, in order ──▶ one query for all that wait ──▶ answered
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { DeviceContext } from "#store";
import { backOffMs } from "./back-off.ts";
import type { UpstreamLimits } from "./limits.ts";

/** `undefined`: no such device. */
export type Found = (device: DeviceContext | undefined) => void;

export type DeviceLookupOptions = {
  readonly load: (deviceIds: readonly number[]) => Promise<readonly DeviceContext[]>;
  readonly limits: Pick<
    UpstreamLimits,
    "deviceFreshMs" | "unknownFreshMs" | "deviceIdleMs" | "unknownCountMax"
  >;
  readonly log: Pick<Logger, "warn">;
};

type Entry = {
  device: DeviceContext | undefined;
  /** When the store was asked; undefined: it never answered. */
  askedAtMs: number | undefined;
  usedAtMs: number;
  readonly waiting: Found[];
};

const ASKED_AT_ONCE = 1000;
const RETRY = { backOffFirstMs: 50, backOffMaxMs: 2000 };

/**
 * Remembers devices, and for a few seconds those that do not exist; never tells of one that it does not know that it does not
 * exist. What waits for an answer is bounded by what the broker sends without acknowledgement.
 */
export class DeviceLookup {
  readonly #options: DeviceLookupOptions;
  readonly #entries = new Map<number, Entry>();
  readonly #closed = new AbortController();
  #wanted = new Set<number>();
  #unknown = 0;
  #nowMs = 0;
  #asking = false;

  constructor(options: DeviceLookupOptions) {
    this.#options = options;
  }

  /** Answers at once or later, for one device always in the order of the calls; never while the store is away. */
  find(deviceId: number, nowMs: number, found: Found): void {
    this.#nowMs = nowMs;
    let entry = this.#entries.get(deviceId);
    if (entry === undefined) {
      entry = { device: undefined, askedAtMs: undefined, usedAtMs: nowMs, waiting: [] };
      this.#entries.set(deviceId, entry);
    }
    entry.usedAtMs = nowMs;
    if (entry.waiting.length > 0) return void entry.waiting.push(found);
    const { deviceFreshMs, unknownFreshMs } = this.#options.limits;
    const { device, askedAtMs } = entry;
    const ageMs = askedAtMs === undefined ? Infinity : nowMs - askedAtMs;
    const answered = device !== undefined || ageMs < unknownFreshMs;
    if (!answered) entry.waiting.push(found);
    if (ageMs >= (device === undefined ? unknownFreshMs : deviceFreshMs)) this.#ask(deviceId);
    if (answered) found(device);
  }

  /** Devices that were silent for long, or are not known, leave the memory. */
  evict(nowMs: number): void {
    const { deviceIdleMs, unknownFreshMs } = this.#options.limits;
    for (const [id, { device, usedAtMs, waiting }] of this.#entries) {
      const idleMs = device === undefined ? unknownFreshMs : deviceIdleMs;
      if (waiting.length === 0 && nowMs - usedAtMs > idleMs) this.#forget(id);
    }
  }

  /** Nobody who waits is answered any more. */
  close(): void {
    this.#closed.abort();
  }

  #ask(deviceId: number): void {
    this.#wanted.add(deviceId);
    if (this.#asking) return;
    this.#asking = true;
    // What came in the same chunk of the connection is asked for together.
    setImmediate(() => void this.#askAll());
  }

  async #askAll(): Promise<void> {
    while (this.#wanted.size > 0) {
      const ids = [...this.#wanted].slice(0, ASKED_AT_ONCE);
      const askedAtMs = this.#nowMs;
      const devices = await this.#load(ids);
      if (devices === undefined) return;
      for (const id of ids) this.#wanted.delete(id);
      const byId = new Map(devices.map((device) => [device.id, device]));
      for (const id of ids) this.#answer(id, byId.get(id), askedAtMs);
    }
    this.#asking = false;
  }

  /** Tries until the store answers; undefined once this is closed. */
  async #load(ids: readonly number[]): Promise<readonly DeviceContext[] | undefined> {
    for (let attempt = 1; !this.#closed.signal.aborted; attempt++) {
      try {
        return await this.#options.load(ids);
      } catch (error) {
        if ((attempt & (attempt - 1)) === 0)
          this.#options.log.warn({ err: error, attempt }, "the store did not say who the devices are");
        const waited = sleep(backOffMs(attempt, RETRY, 1), undefined, { signal: this.#closed.signal });
        await waited.catch(() => undefined);
      }
    }
    return undefined;
  }

  #answer(id: number, device: DeviceContext | undefined, askedAtMs: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (entry.device === undefined && entry.askedAtMs !== undefined) this.#unknown--;
    if (device === undefined) this.#unknown++;
    entry.device = device;
    entry.askedAtMs = askedAtMs;
    for (const found of entry.waiting.splice(0)) found(device);
    if (device === undefined && this.#unknown > this.#options.limits.unknownCountMax) this.#forget(id);
  }

  #forget(id: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.device === undefined && entry.askedAtMs !== undefined) this.#unknown--;
    this.#entries.delete(id);
  }
}
