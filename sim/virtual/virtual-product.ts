// The product in virtual time: the real ingest and the real workers as processes that can be killed, over a store in memory.
import { pino } from "pino";
import { MINUTE_MS } from "#devices/time";
import { createIngest, type Ingest } from "#ingest";
import { MemoryDatabase, memoryStore, type MemoryStore } from "#memory-store";
import { createDrain, createEstimator } from "#worker";
import type { DeviceContext } from "#store";
import type { Delivery } from "../story/story.ts";
import { createRandom, derive } from "../world/random.ts";
import type { Accept } from "./device-line.ts";
import type { StoreSpell } from "./process-faults.ts";
import { storeWire, WireCut } from "./store-wire.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type ProductOptions = {
  readonly clock: VirtualClock;
  readonly seed: number;
  readonly spells: readonly StoreSpell[];
  /** Between two looks of a worker. */
  readonly workEveryMs: number;
  readonly workers: number;
};

type IngestProcess = { readonly ingest: Ingest; readonly die: () => void };
type WorkerProcess = { readonly die: () => void; readonly dieAt: (statement: number) => void };

export class VirtualProduct {
  readonly database: MemoryDatabase;
  readonly #options: ProductOptions;
  #ingest: IngestProcess | undefined;
  #workers: WorkerProcess[] = [];
  #started = 0;
  /** What the product said that it did not understand: none of it may be said in virtual time. */
  readonly failures: string[] = [];

  constructor(options: ProductOptions) {
    this.#options = options;
    this.database = new MemoryDatabase(options.clock);
    this.#startIngest();
    for (let one = 0; one < options.workers; one++) this.#startWorker();
  }

  /** Nobody is there while ingest is down. */
  acceptOf(device: DeviceContext): Accept {
    const process = this.#ingest;
    if (process === undefined) return undefined;
    return ({ topic, payload, qos, retain }: Delivery, done) =>
      process.ingest.accept(
        {
          device,
          clientId: String(device.id),
          topic,
          payload,
          qos,
          retained: retain,
          receivedAtMs: this.#options.clock.now(),
        },
        done,
      );
  }

  /** What was asked of a device and is still to be said to it: said now, so that it may be asked again. */
  takeCommands(deviceId: number): readonly Uint8Array[] {
    const { commands } = this.database;
    const nowMs = this.#options.clock.now();
    const own = commands.filter((one) => one.deviceId === deviceId);
    const others = commands.filter((one) => one.deviceId !== deviceId);
    commands.splice(0, commands.length, ...others);
    return own.filter(({ expiresAtMs }) => expiresAtMs > nowMs).map(({ payload }) => payload);
  }

  /** Whatever it had not committed is gone; it is there again after a while. */
  killIngest(downMs: number): void {
    const { clock } = this.#options;
    this.#ingest?.die();
    this.#ingest = undefined;
    clock.at(clock.now() + downMs, () => this.#startIngest());
  }

  /** At one of its next statements, so that it dies within a transaction. */
  killWorker(statement: number, downMs: number): void {
    const { clock } = this.#options;
    const worker = this.#workers.shift();
    worker?.dieAt(statement);
    clock.at(clock.now() + downMs, () => {
      worker?.die();
      this.#startWorker();
    });
  }

  /** Messages that were accepted and are not committed. */
  get unacknowledged(): number {
    return this.#ingest?.ingest.queues().unacknowledgedMessages ?? 0;
  }

  #startIngest(): void {
    if (this.#ingest !== undefined) return;
    const { clock } = this.#options;
    const { timers, stop } = clock.timers();
    const store = this.#store();
    const log = pino({ level: "error" }, { write: (line: string) => this.failures.push(line) });
    const ingest = createIngest({ store, time: clock, timers, log, instance: `virtual-${this.#started}` });
    const die = () => {
      stop();
      store.abandon();
    };
    this.#ingest = { ingest, die };
  }

  #startWorker(): void {
    const { clock, workEveryMs, seed } = this.#options;
    const { timers, stop } = clock.timers();
    let left = Infinity;
    const store = this.#store(() => {
      left -= 1;
      if (left < 0) die();
    });
    const die = () => {
      stop();
      store.abandon();
    };
    const log = {
      debug: () => undefined,
      error: (fields: object, message: string) => {
        const error = "err" in fields && fields.err instanceof Error ? `: ${fields.err.stack}` : "";
        this.failures.push(`${message}${error}`);
      },
    };
    const drain = createDrain({ store, time: clock, log });
    const estimate = createEstimator({ store, time: clock, log });
    const { signal } = new AbortController();
    // While the store is away: the next step tries again.
    const unlessCut = (error: unknown) => {
      if (!(error instanceof WireCut))
        this.failures.push(String(error instanceof Error ? error.stack : error));
    };
    const step = async () => {
      await drain(signal).catch(unlessCut);
      await estimate(signal).catch(unlessCut);
      timers.after(workEveryMs, () => void step());
    };
    const first = createRandom(derive(seed, `worker ${this.#started}`)).below(workEveryMs);
    timers.after(Math.max(first, MINUTE_MS / 2), () => void step());
    this.#workers.push({ die, dieAt: (statement) => (left = statement) });
  }

  #store(onStatement?: () => void): MemoryStore {
    this.#started += 1;
    const { clock, spells, seed } = this.#options;
    const random = createRandom(derive(seed, `process ${this.#started}`));
    return memoryStore(
      this.database,
      storeWire({ clock, spells, random, ...(onStatement && { onStatement }) }),
    );
  }
}
