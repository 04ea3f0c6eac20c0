// The consumer of an external broker: connects, takes messages, hands them to ingest, acknowledges after the commit.
//
//   slot ─▶ connect ─▶ d/<device>/<topic> ─▶ who is it ─▶ ingest ─▶ (commit) ─▶ PUBACK
//    ▲          │                               └─ nobody: quarantine `device_unknown`
//    └─ wait ◀──┘ closed
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { splitMounted } from "#devices/mounted-topic";
import { MINUTE_MS, type TimeSource } from "#devices/time";
import { TraceNumbers } from "#devices/trace";
import {
  loadDevices,
  markSeen,
  SEEN_EVERY_MS,
  takeConsumerSlot,
  type ConsumerSlot,
  type DeviceContext,
  type Pool,
} from "#store";
import type { Ingest } from "../ingest.ts";
import { HeardDevices } from "../heard-devices.ts";
import { NO_DEVICE, type IngestMessage } from "../message.ts";
import { tellTakenIn, waitingBytesOf } from "../taken-in.ts";
import { backOffMs } from "./back-off.ts";
import { DeviceLookup } from "./device-lookup.ts";
import { DEFAULT_UPSTREAM_LIMITS, type UpstreamLimits } from "./limits.ts";
import {
  openConnection,
  requireKnownMqtt,
  type CloseReason,
  type UpstreamConnection,
  type UpstreamMessage,
} from "./mqtt-connection.ts";

export type UpstreamOptions = {
  readonly pool: Pool;
  /** With credentials, if any; only its host is logged. */
  readonly url: string;
  /** Of the shared subscription; consumers of one group share the messages. */
  readonly group: string;
  readonly time: TimeSource;
  readonly log: Logger;
  /** In `[0, 1)`. */
  readonly random: () => number;
  readonly ingest: Pick<Ingest, "accept">;
  /** Which run of which process: stands in trace ids. */
  readonly instance?: string;
  readonly limits?: Partial<UpstreamLimits>;
};

export type UpstreamCounts = {
  messages: number;
  /** Of those: their topic names no device that is registered. */
  unknown: number;
  /** Connections that the broker accepted. */
  connections: number;
  /** Messages taken and not acknowledged, of connections that are gone too, and their bytes. */
  unacknowledged: number;
  unacknowledgedBytes: number;
};

export type Upstream = {
  /** Resolves with the client id once the broker has granted the subscription for the first time. */
  readonly ready: Promise<string>;
  readonly counts: Readonly<UpstreamCounts>;
  /** Takes nothing more; what was taken is acknowledged as it is committed. */
  readonly stopTaking: () => void;
  /**
   * Leaves the group for good: gives the subscription back, resolves when all that the broker had kept for us is
   * committed, and lets `close` end the session.
   */
  readonly retire: () => Promise<void>;
  /** Disconnects; the session stays at the broker, for the next process with this slot. */
  readonly close: () => Promise<void>;
};

const CLOSE_WITHIN_MS = 1000;
const RETIRE_QUIET_MS = 2000;

/** @throws KoproError `internal` when another mqtt.js is installed than the one this was written for. */
export function consumeUpstream(options: UpstreamOptions): Upstream {
  requireKnownMqtt();
  return new Consumer(options);
}

class Consumer implements Upstream {
  readonly counts: UpstreamCounts = {
    messages: 0,
    unknown: 0,
    connections: 0,
    unacknowledged: 0,
    unacknowledgedBytes: 0,
  };
  readonly ready: Promise<string>;
  readonly #isReady: (clientId: string) => void;
  readonly #options: UpstreamOptions;
  readonly #limits: UpstreamLimits;
  readonly #lookup: DeviceLookup;
  readonly #heard: HeardDevices;
  readonly #traces = new TraceNumbers();
  /** Asked once, so that a message costs nothing for what is not written. */
  readonly #debugs: boolean;
  readonly #closed = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #running: Promise<void>;
  #slot: ConsumerSlot | undefined;
  #slotTaken: Promise<number> | undefined;
  #connection: UpstreamConnection | undefined;
  /** The client id under which the broker has a session of ours. */
  #sessionOf: string | undefined;
  readonly #host: string;
  #taking = true;
  #retired = false;
  #shut = false;

