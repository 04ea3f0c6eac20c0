// Brings what the store knows of devices into memory: many devices in one query, and few queries at once, so that
// 10,000 devices that come back together leave connections for the commits.
import type { Fact, RegisterSpec } from "#devices/reading";
import { storeFailureOf, type IngestStore, type Retry } from "#store";
import { DeviceState } from "./device-state.ts";
import type { IngestLimits } from "./limits.ts";

/** What a device's message needs before it can be judged. */
export type Need =
  | { readonly what: "load" }
  | { readonly what: "facts"; readonly facts: readonly Fact[] }
  | { readonly what: "registers"; readonly specs: readonly RegisterSpec[] }
  | { readonly what: "layouts"; readonly layouts: readonly (readonly number[])[] };

type Wish = {
  readonly device: DeviceState;
  readonly need: Need;
  /** Called once; with what the store refused, if it did. */
  readonly answered: (refusal: unknown) => void;
};

export type DirectoryOptions = {
  readonly store: IngestStore;
  readonly limits: IngestLimits;
  readonly retry: Retry;
};

const LOADED_AT_ONCE = 500;
const CREATING_AT_ONCE = 12;

export class DeviceDirectory {
  readonly #options: DirectoryOptions;
  readonly #devices = new Map<number, DeviceState>();
  #loads: Wish[] = [];
  #creations: Wish[] = [];
  #running = false;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** A device's state; not loaded the first time. */
  of(deviceId: number, nowMs: number): DeviceState {
    let device = this.#devices.get(deviceId);
    if (device === undefined) this.#devices.set(deviceId, (device = new DeviceState(deviceId, nowMs)));
    device.lastUsedMs = nowMs;
    return device;
  }

  /** Fetches or creates what a device needs; tries until it can. */
  fetch(device: DeviceState, need: Need, answered: (refusal: unknown) => void): void {
    (need.what === "load" ? this.#loads : this.#creations).push({ device, need, answered });
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  /** Devices silent since `beforeMs` leave the memory, and with them what an administrator may have changed. */
  evict(beforeMs: number, inUse: (device: DeviceState) => boolean): void {
    for (const [id, device] of this.#devices) {
      if (device.lastUsedMs < beforeMs && !inUse(device)) this.#devices.delete(id);
    }
  }

  async #run(): Promise<void> {
    while (this.#loads.length > 0 || this.#creations.length > 0) {
      const loads = this.#loads.splice(0, LOADED_AT_ONCE);
      const creations = this.#creations.splice(0, CREATING_AT_ONCE);
      await Promise.all([
        this.#settle(loads, () => this.#load(loads)),
        ...creations.map((wish) => this.#settle([wish], () => this.#create(wish))),
      ]);
    }
    this.#running = false;
  }

  /** Repeats `work` until the store took or refused it. Once ingest is closed nobody is told. */
  async #settle(wishes: readonly Wish[], work: () => Promise<void>): Promise<void> {
    if (wishes.length === 0) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await work();
        for (const wish of wishes) wish.answered(undefined);
        return;
      } catch (error) {
        if (storeFailureOf(error) !== "store") {
          for (const wish of wishes) wish.answered(error);
          return;
        }
        const goOn = await this.#options.retry(error, attempt).then(
          () => true,
          () => false,
        );
        if (!goOn) return;
      }
    }
  }

  async #load(wishes: readonly Wish[]): Promise<void> {
    const { store } = this.#options;
    const ids = wishes.map((wish) => wish.device.id);
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

  async #create({ device, need }: Wish): Promise<void> {
    const { store, limits } = this.#options;
    if (need.what === "facts") {
      device.learnFacts(await store.saveFacts(device.id, need.facts, limits.factsPerDeviceMax));
    } else if (need.what === "registers") {
      device.learnRegisters(await store.createRegisters(device.id, need.specs, limits.registersPerDeviceMax));
    } else if (need.what === "layouts") {
      const layouts = await store.createLayouts(device.id, need.layouts, limits.layoutsPerDeviceMax);
      // Another process may have created registers meanwhile, and layouts of them.
      device.learnRegisters(await store.loadRegisters([device.id]));
      device.learnLayouts(layouts);
    }
  }
}
