// All connectors of this process: takes those that nobody holds, follows their changes, hands what they hear to ingest.
//
//   every second: say that we run ─▶ take what is free ─▶ what do we hold? ─▶ start, start anew, stop ─▶ write how it goes
//        └── the database did not answer for a whole lease: others may hold them now, so all are stopped
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { MINUTE_MS, type TimeSource } from "#devices/time";
import { TraceNumbers } from "#devices/trace";
import {
  connectorsThatGoOn,
  heldConnectors,
  keepHolding,
  loadConnectors,
  loadDevices,
  markSeen,
  passwordBelongsTo,
  releaseConnectors,
  reportConnectors,
  resealConnector,
  SEEN_EVERY_MS,
  takeConnectors,
  type ConnectorReport,
  type ConnectorSettings,
  type DeviceContext,
  type HeldConnector,
  type Pool,
  type SecretBox,
} from "#store";
import { HeardDevices } from "../heard-devices.ts";
import type { Ingest } from "../ingest.ts";
import { NO_DEVICE, type IngestMessage } from "../message.ts";
import { tellTakenIn, waitingBytesOf } from "../taken-in.ts";
import { DeviceLookup } from "../upstream/device-lookup.ts";
import { requireKnownMqtt, type UpstreamMessage } from "../upstream/mqtt-connection.ts";
import { Connector } from "./connector.ts";
import { DEFAULT_CONNECTOR_LIMITS, type ConnectorLimits } from "./limits.ts";

export type ConnectorsOptions = {
  readonly pool: Pool;
  readonly ingest: Pick<Ingest, "accept" | "pressure">;
  readonly secrets: SecretBox;
  /** Whether they may reach this machine and private networks. */
  readonly allowPrivate: boolean;
  readonly time: TimeSource;
  readonly log: Logger;
  /** In `[0, 1)`. */
  readonly random: () => number;
  /** Which run of which process: stands in trace ids. */
  readonly instance?: string;
  readonly limits?: Partial<ConnectorLimits>;
};

export type ConnectorCounts = {
  messages: number;
  /** Taken and not committed. */
  unacknowledged: number;
  unacknowledgedBytes: number;
};

export type Connectors = {
  readonly counts: Readonly<ConnectorCounts>;
  /** Held by this process, and those of them that are subscribed. */
  readonly held: () => { readonly count: number; readonly connected: number };
  /** Looks now: takes what is free and follows changes. Does not throw. */
  readonly look: () => Promise<void>;
  /** Takes nothing more; what was taken is acknowledged as it is committed. */
  readonly stopTaking: () => void;
  /** Disconnects; what was held is free for others. Sessions stay at the brokers that keep them. */
  readonly close: () => Promise<void>;
};

const CLOSE_WITHIN_MS = 1000;

/** @throws KoproError `internal` when another mqtt.js is installed than this was written for. */
export function runConnectors(options: ConnectorsOptions): Connectors {
  requireKnownMqtt();
  return new Holder(options);
}

class Holder implements Connectors {
  readonly counts: ConnectorCounts = { messages: 0, unacknowledged: 0, unacknowledgedBytes: 0 };
  readonly #options: ConnectorsOptions;
  readonly #limits: ConnectorLimits;
  /** Drawn anew at each start: what a killed process held is told apart from what this one holds. */
  readonly #holder = randomUUID();
  readonly #running = new Map<number, Connector>();
  /** Of connectors that are being stopped; the next one of the same device waits for it. */
  readonly #stopping = new Map<number, Promise<void>>();
  readonly #lookup: DeviceLookup;
  readonly #heard: HeardDevices;
  readonly #traces = new TraceNumbers();
  readonly #debugs: boolean;
  readonly #timers: readonly NodeJS.Timeout[];
  #looking: Promise<void> | undefined;
  #heldUntilMs = 0;
  #reportedAtMs = 0;
  #taking = true;
  #closed = false;
  #shut = false;
  #away = false;