  constructor(options: UpstreamOptions) {
    const { pool, time, log } = options;
    this.#options = options;
    this.#debugs = log.isLevelEnabled("debug");
    this.#host = new URL(options.url).host;
    this.#limits = { ...DEFAULT_UPSTREAM_LIMITS, ...options.limits };
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ready = promise;
    this.#isReady = resolve;
    this.#lookup = new DeviceLookup({ load: (ids) => loadDevices(pool, ids), limits: this.#limits, log });
    this.#heard = new HeardDevices({
      write: (heardAtMs) => markSeen(pool, heardAtMs),
      log,
      everyMs: this.#limits.heardEveryMs,
      deviceEveryMs: SEEN_EVERY_MS,
    });
    this.#timers = [
      setInterval(() => this.#lookup.evict(time.now()), MINUTE_MS),
      setInterval(() => log.info({ ...this.counts }, "external broker"), MINUTE_MS),
      setInterval(() => void this.#keepSlot(), this.#limits.slotEveryMs),
    ];
    this.#running = this.#run();
  }

  stopTaking(): void {
    this.#taking = false;
  }

  async retire(): Promise<void> {
    while (!this.#retired && !this.#closed.signal.aborted) {
      const connection = this.#connection;
      const left = (await connection?.leave()) ?? false;
      this.#retired = left && (await this.#isQuiet()) && connection === this.#connection;
      // A new connection subscribes: it starts again from there.
      if (!left)
        await sleep(RETIRE_QUIET_MS, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.stopTaking();
    this.#closed.abort();
    this.#connection?.end(this.#retired);
    await Promise.race([this.#running, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    for (const timer of this.#timers) clearInterval(timer);
    await this.#heard.close();
    this.#lookup.close();
    this.#slot?.release();
  }

  async #run(): Promise<void> {
    const { time, random } = this.#options;
    let attempt = 0;
    while (!this.#closed.signal.aborted) {
      const startedMs = time.now();
      const reason = await this.#connectOnce();
      if (this.#closed.signal.aborted) return;
      attempt = time.now() - startedMs >= this.#limits.steadyAfterMs ? 1 : attempt + 1;
      const waitMs = backOffMs(attempt, this.#limits, random());
      this.#tellClosed(reason, attempt, waitMs);
      await sleep(waitMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    }
  }

  /** Nothing came for a while, and all that came before is acknowledged. */
  async #isQuiet(): Promise<boolean> {
    const { counts } = this;
    for (;;) {
      const { connections, messages } = counts;
      await sleep(RETIRE_QUIET_MS);
      if (counts.connections !== connections || this.#closed.signal.aborted) return false;
      if (counts.messages === messages && counts.unacknowledged === 0) return true;
    }
  }

  /** Connects and stays until the connection is gone. */
  async #connectOnce(): Promise<CloseReason> {
    try {
      const clientId = this.#clientId(await this.#takeSlot());
      if (this.#closed.signal.aborted) return { refused: false, error: undefined };
      const { url, group } = this.#options;
      this.#connection = openConnection({
        url,
        clientId,
        filters: [`$share/${group}/d/#`],
        limits: this.#limits,
        admits: () => this.#admits(),
        take: (message, settle) => this.#take(message, clientId, settle),
        connected: (resumed) => this.#connected(clientId, resumed),
        subscribed: () => this.#subscribed(clientId),
      });
      return await this.#connection.closed;
    } catch (error) {
      return { refused: false, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      this.#connection = undefined;
    }
  }

  #clientId(slot: number): string {
    return `${this.#options.group}-${slot}`;
  }

  #connected(clientId: string, resumed: boolean): void {
    this.counts.connections++;
    const fields = { host: this.#host, clientId, resumed };
    if (resumed || clientId !== this.#sessionOf)
      this.#options.log.info(fields, "connected to the external broker");
    else
      this.#options.log.error(
        fields,
        "the external broker has forgotten our session, and what it kept for us",
      );
    this.#sessionOf = clientId;
  }

  #subscribed(clientId: string): void {
    this.#options.log.info({ host: this.#host, clientId }, "subscribed at the external broker");
    this.#isReady(clientId);
  }

  #tellClosed({ refused, error }: CloseReason, attempt: number, waitMs: number): void {
    const fields = { err: error, host: this.#host, attempt, waitMs: Math.round(waitMs) };
    if (refused) this.#options.log.error(fields, "the external broker refuses us, trying again");
    else
      this.#options.log.warn(
        fields,
        "the external broker is away, trying again; it keeps what comes meanwhile",
      );
  }

  /** Nothing grows without a bound, also when connections come and go while the store is away. */
  #admits(): boolean {
    const max = this.#limits.unacknowledgedBytesMax;
    this.#shut = this.counts.unacknowledgedBytes > (this.#shut ? max / 2 : max);
    return this.#taking && !this.#shut;
  }

  #take(message: UpstreamMessage, clientId: string, settle: () => void): void {
    const { time, ingest, log, instance } = this.#options;
    const receivedAtMs = time.now();
    const { payload, qos, retained } = message;
    const { counts } = this;
    const bytes = waitingBytesOf(message);
    counts.messages++;
    counts.unacknowledged++;
    counts.unacknowledgedBytes += bytes;
    const hand = (device: DeviceContext, topic: string): void => {
      const trace = this.#traces.next();
      const taken: IngestMessage = { device, clientId, topic, payload, qos, retained, receivedAtMs, trace };
      if (this.#debugs) tellTakenIn(log, instance, taken);
      ingest.accept(taken, () => {
        counts.unacknowledged--;
        counts.unacknowledgedBytes -= bytes;
        settle();
      });
    };
    const handUnknown = (): void => {
      counts.unknown++;
      hand(NO_DEVICE, message.topic);
    };
    const mounted = splitMounted(message.topic);
    if (mounted === undefined) return handUnknown();
    this.#lookup.find(mounted.deviceId, receivedAtMs, (device) => {
      if (device === undefined) return handUnknown();
      this.#heard.heard(device.id, receivedAtMs);
      hand(device, mounted.topic);
    });
  }

  /** The number under which we connect; taken again where the database has lost the session that held it. */
  async #takeSlot(): Promise<number> {
    if (this.#slot?.held() === true) return this.#slot.number;
    // The loop and the timer may both ask: one number is enough.
    this.#slotTaken ??= this.#takeNewSlot().finally(() => (this.#slotTaken = undefined));
    return this.#slotTaken;
  }

  async #takeNewSlot(): Promise<number> {
    const { pool, group } = this.#options;
    this.#slot?.release();
    this.#slot = await takeConsumerSlot(pool, group, this.#slot?.number);
    if (this.#closed.signal.aborted) this.#slot.release();
    return this.#slot.number;
  }

  /** After a restart of the database somebody may have been faster: then we go on under another number. */
  async #keepSlot(): Promise<void> {
    const before = this.#slot;
    if (before === undefined || before.held() || this.#connection === undefined) return;
    try {
      const number = await this.#takeSlot();
      if (number !== before.number) this.#connection.end();
    } catch (error) {
      this.#options.log.warn({ err: error }, "our place among the consumers is not confirmed yet");
    }
  }
}
