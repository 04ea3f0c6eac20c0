// Brings what the store knows of devices into memory, and makes there what is new: many devices in one call, and few calls at
// once, so that 10,000 devices that come together leave connections for the commits.
//
//   load ───▶ a line ─▶ up to 500 devices in one call; what is asked meanwhile waits together for the next
//   registers ▶ a line ─▶ up to 500 of them, of as many devices, in one transaction ─refused─▶ halves ─▶ … ─▶ the one at fault
//   layouts ─▶ a line ─▶ the same
//   facts ──▶ a line ─▶ 12 devices, a transaction each
import type { Fact, RegisterSpec } from "#devices/reading";
import { storeFailureOf, type IngestStore, type Retry } from "#store";
import { DeviceState } from "./device-state.ts";
import type { IngestLimits } from "./limits.ts";

type Load = { readonly what: "load" };
type NewFacts = { readonly what: "facts"; readonly facts: readonly Fact[] };
type NewRegisters = { readonly what: "registers"; readonly specs: readonly RegisterSpec[] };
type NewLayouts = { readonly what: "layouts"; readonly layouts: readonly (readonly number[])[] };

/** What a device's message needs before it can be judged. */
export type Need = Load | NewFacts | NewRegisters | NewLayouts;

type Wish<Of extends Need> = {
  readonly device: DeviceState;
  readonly need: Of;
  /** Called once; with what the store refused, if it did. */
  readonly answered: (refusal: unknown) => void;
};

export type DirectoryOptions = {
  readonly store: IngestStore;
  readonly limits: IngestLimits;
  readonly retry: Retry;
};

const LOADED_AT_ONCE = 500;
/** Registers, or layouts: those of a device stay together. */
const CREATED_AT_ONCE = 500;
const FACTS_AT_ONCE = 12;

