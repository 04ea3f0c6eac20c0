// Who is behind a gateway: its messages become those of the devices that somebody claimed, before anything is decoded.
//
//   message ─▶ children known? ──no──▶ held, in order, until the store said who they are
//                   │ yes
//                   └─▶ recognise ──claimed──▶ the child's message
//                           └──────nobody's──▶ the gateway's, with what is known of who spoke
import type { Logger } from "pino";
import { recognise, type Recognised } from "#devices/profiles/index";
import { MINUTE_MS, SECOND_MS, type TimeSource } from "#devices/time";
import type { Timers } from "#devices/timers";
import { traceId } from "#devices/trace";
import {
  SEEN_EVERY_MS,
  storeFailureOf,
  type Child,
  type DeviceContext,
  type IngestStore,
  type Retry,
} from "#store";
import { HeardDevices } from "./heard-devices.ts";
import type { IngestMessage } from "./message.ts";

export type ChildDirectoryOptions = {
  readonly store: Pick<IngestStore, "loadChildren" | "adoptClaimed" | "markSeen">;
  readonly time: TimeSource;
  readonly timers: Timers;
  readonly log: Logger;
  readonly retry: Retry;
  /** A gateway that is silent for so long leaves the memory, and its children with it. */
  readonly idleMs: number;
  /** Stands in trace ids. */
  readonly instance?: string;
};

type Take = (message: IngestMessage) => void;
type Gateway = {
  /** By external id; undefined until they are loaded. */
  children: ReadonlyMap<string, DeviceContext> | undefined;
  readonly held: { readonly message: IngestMessage; readonly take: Take }[];
  lastUsedMs: number;
};

const LOADED_AT_ONCE = 500;
const REFRESH_EVERY_MS = MINUTE_MS;
const SEEN_WRITTEN_EVERY_MS = 5 * SECOND_MS;

/**
 * Asked before anything is decoded, for messages of gateways only. It remembers the children of every gateway that speaks,
 * loads those of many in one query, again each minute and when it is told to `forget`; what comes before they are known is
 * held, in order.
 */
export class ChildDirectory {
  readonly #options: ChildDirectoryOptions;
  readonly #gateways = new Map<number, Gateway>();
  /** Gateways whose children must be loaded, anew or for the first time. */
  #wanted = new Set<number>();
  #running = false;
  #closed = false;
  #heldBytes = 0;
  #heldMessages = 0;
  readonly #heard: HeardDevices;
  #endRefresh: (() => void) | undefined;

