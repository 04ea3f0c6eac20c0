// Commands on their last stretch: claimed when a device listens for one, sent at QoS 1, settled by its PUBACK.
//
//   wanted ──claim──▶ in flight ──PUBACK──▶ settled     What is settled, parked or released is written in groups,
//      ▲                  ├── subscribed at QoS 0 ──▶ parked: sent, never acknowledged, never repeated
//      └──────────────────┴── connection gone ──▶ released: any broker may try
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import {
  claimCommands,
  parkCommands,
  releaseCommands,
  settleCommands,
  type ClaimedCommand,
  type Pool,
  type WaitingCommand,
} from "#store";
import { keepPacketIds, needsDrain, onPuback, sendPublish } from "./aedes-internals.ts";
import type { Counts } from "./counts.ts";
import { COMMAND_PACKET_ID_MIN, SentCommands } from "./sent-commands.ts";
import { grantedQos, type Session, type Sessions } from "./session.ts";

/** The store's side, for this broker. */
export type CommandStore = {
  claim(
    deviceIds: readonly number[],
    nowMs: number,
    choose: (waiting: readonly WaitingCommand[]) => readonly number[],
  ): Promise<readonly ClaimedCommand[]>;
  settle(ids: readonly number[], nowMs: number): Promise<void>;
  park(ids: readonly number[]): Promise<void>;
  release(ids: readonly number[]): Promise<void>;
};

/** The commands in PostgreSQL, claimed in the name of this run of this process (`broker`). */
export function commandStore(pool: Pool, broker: string): CommandStore {
  return {
    claim: (deviceIds, nowMs, choose) => claimCommands(pool, broker, deviceIds, nowMs, choose),
    settle: (ids, nowMs) => settleCommands(pool, ids, nowMs),
    park: (ids) => parkCommands(pool, broker, ids),
    release: (ids) => releaseCommands(pool, broker, ids),
  };
}

type Options = {
  readonly store: CommandStore;
  readonly sessions: Sessions;
  readonly counts: Counts;
  readonly time: TimeSource;
  readonly log: Pick<Logger, "warn" | "debug">;
  /** As the store knows this broker. */
  readonly broker: string;
  readonly everyMs: number;
};

/** Devices asked for in one statement: payloads of up to 64 KiB each come with the answer. */
const DEVICES_AT_ONCE_MAX = 100;

const CLOSE_WITHIN_MS = 1000;

type Flight = { readonly command: ClaimedCommand; readonly session: Session };

/**
 * What is lost when the store is away: time, outcomes are written when it is back. What is lost when the process is
 * killed: what was acknowledged and not written is sent once more, after another broker has noticed (`pulse.ts`).
 */
export class Commands {
  readonly #options: Options;
  readonly #wanted = new Set<number>();
  /** Devices that read too slowly to be sent anything now. */
  readonly #slow = new Set<number>();
  /** By device: one at a time, in order. */
  readonly #flights = new Map<number, Flight>();
  #settled: number[] = [];
  #parked: number[] = [];
  #released: number[] = [];
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;
  #closing = false;

