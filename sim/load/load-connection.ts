// One MQTT connection of a load, on a raw socket: it says what is due whether answers come or not, and after a loss it comes
// back by itself and says again what was not acknowledged.
//
//   away ──(pause)──▶ connecting ──CONNACK 0──▶ open ──loss, cut──▶ away
//                          └── refused, closed ──▶ away, with a longer pause
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectSecure } from "node:tls";
import { generate } from "mqtt-packet";
import type { FleetConnection } from "./fleet.ts";

/** A message that is not acknowledged yet. */
export type Said = {
  readonly meter: number;
  readonly observedAtMs: number;
  /** On the monotonic clock: when it should have left. */
  readonly dueMs: number;
  packetId: number;
  wasSent: boolean;
};

export type LoadTarget = { readonly host: string; readonly port: number; readonly secure: boolean };

export type LoadListener = {
  readonly acknowledged: (said: Said) => void;
  readonly opened: () => void;
  /** It was open. */
  readonly lost: () => void;
  /** In words that repeat: they are counted. */
  readonly failed: (what: string) => void;
};

export type LoadConnectionOptions = {
  readonly target: LoadTarget;
  readonly connection: FleetConnection;
  readonly clientId: string;
  readonly packet: (meter: number, observedAtMs: number, packetId: number, isRepeat: boolean) => Buffer;
  readonly listener: LoadListener;
  /** Uniform in [0, 1). */
  readonly random: () => number;
};

const CONNACK = 0x20;
const PUBACK = 0x40;
const ANSWER_BYTES = 4;
const PACKET_IDS = 0xffff;
/** Written and not acknowledged; the rest waits here. The protocol has no room for more than 65,535. */
const IN_FLIGHT_MAX = 1000;
/** A device that is cut off keeps so many messages, and drops what comes then. */
const KEPT_MAX = 10_000;
const PAUSE_FIRST_MS = 500;
const PAUSE_MAX_MS = 30_000;
const KEEP_ALIVE_S = 3600;

export class LoadConnection {
  readonly #options: LoadConnectionOptions;
  /** In order; the first `#sent` of them are written on this connection. */
  readonly #unacknowledged: Said[] = [];
  #sent = 0;
  #socket: Socket | undefined;
  #open = false;
  #packetId = 0;
  #pauses = 0;
  #timer: NodeJS.Timeout | undefined;
  #rest: Buffer = Buffer.alloc(0);

  constructor(options: LoadConnectionOptions) {
    this.#options = options;
  }

  /** Connects now, or after a pause; until it is open messages wait. */
  connect(afterMs = 0): void {
    this.#timer = setTimeout(() => this.#connect(), afterMs);
  }

  /** False: there was no room for it. */
  say(meter: number, observedAtMs: number, dueMs: number): boolean {
    if (this.#unacknowledged.length >= KEPT_MAX) return false;
    this.#unacknowledged.push({ meter, observedAtMs, dueMs, packetId: 0, wasSent: false });
    if (this.#open) this.#send();
    return true;
  }

  /** Loses the connection, as a power cut would, and comes back after this. */
  cut(afterMs: number): void {
    this.#lose();
    this.#pauses = 0;
    this.connect(afterMs);
  }

  #connect(): void {
    const { target, connection, clientId } = this.#options;
    const to = { host: target.host, port: target.port, noDelay: true };
    const socket = target.secure ? connectSecure({ ...to, servername: target.host }) : connectPlain(to);
    this.#socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", (error) =>
      this.#failed(`socket: ${"code" in error ? String(error.code) : error.message}`),
    );
    socket.on("close", () => this.#failed("closed by the broker"));
    socket.write(
      generate({
        cmd: "connect",
        protocolId: "MQTT",
        protocolVersion: 4,
        clean: true,
        keepalive: KEEP_ALIVE_S,
        clientId,
        username: connection.username,
        password: Buffer.from(connection.password),
      }),
    );
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    // A device that subscribes to nothing is sent nothing but CONNACK and PUBACK, and both have four bytes.
    for (; at + ANSWER_BYTES <= bytes.length && this.#socket !== undefined; at += ANSWER_BYTES) {
      if (bytes[at] === PUBACK) this.#acknowledge(bytes.readUInt16BE(at + 2));
      else if (bytes[at] !== CONNACK) this.#failed(`unexpected packet ${bytes[at]}`);
      else if (bytes[at + 3] === 0) this.#opened();
      else this.#failed(`CONNACK ${bytes[at + 3]}`);
    }
    this.#rest = bytes.subarray(at);
    if (this.#open) this.#send();
  }

  #opened(): void {
    this.#open = true;
    this.#pauses = 0;
    this.#options.listener.opened();
  }

  #acknowledge(packetId: number): void {
    // In order of arrival, as the standard wants it; a broker that mixes them up costs a search.
    const place = this.#unacknowledged.findIndex((said) => said.packetId === packetId);
    const said = this.#unacknowledged[place];
    if (said === undefined || place >= this.#sent) return this.#failed("PUBACK of nothing that was sent");
    this.#unacknowledged.splice(place, 1);
    this.#sent -= 1;
    this.#options.listener.acknowledged(said);
  }

  #send(): void {
    const until = Math.min(this.#unacknowledged.length, IN_FLIGHT_MAX);
    const chunks: Buffer[] = [];
    for (; this.#sent < until; this.#sent++) {
      const said = this.#unacknowledged[this.#sent];
      if (said === undefined) break;
      said.packetId = this.#packetId = (this.#packetId % PACKET_IDS) + 1;
      chunks.push(this.#options.packet(said.meter, said.observedAtMs, said.packetId, said.wasSent));
      said.wasSent = true;
    }
    const [first] = chunks;
    if (first !== undefined) this.#socket?.write(chunks.length === 1 ? first : Buffer.concat(chunks));
  }

  #failed(what: string): void {
    if (this.#socket === undefined) return;
    this.#lose();
    this.#options.listener.failed(what);
    const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** this.#pauses++);
    this.connect(pauseMs * (0.5 + this.#options.random()));
  }

  #lose(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (this.#open) this.#options.listener.lost();
    this.#open = false;
    this.#sent = 0;
    this.#rest = Buffer.alloc(0);
    for (const said of this.#unacknowledged) said.packetId = 0;
    socket?.removeAllListeners();
    socket?.on("error", () => undefined);
    socket?.destroy();
  }
}