  constructor(options: ConnectorsOptions) {
    const { pool, time, log } = options;
    this.#options = options;
    this.#limits = { ...DEFAULT_CONNECTOR_LIMITS, ...options.limits };
    this.#debugs = log.isLevelEnabled("debug");
    this.#lookup = new DeviceLookup({ load: (ids) => loadDevices(pool, ids), limits: this.#limits, log });
    this.#heard = new HeardDevices({
      write: (heardAtMs) => markSeen(pool, heardAtMs),
      log,
      everyMs: this.#limits.heardEveryMs,
      deviceEveryMs: SEEN_EVERY_MS,
    });
    this.#timers = [
      setInterval(() => void this.look(), this.#limits.lookEveryMs),
      setInterval(() => this.#lapse(), this.#limits.lookEveryMs),
      setInterval(() => this.#lookup.evict(time.now()), MINUTE_MS),
    ];
    for (const timer of this.#timers) timer.unref();
    void this.look();
  }

  held(): { count: number; connected: number } {
    const all = [...this.#running.values()];
    return { count: all.length, connected: all.filter(({ isConnected }) => isConnected).length };
  }

  look(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#looking ??= this.#lookOnce().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  stopTaking(): void {
    this.#taking = false;
  }

  async close(): Promise<void> {
    this.stopTaking();
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const id of this.#running.keys()) this.#stop(id, false);
    await Promise.all(this.#stopping.values());
    // A store that is away does not hold up the end: the lease runs out by itself.
    const released = this.#release().catch((error: unknown) =>
      this.#options.log.warn({ err: error }, "connectors are free for others only after a while"),
    );
    await Promise.race([released, sleep(CLOSE_WITHIN_MS, undefined, { ref: false })]);
    await this.#heard.close();
    this.#lookup.close();
  }

  async #release(): Promise<void> {
    await this.#looking;
    await releaseConnectors(this.#options.pool, this.#holder);
  }

  async #lookOnce(): Promise<void> {
    const { pool, log } = this.#options;
    const { leaseMs, takeMax, countMax } = this.#limits;
    try {
      // Counted from before the question: the lease ends for us no later than for the others.
      const askedMs = performance.now();
      await keepHolding(pool, this.#holder, leaseMs);
      this.#heldUntilMs = askedMs + leaseMs;
      if (this.#taking)
        await takeConnectors(pool, this.#holder, Math.min(takeMax, countMax - this.#running.size));
      await this.#follow(await heldConnectors(pool, this.#holder));
      await this.#report();
      if (this.#away) log.info("connectors are looked after again");
      this.#away = false;
    } catch (error) {
      if (!this.#away) log.warn({ err: error }, "connectors are not looked after: the store is away");
      this.#away = true;
    }
  }

  /** Two that hold one would throw each other out at the broker, again and again. */
  #lapse(): void {
    if (performance.now() < this.#heldUntilMs || this.#running.size === 0) return;
    this.#options.log.warn({ connectors: this.#running.size }, "connectors are let go: the store is away");
    for (const id of this.#running.keys()) this.#stop(id, false);
  }

  async #follow(held: readonly HeldConnector[]): Promise<void> {
    const byId = new Map(held.map((one) => [one.deviceId, one]));
    const over = [...this.#running.values()]
      .map(({ settings }) => settings)
      .filter(({ deviceId, revision }) => byId.get(deviceId)?.revision !== revision);
    const goOn = over.length === 0 ? new Set<number>() : await connectorsThatGoOn(this.#options.pool, over);
    for (const { deviceId } of over) this.#stop(deviceId, !goOn.has(deviceId));
    const wanted = [...byId.keys()].filter((id) => !this.#running.has(id));
    if (wanted.length === 0) return;
    for (const settings of await loadConnectors(this.#options.pool, wanted)) {
      if (!this.#closed) await this.#start(settings);
    }
  }

  async #start(settings: ConnectorSettings): Promise<void> {
    const { allowPrivate, time, random, log } = this.#options;
    const { deviceId } = settings;
    const connector = new Connector({
      settings,
      password: await this.#passwordOf(settings),
      allowPrivate,
      limits: this.#limits,
      time,
      random,
      log,
      admits: () => this.#admits(),
      take: (message, of, done) => this.#take(message, of, done),
      after: this.#stopping.get(deviceId) ?? Promise.resolve(),
    });
    this.#running.set(deviceId, connector);
  }

  #stop(deviceId: number, forget: boolean): void {
    const connector = this.#running.get(deviceId);
    if (connector === undefined) return;
    this.#running.delete(deviceId);
    const stopped = connector.stop(forget).finally(() => {
      if (this.#stopping.get(deviceId) === stopped) this.#stopping.delete(deviceId);
    });
    this.#stopping.set(deviceId, stopped);
  }

  /** What an earlier key has sealed is sealed anew: once all are, that key can go. */
  async #passwordOf(settings: ConnectorSettings): Promise<string | null | undefined> {
    const { secrets, pool } = this.#options;
    const { passwordSealed, deviceId } = settings;
    if (passwordSealed === null) return null;
    const belongsTo = passwordBelongsTo(settings);
    const password = secrets.open(passwordSealed, belongsTo);
    if (password !== undefined && secrets.isOld(passwordSealed))
      await resealConnector(pool, deviceId, passwordSealed, secrets.seal(password, belongsTo));
    return password;
  }

  async #report(): Promise<void> {
    const nowMs = performance.now();
    const due = nowMs - this.#reportedAtMs >= this.#limits.reportEveryMs;
    if (due) this.#reportedAtMs = nowMs;
    const reports: { connector: Connector; report: ConnectorReport }[] = [];
    for (const connector of this.#running.values()) {
      const report = connector.report(due);
      if (report !== undefined) reports.push({ connector, report });
    }
    if (reports.length === 0) return;
    try {
      await reportConnectors(
        this.#options.pool,
        this.#holder,
        reports.map(({ report }) => report),
      );
    } catch (error) {
      for (const { connector, report } of reports) connector.takeBack(report);
      throw error;
    }
  }

  /** Nothing grows without a bound, whoever sends: while too much waits for its commit, sockets are left unread. */
  #admits(): boolean {
    const { unacknowledgedBytesMax, ingestBytesMax } = this.#limits;
    const part = this.#shut ? 0.5 : 1;
    this.#shut =
      this.counts.unacknowledgedBytes > unacknowledgedBytesMax * part ||
      this.#options.ingest.pressure().unacknowledgedBytes > ingestBytesMax * part;
    return this.#taking && !this.#shut;
  }

  /** As if the device had published it: a gateway's children are told from its topic and bytes as usual. */
  #take(message: UpstreamMessage, { deviceId, clientId }: ConnectorSettings, done: () => void): void {
    const { time, ingest, log, instance } = this.#options;
    const { counts } = this;
    const receivedAtMs = time.now();
    const bytes = waitingBytesOf(message);
    counts.messages++;
    counts.unacknowledged++;
    counts.unacknowledgedBytes += bytes;
    this.#lookup.find(deviceId, receivedAtMs, (device: DeviceContext = NO_DEVICE) => {
      const { topic, payload, qos, retained } = message;
      const trace = this.#traces.next();
      const from = { device, clientId, topic, payload, qos, retained };
      const taken: IngestMessage = { ...from, old: retained, receivedAtMs, trace };
      if (device !== NO_DEVICE) this.#heard.heard(device.id, receivedAtMs);
      if (this.#debugs) tellTakenIn(log, instance, taken);
      ingest.accept(taken, () => {
        counts.unacknowledged--;
        counts.unacknowledgedBytes -= bytes;
        done();
      });
    });
  }
}