  constructor(options: Options) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), options.everyMs);
    this.#timer.unref();
  }

  /** This connection is about to listen for the first time. */
  listening(session: Session): void {
    session.sent = new SentCommands();
    keepPacketIds(session.client, COMMAND_PACKET_ID_MIN);
    onPuback(session.client, (messageId) => this.#acknowledged(session, messageId));
  }

  /** Something may wait for this device, or it may have begun to listen. */
  poke(deviceId: number): void {
    if (this.#closing || !this.#options.sessions.isHeard(deviceId)) return;
    this.#wanted.add(deviceId);
    this.#run();
  }

  /** The connection is gone: what it did not acknowledge may be tried by any broker. */
  closed(session: Session): void {
    for (const command of session.sent?.takeAll() ?? []) {
      this.#released.push(command);
      this.#land(session, command);
    }
  }

  /** Writes what is known of outcomes, for at most a second; the connections are closed already. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#timer);
    this.#wanted.clear();
    const written = Promise.resolve(this.#running).then(() => this.#deliver());
    await Promise.race([written, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }

  /** The device acknowledged packet `messageId`; most of them are none of ours. */
  #acknowledged(session: Session, messageId: number): void {
    const command = session.sent?.take(messageId);
    if (command === undefined) return;
    this.#options.counts.commandsDelivered++;
    this.#settled.push(command);
    this.#land(session, command);
  }

  #land(session: Session, command: number): void {
    const deviceId = session.device.id;
    if (this.#flights.get(deviceId)?.command.id === command) this.#flights.delete(deviceId);
    this.poke(deviceId);
    this.#run();
  }

  #tick(): void {
    const nowMs = this.#options.time.now();
    const slow = [...this.#slow];
    this.#slow.clear();
    for (const deviceId of slow) this.poke(deviceId);
    for (const [deviceId, { command }] of this.#flights) {
      // The next one need not wait for it any more; should it be acknowledged after all, that is still heard. The
      // store counts microseconds: within this very millisecond it may still name the one that is on its way.
      if (command.expiresAtMs >= nowMs) continue;
      this.#flights.delete(deviceId);
      this.poke(deviceId);
    }
    this.#run();
  }

  #run(): void {
    if (this.#closing) return;
    this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined;
    });
  }

  /** Until nothing is left to do; when the store is away, until the next tick. */
  async #deliver(): Promise<void> {
    try {
      do {
        await this.#writeOutcomes();
        await this.#claimSome();
      } while (this.#settled.length + this.#parked.length + this.#released.length + this.#wanted.size > 0);
    } catch (error) {
      this.#options.log.warn({ err: error, devices: this.#wanted.size }, "commands wait for the store");
    }
  }

  /** Each list is emptied only once it is written: it may have grown meanwhile. */
  async #writeOutcomes(): Promise<void> {
    const { store, time } = this.#options;
    const settled = this.#settled.slice();
    if (settled.length > 0) await store.settle(settled, time.now());
    this.#settled.splice(0, settled.length);
    const parked = this.#parked.slice();
    if (parked.length > 0) await store.park(parked);
    this.#parked.splice(0, parked.length);
    const released = this.#released.slice();
    if (released.length > 0) await store.release(released);
    this.#released.splice(0, released.length);
  }

  async #claimSome(): Promise<void> {
    const deviceIds = [...this.#wanted].slice(0, DEVICES_AT_ONCE_MAX);
    if (deviceIds.length === 0) return;
    const { store, time } = this.#options;
    for (const id of deviceIds) this.#wanted.delete(id);
    try {
      const claimed = await store.claim(deviceIds, time.now(), (waiting) => this.#choose(waiting));
      for (const command of claimed) this.#send(command);
    } catch (error) {
      for (const id of deviceIds) this.#wanted.add(id);
      throw error;
    }
  }

  /** Of each device the first command that it listens for, unless one is on its way. */
  #choose(waiting: readonly WaitingCommand[]): number[] {
    const byDevice = Map.groupBy(waiting, (command) => command.deviceId);
    return [...byDevice].flatMap(([deviceId, commands]) => {
      if (this.#flights.has(deviceId)) return [];
      const tried = commands.find((command) => command.sentBy !== null);
      // Claimed by another broker, which will say how it ended; or by this one in a commit whose answer was lost.
      if (tried !== undefined && tried.sentBy !== this.#options.broker) return [];
      const next = tried ?? commands.find(({ topic }) => this.#listener(deviceId, topic) !== undefined);
      return next === undefined || this.#isAwaited(next) ? [] : [next.id];
    });
  }

  /** It expired in the meantime, or its outcome is about to be written. */
  #isAwaited({ id, deviceId }: WaitingCommand): boolean {
    if ([this.#settled, this.#parked, this.#released].some((ids) => ids.includes(id))) return true;
    return [...this.#options.sessions.ofDevice(deviceId)].some((session) => session.sent?.has(id));
  }

  #send(command: ClaimedCommand): void {
    const { counts, log } = this.#options;
    const listener = this.#listener(command.deviceId, command.topic);
    if (listener === undefined) {
      this.#released.push(command.id);
      return;
    }
    const { session, qos } = listener;
    const messageId = qos === 0 ? undefined : session.sent?.add(command.id);
    sendPublish(session.client, { topic: command.topic, payload: command.payload, messageId });
    counts.commandsSent++;
    log.debug({ deviceId: command.deviceId, command: command.id, topic: command.topic, qos }, "command sent");
    if (messageId === undefined) {
      this.#parked.push(command.id);
      this.poke(command.deviceId);
      return;
    }
    this.#flights.set(command.deviceId, { command, session });
  }

  /** The connection of the device that hears this topic best, and can be written to. */
  #listener(deviceId: number, topic: string): { session: Session; qos: 0 | 1 } | undefined {
    let found: { session: Session; qos: 0 | 1 } | undefined;
    for (const session of this.#options.sessions.ofDevice(deviceId)) {
      const qos = grantedQos(session, topic);
      if (qos === undefined || (found !== undefined && qos === 0)) continue;
      if (needsDrain(session.client) || session.sent === undefined || session.sent.isFull) {
        this.#slow.add(deviceId);
        continue;
      }
      if (qos > 0) return { session, qos: 1 };
      found = { session, qos: 0 };
    }
    return found;
  }
}