  constructor(options: ChildDirectoryOptions) {
    this.#options = options;
    const { store, timers, log } = options;
    this.#heard = new HeardDevices({
      write: (heardAtMs) => store.markSeen(heardAtMs),
      timers,
      log,
      everyMs: SEEN_WRITTEN_EVERY_MS,
      deviceEveryMs: SEEN_EVERY_MS,
    });
  }

  /** Calls `take` with the message as it is to be read: at once where the gateway's children are known. Never throws. */
  resolve(message: IngestMessage, take: Take): void {
    const gateway = this.#gatewayOf(message);
    if (gateway.children !== undefined) return take(this.#resolved(message, gateway.children));
    gateway.held.push({ message, take });
    this.#heldBytes += message.payload.length;
    this.#heldMessages += 1;
  }

  /** Payload bytes of what waits for its gateway's children. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get heldMessages(): number {
    return this.#heldMessages;
  }

  /** When the oldest message that waits came in; infinity where none does. */
  oldestHeldAtMs(): number {
    let oldestAtMs = Number.POSITIVE_INFINITY;
    if (this.#heldMessages === 0) return oldestAtMs;
    for (const { held } of this.#gateways.values()) {
      oldestAtMs = Math.min(oldestAtMs, held[0]?.message.receivedAtMs ?? oldestAtMs);
    }
    return oldestAtMs;
  }

  /** Something about the devices behind this gateway was changed: its next messages wait for the news. */
  forget(gatewayId: number): void {
    const gateway = this.#gateways.get(gatewayId);
    if (gateway === undefined) return;
    gateway.children = undefined;
    this.#want(gatewayId);
  }

  /** Nothing is loaded any more; what is held is never taken. Writes who spoke, if the store answers soon. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endRefresh?.();
    await this.#heard.close();
  }

  #gatewayOf(message: IngestMessage): Gateway {
    const { id } = message.device;
    let gateway = this.#gateways.get(id);
    if (gateway === undefined) {
      // Not before: only processes that serve gateways have one.
      this.#endRefresh ??= this.#options.timers.every(REFRESH_EVERY_MS, () => this.#refresh());
      gateway = { children: undefined, held: [], lastUsedMs: 0 };
      this.#gateways.set(id, gateway);
      this.#want(id);
    }
    gateway.lastUsedMs = this.#options.time.now();
    return gateway;
  }

  #resolved(message: IngestMessage, children: ReadonlyMap<string, DeviceContext>): IngestMessage {
    const unclaimed = this.#recognised(message);
    const device = children.get(unclaimed.externalId);
    if (device === undefined) return { ...message, unclaimed };
    this.#heard.heard(device.id, message.receivedAtMs);
    return { ...message, device };
  }

  #recognised(message: IngestMessage): Recognised {
    try {
      return recognise(message.topic, message.payload);
    } catch (error) {
      // A fault of ours. Thrown further it would end the process, and the gateway would send the message again.
      const { log, instance } = this.#options;
      const trace = traceId(instance, message.trace);
      log.error({ err: error, trace, deviceId: message.device.id }, "a sender was not recognised");
      return { externalId: "?", profile: null };
    }
  }

  /** In case nobody told of a change. Messages go on as they were meanwhile. */
  #refresh(): void {
    const silentSinceMs = this.#options.time.now() - this.#options.idleMs;
    for (const [id, gateway] of this.#gateways) {
      if (gateway.lastUsedMs < silentSinceMs && gateway.held.length === 0) this.#gateways.delete(id);
      else this.#want(id);
    }
  }

  #want(gatewayId: number): void {
    this.#wanted.add(gatewayId);
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    while (this.#wanted.size > 0 && !this.#closed) {
      const ids = [...this.#wanted].slice(0, LOADED_AT_ONCE);
      // Taken off before asking: a change that is told of meanwhile is asked for again.
      for (const id of ids) this.#wanted.delete(id);
      const loaded = await this.#load(ids);
      if (loaded === undefined) break;
      for (const id of ids) this.#know(id, loaded.get(id) ?? []);
    }
    this.#running = false;
  }

  /** Tries until the store answers; `undefined` once ingest is closed. */
  async #load(ids: readonly number[]): Promise<Map<number | null, Child[]> | undefined> {
    const { store, log, retry } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        const children = await store.loadChildren(ids);
        if (children.length > 0) {
          const adopted = await store.adoptClaimed(ids);
          if (adopted > 0)
            log.info({ messages: adopted }, "messages that came during a claim are read again");
        }
        return Map.groupBy(children, ({ device }) => device.parentId);
      } catch (error) {
        if (storeFailureOf(error) !== "store") {
          log.error(
            { err: error },
            "who is behind a gateway was not answered; their messages are quarantined",
          );
          return new Map();
        }
        const goOn = await retry(error, attempt).then(
          () => true,
          () => false,
        );
        if (!goOn) return undefined;
      }
    }
  }

  #know(gatewayId: number, loaded: readonly Child[]): void {
    const gateway = this.#gateways.get(gatewayId);
    // Told of another change while this was on its way: the answer may be older than it.
    if (gateway === undefined || this.#wanted.has(gatewayId)) return;
    const children = new Map(loaded.map(({ externalId, device }) => [externalId, device]));
    gateway.children = children;
    for (const { message, take } of gateway.held.splice(0)) {
      this.#heldBytes -= message.payload.length;
      this.#heldMessages -= 1;
      take(this.#resolved(message, children));
    }
  }
}
