// The pipeline: decode ▸ judge ▸ batch ▸ commit ▸ acknowledge.
//
//   accept ─▶ held (its device's registers are being fetched or created) ─▶ decode, judge, group
//     ─▶ row ── left out at the door, or by the storage policy ──▶ waits for the row that it leans on
//         └──── batch ─▶ store ─▶ settled ─▶ done, live tap
import type { Logger } from "pino";
import { decoderFor } from "#devices/profiles/index";
import type { Rejection } from "#devices/reading";
import { MINUTE_MS, type TimeSource } from "#devices/time";
import { systemTimers, within, type Timers } from "#devices/timers";
import { traceId } from "#devices/trace";
import type { ProfileId } from "#devices/vocabulary";
import type { IngestStore } from "#store";
import type { Batch } from "./batch.ts";
import { Batcher } from "./batcher.ts";
import type { Carriage } from "./carriage.ts";
import { ChildDirectory } from "./child-directory.ts";
import { decodeMessage, type DecoderOf } from "./decode-message.ts";
import { ClockSkews } from "./clock-skews.ts";
import { DeviceDirectory, type Need } from "./device-directory.ts";
import { DeviceRequests } from "./device-requests.ts";
import type { DeviceState, LastChange } from "./device-state.ts";
import { flagsOf } from "./judge.ts";
import { newFacts } from "./learned-facts.ts";
import { DEFAULT_LIMITS, type IngestLimits } from "./limits.ts";
import type { LiveRow } from "./live-row.ts";
import type { IngestMessage } from "./message.ts";
import { createMetrics, type IngestMetrics } from "./metrics.ts";
import { createRetry } from "./retry.ts";
import { prepareRows, type Prepared, type PreparedRow } from "./prepare-rows.ts";
import { policyKeeps } from "./storage-policy.ts";
import { OpenTickets } from "./open-tickets.ts";
import { Ticket } from "./ticket.ts";

/** Gets every row that is new, after its commit; rows that the storage policy left out, too. Must not throw. */
export type OnLiveRow = (buildingId: number, row: LiveRow) => void;

export type IngestOptions = {
  readonly store: IngestStore;
  readonly time: TimeSource;
  /** The system's, unless time is simulated. */
  readonly timers?: Timers;
  readonly log: Logger;
  readonly live?: OnLiveRow;
  /** Called after a commit that made profiles stale. Must not throw. */
  readonly wake?: () => void;
  readonly limits?: Partial<IngestLimits>;
  /** Which run of which process the trace ids name. */
  readonly instance?: string;
  /** The decoders known, for tests that bring their own. */
  readonly decoderOf?: DecoderOf;
};

export type Ingest = {
  /**
   * Takes a message. `done` is called exactly once, when everything of it that the storage policy keeps is committed,
   * or the message is committed to quarantine; possibly before `accept` returns, where nothing had to be stored. While
   * the store is away it is not called; nothing is dropped. Never throws.
   */
  readonly accept: (message: IngestMessage, done: () => void) => void;
  /** What is not acknowledged yet: payload bytes, and the age of the oldest message. */
  readonly pressure: () => { readonly unacknowledgedBytes: number; readonly oldestMs: number };
  /** Commits what was accepted, for at most `withinMs`; what the store did not take by then is never acknowledged. */
  readonly close: (withinMs?: number) => Promise<void>;
  /** What waits inside; counted when it is asked for. */
  readonly queues: () => IngestQueues;
  /** The devices behind this gateway, or something about them, changed. */
  readonly forgetChildren: (gatewayId: number) => void;
  readonly metrics: IngestMetrics;
};

export type IngestQueues = {
  /** All that is not committed yet, those below included. */
  readonly unacknowledgedMessages: number;
  /** Until it is known who speaks through a gateway, or the device's registers are fetched or created. */
  readonly heldMessages: number;
  /** For a writer. */
  readonly batchesWaiting: number;
  /** For the store. */
  readonly batchesWriting: number;
};

