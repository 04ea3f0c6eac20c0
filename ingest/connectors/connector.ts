// One connector: connects to somebody else's broker again and again, hands its messages on, acknowledges what is committed.
//
//   connecting ──SUBACK──▶ connected ──gone──▶ unreachable ──(back-off)──▶ … ──SUBACK──▶ connected
//       └─────────── the broker says no ─────▶ refused     ──(long back-off)──┘
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { TimeSource } from "#devices/time";
import type { ConnectorReport, ConnectorSettings } from "#store";
import { waitingBytesOf } from "../taken-in.ts";
import { backOffMs } from "../upstream/back-off.ts";
import {
  openConnection,
  type CloseReason,
  type UpstreamConnection,
  type UpstreamMessage,
} from "../upstream/mqtt-connection.ts";
import { connectorFault, PASSWORD_UNREADABLE } from "./connector-fault.ts";
import type { ConnectorLimits } from "./limits.ts";
import { openStream } from "./open-stream.ts";
import { CONNECTOR_PRESETS } from "./presets.ts";

export type ConnectorOptions = {
  readonly settings: ConnectorSettings;
  /** `undefined`: it does not open with the keys that we have. `null`: there is none. */
  readonly password: string | null | undefined;
  readonly allowPrivate: boolean;
  readonly limits: ConnectorLimits;
  readonly time: TimeSource;
  /** In `[0, 1)`. */
  readonly random: () => number;
  readonly log: Logger;
  /** Whether this process may take another message. */
  readonly admits: () => boolean;
  /** `done` once it is committed. */
  readonly take: (message: UpstreamMessage, settings: ConnectorSettings, done: () => void) => void;
  /** The one before it, under the same client id, is over. */
  readonly after: Promise<void>;
};

type Status = Pick<ConnectorReport, "state" | "sinceMs" | "nextAttemptAtMs" | "error">;

export class Connector {
  readonly settings: ConnectorSettings;
  readonly #options: ConnectorOptions;
  readonly #closed = new AbortController();
  readonly #running: Promise<void>;
  #connection: UpstreamConnection | undefined;
  #status: Status;
  /** Whether `#status` was not reported yet. */
  #news = true;
  #unreportedMessages = 0;
  #lastMessageAtMs: number | undefined;
  #waitingBytes = 0;
  #connected = false;

  constructor(options: ConnectorOptions) {
    this.settings = options.settings;
    this.#options = options;
    this.#status = {
      state: "connecting",
      sinceMs: options.time.now(),
      nextAttemptAtMs: undefined,
      error: undefined,
    };
    this.#running = this.#run();
  }

  get isConnected(): boolean {
    return this.#connected;
  }

  /** What is to be written: at once where something changed, and the number of messages when `counts` are due. */
  report(counts: boolean): ConnectorReport | undefined {
    if (!this.#news && !(counts && this.#unreportedMessages > 0)) return undefined;
    const { deviceId, revision } = this.settings;
    const messages = this.#unreportedMessages;
    this.#news = false;
    this.#unreportedMessages = 0;
    return { deviceId, revision, ...this.#status, lastMessageAtMs: this.#lastMessageAtMs, messages };
  }

  /** It was not written after all. */
  takeBack(report: ConnectorReport): void {
    this.#news = true;
    this.#unreportedMessages += report.messages;
  }

  /** Ends the connection; `forget`: first gives the subscription back, so that the broker keeps nothing more for us. */
  async stop(forget: boolean): Promise<void> {
    this.#closed.abort();
    const connection = this.#connection;
    const { leaveWithinMs } = this.#options.limits;
    if (forget && connection !== undefined && this.#connected)
      await Promise.race([connection.leave(), sleep(leaveWithinMs, undefined, { ref: false })]);
    connection?.end();
    await Promise.race([this.#running, sleep(leaveWithinMs, undefined, { ref: false })]);
  }

  async #run(): Promise<void> {
    const { time, random, limits, after } = this.#options;
    await after;
    let attempt = 0;
    while (!this.#closed.signal.aborted) {
      const startedMs = time.now();
      const reason = await this.#connectOnce();
      const wasConnected = this.#connected;
      this.#connected = false;
      if (this.#closed.signal.aborted) return;
      const fault = connectorFault(reason, wasConnected);
      const lasted = wasConnected && time.now() - startedMs >= limits.steadyAfterMs;
      attempt = lasted ? 1 : attempt + 1;
      const waitMs = backOffMs(attempt, fault.needsPerson ? limits.refusedBackOff : limits, random());
      const atMs = time.now();
      const { code, detail } = fault;
      this.#become(fault.needsPerson ? "refused" : "unreachable", atMs + waitMs, { code, detail, atMs });
      await sleep(waitMs, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    }
  }

  /** Connects and stays until the connection is gone. */
  async #connectOnce(): Promise<CloseReason> {
    const { settings, password, allowPrivate, limits } = this.#options;
    const { url, username, clientId, topics, caPem, kind } = settings;
    if (this.#closed.signal.aborted) return { refused: false, error: undefined };
    if (password === undefined) return { refused: true, error: unreadable() };
    const { qos, keepsSession } = CONNECTOR_PRESETS[kind];
    const { packetBytesMax, connectWithinMs } = limits;
    try {
      this.#connection = openConnection({
        url,
        clientId,
        filters: topics,
        limits: { ...limits, receiveMaximum: 0, sessionExpiryS: 0 },
        legacy: {
          username,
          password: password ?? undefined,
          qos,
          keepsSession,
          open: () => openStream({ url, caPem, allowPrivate, packetBytesMax, connectWithinMs }),
        },
        admits: () => this.#waitingBytes <= limits.connectorBytesMax && this.#options.admits(),
        take: (message, settle) => this.#take(message, settle),
        connected: () => undefined,
        subscribed: () => {
          this.#connected = true;
          this.#become("connected", undefined);
        },
      });
      return await this.#connection.closed;
    } catch (error) {
      return { refused: false, error: error instanceof Error ? error : new Error(String(error)) };
    } finally {
      this.#connection = undefined;
    }
  }

  #take(message: UpstreamMessage, settle: () => void): void {
    const bytes = waitingBytesOf(message);
    this.#waitingBytes += bytes;
    this.#unreportedMessages++;
    this.#lastMessageAtMs = this.#options.time.now();
    this.#options.take(message, this.settings, () => {
      this.#waitingBytes -= bytes;
      settle();
    });
  }

  /** A connector that does not get through is said once in the log, and at each attempt on its device's page. */
  #become(state: Status["state"], nextAttemptAtMs: number | undefined, error?: Status["error"]): void {
    const before = this.#status;
    const { time, log } = this.#options;
    const { deviceId, kind, url } = this.settings;
    const changed = before.state !== state;
    const sinceMs = changed ? time.now() : before.sinceMs;
    // The last error stays, however soon it was over: nobody may have looked.
    this.#status = { state, sinceMs, nextAttemptAtMs, error: error ?? before.error };
    this.#news = true;
    if (!changed && before.error?.code === error?.code) return;
    const fields = { deviceId, kind, host: new URL(url).host, error };
    if (state === "connected") log.info(fields, "connector subscribed");
    else log.warn(fields, "connector does not get through, trying again");
  }
}

function unreadable(): Error {
  const sentence =
    "The password was sealed under a key that this process does not have: give every process the same KOPROGO_SECRET_KEY, or set the password again.";
  return Object.assign(new Error(sentence), { code: PASSWORD_UNREADABLE });
}