export class DeviceDirectory {
  readonly #options: DirectoryOptions;
  readonly #devices = new Map<number, DeviceState>();
  readonly #loads: Line<Load>;
  readonly #facts: Line<NewFacts>;
  readonly #registers: Line<NewRegisters>;
  readonly #layouts: Line<NewLayouts>;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#loads = new Line({
      atOnce: LOADED_AT_ONCE,
      sizeOf: () => 1,
      work: (wishes) => this.#settle(wishes, (some) => this.#load(some)),
    });
    this.#registers = new Line({
      atOnce: CREATED_AT_ONCE,
      sizeOf: ({ specs }) => specs.length,
      work: (wishes) => this.#settle(wishes, (some) => this.#createRegisters(some)),
    });
    this.#layouts = new Line({
      atOnce: CREATED_AT_ONCE,
      sizeOf: ({ layouts }) => layouts.length,
      work: (wishes) => this.#settle(wishes, (some) => this.#createLayouts(some)),
    });
    this.#facts = new Line({
      atOnce: FACTS_AT_ONCE,
      sizeOf: () => 1,
      work: async (wishes) => {
        await Promise.all(wishes.map((wish) => this.#settle([wish], () => this.#saveFacts(wish))));
      },
    });
  }

  /** A device's state; not loaded the first time. */
  of(deviceId: number, nowMs: number): DeviceState {
    let device = this.#devices.get(deviceId);
    if (device === undefined) this.#devices.set(deviceId, (device = new DeviceState(deviceId, nowMs)));
    device.lastUsedMs = nowMs;
    return device;
  }

  /** Fetches or creates what a device needs; tries until it can. A device has one need at a time. */
  fetch(device: DeviceState, need: Need, answered: (refusal: unknown) => void): void {
    if (need.what === "load") this.#loads.add({ device, need, answered });
    else if (need.what === "facts") this.#facts.add({ device, need, answered });
    else if (need.what === "registers") this.#registers.add({ device, need, answered });
    else this.#layouts.add({ device, need, answered });
  }

  /** Devices silent since `beforeMs` leave the memory, and with them what an administrator may have changed. */
  evict(beforeMs: number, inUse: (device: DeviceState) => boolean): void {
    for (const [id, device] of this.#devices) {
      if (device.lastUsedMs < beforeMs && !inUse(device)) this.#devices.delete(id);
    }
  }

  /**
   * Repeats `work` until the store took or refused it; what it refused of many is tried again by halves, until those at fault
   * are alone. Once ingest is closed nobody is told.
   */
  async #settle<Of extends Need>(
    wishes: readonly Wish<Of>[],
    work: (wishes: readonly Wish<Of>[]) => Promise<void>,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await work(wishes);
        for (const wish of wishes) wish.answered(undefined);
        return;
      } catch (error) {
        if (storeFailureOf(error) !== "store") {
          const middle = wishes.length >>> 1;
          if (middle === 0) return wishes[0]?.answered(error);
          await this.#settle(wishes.slice(0, middle), work);
          return this.#settle(wishes.slice(middle), work);
        }
        const goOn = await this.#options.retry(error, attempt).then(
          () => true,
          () => false,
        );
        if (!goOn) return;
      }
    }
  }

  async #load(wishes: readonly Wish<Load>[]): Promise<void> {
    const { store } = this.#options;
    const ids = wishes.map(({ device }) => device.id);
    const registers = Map.groupBy(await store.loadRegisters(ids), (register) => register.deviceId);
    const layouts = Map.groupBy(await store.loadLayouts(ids), (layout) => layout.deviceId);
    const facts = Map.groupBy(await store.loadFacts(ids), (fact) => fact.deviceId);
    for (const { device } of wishes) {
      device.learnFacts(facts.get(device.id) ?? []);
      device.learnRegisters(registers.get(device.id) ?? []);
      device.learnLayouts(layouts.get(device.id) ?? []);
      device.loaded = true;
    }
  }

  async #saveFacts({ device, need }: Wish<NewFacts>): Promise<void> {
    const { store, limits } = this.#options;
    device.learnFacts(await store.saveFacts(device.id, need.facts, limits.factsPerDeviceMax));
  }

  async #createRegisters(wishes: readonly Wish<NewRegisters>[]): Promise<void> {
    const { store, limits } = this.#options;
    const needs = wishes.map(({ device, need }) => ({ deviceId: device.id, specs: need.specs }));
    const created = await store.createRegisters(needs, limits.registersPerDeviceMax);
    const registers = Map.groupBy(created, (register) => register.deviceId);
    for (const { device } of wishes) device.learnRegisters(registers.get(device.id) ?? []);
  }

  async #createLayouts(wishes: readonly Wish<NewLayouts>[]): Promise<void> {
    const { store, limits } = this.#options;
    const needs = wishes.map(({ device, need }) => ({ deviceId: device.id, layouts: need.layouts }));
    const created = await store.createLayouts(needs, limits.layoutsPerDeviceMax);
    const layouts = Map.groupBy(created, (layout) => layout.deviceId);
    // Another process may have created registers meanwhile, and layouts of them.
    const known = await store.loadRegisters(wishes.map(({ device }) => device.id));
    const registers = Map.groupBy(known, (register) => register.deviceId);
    for (const { device } of wishes) {
      device.learnRegisters(registers.get(device.id) ?? []);
      device.learnLayouts(layouts.get(device.id) ?? []);
    }
  }
}

type LineOptions<Of extends Need> = {
  /** How much is worked on together, in what `sizeOf` counts; one wish at least. */
  readonly atOnce: number;
  readonly sizeOf: (need: Of) => number;
  /** Answers all of them. Never throws. */
  readonly work: (wishes: readonly Wish<Of>[]) => Promise<void>;
};

/** Wishes of one kind, in order: while some are worked on, the next ones gather. */
class Line<Of extends Need> {
  readonly #options: LineOptions<Of>;
  readonly #waiting: Wish<Of>[] = [];
  #running = false;

  constructor(options: LineOptions<Of>) {
    this.#options = options;
  }

  add(wish: Wish<Of>): void {
    this.#waiting.push(wish);
    if (this.#running) return;
    this.#running = true;
    // Not at once: who is answered together asks for the next thing together.
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) await this.#options.work(this.#take());
    this.#running = false;
  }

  #take(): Wish<Of>[] {
    const { atOnce, sizeOf } = this.#options;
    let size = 0;
    const end = this.#waiting.findIndex(({ need }, at) => (size += sizeOf(need)) > atOnce && at > 0);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : end);
  }
}