export function createIngest(options: IngestOptions): Ingest {
  const pipeline = new Pipeline(options);
  return {
    accept: (message, done) => pipeline.accept(message, done),
    pressure: () => pipeline.pressure(),
    close: (withinMs) => pipeline.close(withinMs),
    queues: () => pipeline.queues(),
    forgetChildren: (gatewayId) => pipeline.children.forget(gatewayId),
    metrics: pipeline.metrics,
  };
}

const EVICT_EVERY_MS = MINUTE_MS;
const CLOSE_WITHIN_MS = 4000;

class Pipeline {
  readonly metrics = createMetrics();
  readonly children: ChildDirectory;
  readonly #time: TimeSource;
  readonly #timers: Timers;
  readonly #log: Logger;
  /** Asked once, so that a message costs nothing for what is not written. */
  readonly #debugs: boolean;
  readonly #instance: string;
  readonly #limits: IngestLimits;
  readonly #live: OnLiveRow | undefined;
  readonly #decoderOf: DecoderOf;
  readonly #directory: DeviceDirectory;
  readonly #requests: DeviceRequests;
  readonly #skews: ClockSkews;
  readonly #batcher: Batcher;
  readonly #closed = new AbortController();
  readonly #endEvictions: () => void;
  /** Accepted, not done; the oldest first. */
  readonly #open = new OpenTickets();
  /** Messages of devices that are being fetched, in order. */
  readonly #held = new Map<DeviceState, Ticket[]>();
  #unacknowledgedBytes = 0;
  #closing = false;
  #empty: (() => void) | undefined;
  readonly #finish = (ticket: Ticket, redo: boolean): void => this.#finished(ticket, redo);

  constructor(options: IngestOptions) {
    const { store, time, log, timers = systemTimers } = options;
    this.#time = time;
    this.#timers = timers;
    this.#log = log;
    this.#debugs = log.isLevelEnabled("debug");
    this.#instance = options.instance ?? "ingest";
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#live = options.live;
    this.#decoderOf = options.decoderOf ?? decoderFor;
    const { metrics } = this;
    const retry = createRetry({ signal: this.#closed.signal, timers, log, metrics });
    const limits = this.#limits;
    this.#requests = new DeviceRequests(store, log);
    this.#skews = new ClockSkews(store, timers, log);
    this.#directory = new DeviceDirectory({ store, limits, retry });
    this.children = new ChildDirectory({
      store,
      time,
      timers,
      log,
      retry,
      idleMs: limits.deviceIdleMs,
      instance: this.#instance,
    });
    const wake = options.wake ?? (() => undefined);
    const instance = this.#instance;
    this.#batcher = new Batcher({ store, limits, time, timers, log, metrics, retry, wake, instance });
    this.#endEvictions = timers.every(EVICT_EVERY_MS, () => this.#evict());
  }

  accept(message: IngestMessage, done: () => void): void {
    if (this.#closing) return;
    // Who speaks through a gateway is found out first; for everyone else this costs nothing.
    if (message.device.profile !== "gateway") this.#take(message, done);
    else this.children.resolve(message, (known) => this.#take(known, done));
  }

  #take(message: IngestMessage, done: () => void): void {
    const device = this.#directory.of(message.device.id, message.receivedAtMs);
    const ticket = new Ticket(message, device, this.#finish, done);
    this.metrics.messages += 1;
    this.metrics.messageBytes += message.payload.length;
    this.#unacknowledgedBytes += message.payload.length;
    this.#open.add(ticket);
    const held = this.#held.get(device);
    if (held !== undefined) held.push(ticket);
    else this.#work(ticket);
  }

  pressure(): { unacknowledgedBytes: number; oldestMs: number } {
    const oldest = this.#open.oldest?.message.receivedAtMs ?? Number.POSITIVE_INFINITY;
    const oldestAtMs = Math.min(oldest, this.children.oldestHeldAtMs());
    return {
      unacknowledgedBytes: this.#unacknowledgedBytes + this.children.heldBytes,
      oldestMs: Number.isFinite(oldestAtMs) ? Math.max(0, this.#time.now() - oldestAtMs) : 0,
    };
  }

  queues(): IngestQueues {
    let { heldMessages } = this.children;
    const unacknowledgedMessages = this.#open.size + heldMessages;
    for (const held of this.#held.values()) heldMessages += held.length;
    return { unacknowledgedMessages, heldMessages, ...this.#batcher.queues() };
  }

  async close(withinMs = CLOSE_WITHIN_MS): Promise<void> {
    this.#closing = true;
    this.#endEvictions();
    this.#batcher.drain();
    if (!this.#isEmpty()) {
      const emptied = new Promise<void>((resolve) => (this.#empty = resolve));
      await within(this.#timers, withinMs, emptied);
    }
    this.#closed.abort();
    await Promise.all([this.children.close(), this.#skews.close()]);
  }

  #isEmpty(): boolean {
    return this.#open.size === 0 && this.children.heldMessages === 0;
  }

  /** Takes a message as far as it gets at once: to its batch, to its end, or to the line of its device. */
  #work(ticket: Ticket): void {
    const { device, message } = ticket;
    if (!device.loaded) return this.#fetch(ticket, { what: "load" });
    let prepared: Prepared;
    try {
      const decoded = ticket.decoded ?? decodeMessage(this.#decoderOf, message, device);
      if (decoded.requests !== undefined) this.#requests.ask(message, device, decoded.requests);
      const facts = ticket.factsKept ? undefined : newFacts(device.facts, decoded.facts);
      if (facts !== undefined) {
        ticket.decoded = decoded;
        ticket.factsKept = true;
        return this.#fetch(ticket, { what: "facts", facts });
      }
      prepared = prepareRows(device, decoded, message.receivedAtMs, this.#limits);
      // Only for the next look: what waits for its commit should be small.
      ticket.decoded = prepared.need === undefined ? undefined : decoded;
    } catch (error) {
      // A fault of ours. Thrown further it would end the process, and the device would send the message again.
      this.#log.error(
        { err: error, trace: this.#traceOf(message), deviceId: device.id, profile: message.device.profile },
        "a message was not understood",
      );
      const rejection = faultRejection(message.device.profile);
      prepared = { rows: [], rejection, need: undefined, copies: undefined };
    }
    if (prepared.need !== undefined) return this.#fetch(ticket, prepared.need);
    this.#place(ticket, prepared);
  }

  /** Puts every row on its way, and with it the message. */
  #place(ticket: Ticket, { rows, rejection, copies = [] }: Placed): void {
    const batch = this.#batcher.open;
    const rowsBefore = batch.rows.rowCount;
    for (const row of rows) this.#placeRow(ticket, batch, row);
    this.#skews.note(ticket.device, rows, ticket.message.receivedAtMs);
    for (const { carriage } of copies) ticket.lean(carriage);
    // A message out of quarantine travels even with nothing to store: the commit takes it off the list.
    const replayed = ticket.message.replayOf !== undefined;
    if (rejection !== undefined || replayed || batch.rows.rowCount > rowsBefore) {
      batch.endMessage(ticket, rejection);
      this.#batcher.messageEnded();
    }
    ticket.workDone();
  }

  #placeRow(ticket: Ticket, batch: Batch, row: PreparedRow): void {
    const { message, device } = ticket;
    const { observedAtMs, layout, fingerprint } = row;
    // What settles a quarantine row brings all that it stands for itself, and leans on nobody.
    const first = message.replayOf === undefined ? layout.door.find(observedAtMs, fingerprint) : undefined;
    if (first !== undefined) {
      this.metrics.rowsRepeated += 1;
      return ticket.lean(first);
    }
    if (this.#live !== undefined) (ticket.live ??= []).push(row);
    const { expectedIntervalS } = message.device;
    if (!policyKeeps(layout.keepEveryS, expectedIntervalS, layout.lastKeptMs, observedAtMs)) {
      this.metrics.rowsThinned += 1;
      // Its bucket's first row stands for it, so it waits until that one is committed.
      if (layout.lastKeptBy !== undefined) ticket.lean(layout.lastKeptBy);
      return;
    }
    layout.lastKeptMs = observedAtMs;
    layout.lastKeptBy = batch.carriage;
    layout.door.add(observedAtMs, fingerprint, batch.carriage);
    if (device.lastChanges !== undefined) noteChanges(device.lastChanges, row, batch.carriage);
    batch.touch(layout, observedAtMs, message.receivedAtMs);
    batch.rows.add({
      deviceId: device.id,
      layoutId: layout.id,
      observedAtMs,
      receivedAtMs: message.receivedAtMs,
      clock: row.clock,
      flags: flagsOf(observedAtMs, message.receivedAtMs, message.retained),
      fingerprint,
      values: row.packed,
    });
    this.metrics.rows += 1;
    this.metrics.values += row.values.length;
  }

  /** Holds a message, and those of its device that come after it, until the store knows what it needs. */
  #fetch(ticket: Ticket, need: Need): void {
    const { device } = ticket;
    const held = this.#held.get(device);
    if (held === undefined) this.#held.set(device, [ticket]);
    else held.unshift(ticket);
    this.#directory.fetch(device, need, (refusal) => this.#fetched(device, refusal));
  }

  #fetched(device: DeviceState, refusal: unknown): void {
    const held = this.#held.get(device) ?? [];
    this.#held.delete(device);
    if (refusal !== undefined) this.#refuse(held.shift(), refusal);
    for (;;) {
      const ticket = held.shift();
      if (ticket === undefined) return;
      this.#work(ticket);
      const again = this.#held.get(device);
      if (again === undefined) continue;
      again.push(...held);
      return;
    }
  }

  /** The store refused a register of this message: it goes to quarantine, whole. */
  #refuse(ticket: Ticket | undefined, refusal: unknown): void {
    if (ticket === undefined) return;
    const text = refusal instanceof Error ? refusal.message : String(refusal);
    const trace = this.#traceOf(ticket.message);
    this.#log.error({ err: refusal, trace, deviceId: ticket.device.id }, "the store refused a register");
    const detail = `The store refused a register of this message: ${text}`;
    this.#place(ticket, { rows: [], rejection: { reason: "refused_by_store", detail } });
  }

  #finished(ticket: Ticket, redo: boolean): void {
    if (redo) return this.#redo(ticket);
    if (ticket.finished) return;
    ticket.finished = true;
    this.#open.settle();
    const { message, live } = ticket;
    this.#unacknowledgedBytes -= message.payload.length;
    this.metrics.acknowledged += 1;
    if (this.#debugs) this.#tellCommitted(ticket);
    ticket.done();
    if (live !== undefined && !ticket.refused) {
      for (const row of live) this.#live?.(message.device.buildingId, row);
    }
    if (this.#isEmpty()) this.#empty?.();
  }

  #tellCommitted({ message, refused }: Ticket): void {
    const tookMs = this.#time.now() - message.receivedAtMs;
    this.#log.debug(
      { trace: this.#traceOf(message), deviceId: message.device.id, tookMs, refused },
      "message committed",
    );
  }

  #traceOf(message: IngestMessage): string | undefined {
    return traceId(this.#instance, message.trace);
  }

  #redo(ticket: Ticket): void {
    ticket.live = undefined;
    const held = this.#held.get(ticket.device);
    if (held !== undefined) held.push(ticket);
    else this.#work(ticket);
  }

  #evict(): void {
    this.#directory.evict(this.#time.now() - this.#limits.deviceIdleMs, (device) => this.#held.has(device));
  }
}

/** What a message comes to. */
type Placed = Pick<Prepared & { need: undefined }, "rows" | "rejection"> & {
  readonly copies?: readonly LastChange[] | undefined;
};

/** Of registers that are read when they change, what they changed to, and which batch brings it. */
function noteChanges(
  changes: Map<number, LastChange>,
  { layout, values }: PreparedRow,
  carriage: Carriage,
): void {
  for (const [place, { id }] of layout.registers.entries()) {
    const value = values[place];
    if (value !== undefined && changes.has(id)) changes.set(id, { value, carriage });
  }
}

function faultRejection(profile: ProfileId): Rejection {
  return {
    reason: "reading_malformed",
    detail: `Reading this message as ${profile} failed. It is kept and can be replayed.`,
  };
}
