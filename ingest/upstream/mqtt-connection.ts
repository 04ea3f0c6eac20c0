// One connection to a broker that is not ours, through mqtt.js; whatever leans on the inside of that library is in this file.
//
//   opening ──CONNACK, SUBACK──▶ open ──end, or the network──▶ closed
//
// The library has no acknowledgement by hand: it handles one packet at a time, and writes the PUBACK when
// `handleMessage` calls back. Held until a commit that is one message per commit (measured: 48 msg/s at 20 ms). So the
// callback is called at once, with an error: then the library leaves the PUBACK out and goes on. The PUBACKs are
// written to its stream here, in order of arrival, many at once, when the commits are there.
import type { Duplex } from "node:stream";
import {
  connect,
  MqttClient,
  MQTTJS_VERSION,
  type IClientOptions,
  type IPublishPacket,
  type ISubscriptionGrant,
} from "mqtt";
import { KoproError } from "#devices/error";
import { SECOND_MS } from "#devices/time";
import { AckLine } from "../ack-line.ts";
import type { UpstreamLimits } from "./limits.ts";

const KNOWN_VERSION = "5.16.0";

export type UpstreamMessage = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1;
  /**
   * MQTT 5: as its publisher set it; a shared subscription gets no old retained messages [MQTT-4.8.2].
   * MQTT 3.1.1: it is an old one, delivered on subscribing [MQTT-3.3.1-8].
   */
  readonly retained: boolean;
};

export type ConnectionOptions = {
  /** With credentials, if any; never logged. */
  readonly url: string;
  readonly clientId: string;
  readonly filters: readonly string[];
  readonly limits: Pick<
    UpstreamLimits,
    "receiveMaximum" | "packetBytesMax" | "sessionExpiryS" | "keepAliveS" | "connectWithinMs"
  >;
  /** For a broker that speaks MQTT 3.1.1; without it MQTT 5 is spoken, with a session that stays, and QoS 1 is insisted on. */
  readonly legacy?: LegacyOptions;
  /** Whether the next message may be taken; while not, it and all behind it stay where they are. */
  readonly admits: () => boolean;
  /** Called for each message; `settle` once it is committed, at any time, also after the end of the connection. */
  readonly take: (message: UpstreamMessage, settle: () => void) => void;
  /** `resumed`: the broker still had the session of this client id, and sends what it kept at once. */
  readonly connected: (resumed: boolean) => void;
  /** `qos`: the least that was granted. */
  readonly subscribed: (qos: 0 | 1) => void;
};

/** MQTT 3.1.1 has no receive maximum, no largest packet and no expiry: the broker's settings hold, and the bound here. */
export type LegacyOptions = {
  readonly username: string;
  readonly password: string | undefined;
  /** What is asked for; whatever the broker grants is taken, and told by `subscribed`. */
  readonly qos: 0 | 1;
  /** Whether the broker may keep a session for this client id. */
  readonly keepsSession: boolean;
  /** The way there. What it emits as an error ends the connection. */
  readonly open: () => Duplex;
};

/** Why a connection ended. `refused`: the broker said no, which a person has to look into. */
export type CloseReason = {
  readonly refused: boolean;
  readonly error: Error | undefined;
  /** It refused the subscription, not us. */
  readonly subscription?: boolean;
};

export type UpstreamConnection = {
  readonly closed: Promise<CloseReason>;
  /** Gives the subscription back; what the broker has kept for it still comes. False when the connection is gone. */
  readonly leave: () => Promise<boolean>;
  /** What was settled has left; DISCONNECT. The session stays at the broker, unless it is to be forgotten. */
  readonly end: (forget?: boolean) => void;
  /** Messages of this connection that were taken and not acknowledged. */
  readonly unacknowledged: () => number;
};

const LOOK_EVERY_MS = 20;
/** What may be read at once beside a packet: many small ones may be in it. */
const CHUNK_BYTES_MAX = 256 * 1024;
const NOT_ACKNOWLEDGED = new Error("acknowledged after the commit");
const PUBACK = Buffer.from([0x40, 2]);
const PUBACK_BYTES = 4;
/** What a CONNACK says to somebody who may not connect [MQTT-3.2.2.2]. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  1, // unacceptable protocol version; these four: MQTT 3.1.1 [MQTT-3.2.2.3]
  2, // client identifier rejected
  4, // bad user name or password
  5, // not authorized
  0x85, // client identifier not valid
  0x86, // bad user name or password
  0x87, // not authorized
  0x8a, // banned
  0x8c, // bad authentication method
]);

/** @throws KoproError `internal` on another version of mqtt.js than this file was written for. */
export function requireKnownMqtt(version: string = MQTTJS_VERSION): void {
  if (version === KNOWN_VERSION) return;
  throw new KoproError(
    "internal",
    `The consumer is built for mqtt ${KNOWN_VERSION}, but ${version} is installed.`,
  );
}

/** Opens a connection; it never opens itself again. */
export function openConnection(options: ConnectionOptions): UpstreamConnection {
  requireKnownMqtt();
  return new Connection(options);
}

class Connection implements UpstreamConnection {
  readonly closed: Promise<CloseReason>;
  readonly #options: ConnectionOptions;
  readonly #client: MqttClient;
  readonly #acks = new AckLine();
  #leaving: number[] = [];
  #reason: CloseReason = { refused: false, error: undefined };
  #hold: NodeJS.Timeout | undefined;
  /** Of a packet that is not whole yet, and of whole ones that are held behind another. */
  #unparsedBytes = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#client =
      options.legacy === undefined ? createClient(options) : legacyClient(options, options.legacy);
    this.#client.handleMessage = (packet, callback) => this.#handle(packet, () => callback(NOT_ACKNOWLEDGED));
    this.#client.on("connect", ({ sessionPresent }) => {
      options.connected(sessionPresent);
      this.#subscribe();
    });
    this.#client.on("packetreceive", (packet) => this.#received(packet));
    if (options.legacy !== undefined) this.#boundPackets(options.limits.packetBytesMax);
    this.#client.on("disconnect", ({ reasonCode }) => this.#because(disconnectError(reasonCode), false));
    this.#client.on("error", (error) => {
      this.#because(error, isRefusal(error));
      // After bytes that are not MQTT the library reads nothing more, and would stay until the keep-alive is over.
      this.#client.end(true);
    });
    this.closed = new Promise((resolve) => {
      this.#client.once("close", () => {
        clearInterval(this.#hold);
        // They would be taken for answers to other messages, or kept for the next connection.
        this.#acks.drop();
        this.#client.end(true);
        resolve(this.#reason);
      });
    });
  }

  unacknowledged(): number {
    return this.#acks.count;
  }

  leave(): Promise<boolean> {
    return new Promise((resolve) => {
      void this.closed.then(() => resolve(false));
      this.#client.unsubscribe([...this.#options.filters], (error) => resolve(!error));
    });
  }

  end(forget = false): void {
    this.#flush();
    if (this.#options.legacy !== undefined) return void this.#client.end(false);
    this.#client.end(false, forget ? { properties: { sessionExpiryInterval: 0 } } : {});
  }

  #subscribe(): void {
    const { filters, legacy, subscribed } = this.#options;
    const told = filters.join(", ");
    const refused = (why: string, cause?: Error): void =>
      this.#fail(new Error(`SUBSCRIBE to ${told} was ${why}`, { cause }), true);
    const granted = (error: Error | null, grants: readonly ISubscriptionGrant[] = []): void => {
      if (error) return refused("refused", error);
      const least = Math.min(...grants.map(({ qos }) => qos));
      // At QoS 0 a message is gone as soon as it was sent.
      if (legacy === undefined && least !== 1) return refused(`granted QoS ${least}, not 1`);
      if (!(least === 0 || least === 1)) return refused(`answered with QoS ${least}`);
      subscribed(least);
    };
    if (legacy !== undefined) this.#client.subscribe([...filters], { qos: legacy.qos }, granted);
    // rap: the retain flag as published. rh 2: no old messages, which a shared subscription would not get anyway.
    else this.#client.subscribe([...filters], { qos: 1, rap: true, rh: 2 }, granted);
  }

  #received(packet: { readonly cmd: string; readonly qos?: unknown }): void {
    this.#unparsedBytes = 0;
    // Asked for by nobody; the library would keep each of them until a PUBREL, without a bound.
    if (this.#options.legacy !== undefined && packet.cmd === "publish" && packet.qos === 2)
      this.#fail(new Error("a message of QoS 2 came to a subscription of QoS 1"));
  }

  /** Of MQTT 3.1.1's broker any size may come, and the library holds a packet until it is whole. */
  #boundPackets(packetBytesMax: number): void {
    this.#client.stream.on("data", (chunk: Buffer) => {
      this.#unparsedBytes += chunk.length;
      if (this.#unparsedBytes > packetBytesMax + CHUNK_BYTES_MAX)
        this.#fail(new Error(`a packet of more than ${packetBytesMax} bytes came`));
    });
  }

  #handle(packet: IPublishPacket, next: () => void): void {
    if (this.#options.admits()) return this.#pass(packet, next);
    const pingEveryMs = (this.#options.limits.keepAliveS * SECOND_MS) / 3;
    let waitedMs = 0;
    this.#hold = setInterval(() => {
      waitedMs += LOOK_EVERY_MS;
      if (this.#options.admits()) {
        clearInterval(this.#hold);
        return this.#pass(packet, next);
      }
      if (waitedMs % pingEveryMs >= LOOK_EVERY_MS) return;
      // The broker must go on hearing us; its answer stands behind what is held, so nobody waits for it.
      this.#client.sendPing();
      this.#client.reschedulePing(true);
    }, LOOK_EVERY_MS);
  }

  #pass(packet: IPublishPacket, next: () => void): void {
    const { topic, payload, qos, retain, messageId } = packet;
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    const settle =
      qos === 0 || messageId === undefined ? ignore : this.#acks.hold(() => this.#acknowledge(messageId));
    this.#options.take({ topic, payload: bytes, qos: qos === 0 ? 0 : 1, retained: retain }, settle);
    next();
  }

  /** Those that are settled together leave together: a commit's thousand are one write. */
  #acknowledge(packetId: number): void {
    if (this.#leaving.length === 0) queueMicrotask(() => this.#flush());
    this.#leaving.push(packetId);
  }

  #flush(): void {
    const leaving = this.#leaving;
    this.#leaving = [];
    // Between packets: the library writes each of its own in one go.
    if (leaving.length > 0 && this.#client.connected) this.#client.stream.write(pubacks(leaving));
  }

  #fail(error: Error, subscription = false): void {
    this.#because(error, true, subscription);
    this.#client.end(true);
  }

  /** The first reason is the one that the others follow from. */
  #because(error: Error, refused: boolean, subscription = false): void {
    if (this.#reason.error === undefined)
      this.#reason = { refused, error, ...(subscription && { subscription }) };
  }
}

function createClient({ url, clientId, limits }: ConnectionOptions): MqttClient {
  const address = new URL(url);
  const username = decodeURIComponent(address.username);
  const password = decodeURIComponent(address.password);
  address.username = "";
  address.password = "";
  return connect(address.href, {
    protocolVersion: 5,
    clientId,
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password }),
    clean: false,
    keepalive: limits.keepAliveS,
    connectTimeout: limits.connectWithinMs,
    reconnectPeriod: 0,
    resubscribe: false,
    properties: {
      sessionExpiryInterval: limits.sessionExpiryS,
      receiveMaximum: limits.receiveMaximum,
      maximumPacketSize: limits.packetBytesMax,
    },
    // QoS 2 is granted to nobody here, and the library would answer it before the commit.
    customHandleAcks: (_topic, _message, packet: IPublishPacket, done) =>
      packet.qos === 2 ? done(new Error("a message of QoS 2 came to a subscription of QoS 1")) : done(0),
  });
}

function legacyClient({ clientId, limits }: ConnectionOptions, legacy: LegacyOptions): MqttClient {
  const { username, password, keepsSession, open } = legacy;
  const options: IClientOptions = {
    protocolVersion: 4,
    clientId,
    ...(username === "" ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    clean: !keepsSession,
    keepalive: limits.keepAliveS,
    connectTimeout: limits.connectWithinMs,
    reconnectPeriod: 0,
    resubscribe: false,
  };
  return new MqttClient((client) => {
    const stream = open();
    // The library passes on only errors that carry a code.
    stream.on("error", (error) => client.emit("error", error));
    return stream as ReturnType<ConstructorParameters<typeof MqttClient>[0]>;
  }, options);
}

/** PUBACKs with reason code 0, which is left out [MQTT-3.4.2.1]. */
function pubacks(packetIds: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(packetIds.length * PUBACK_BYTES);
  let at = 0;
  for (const packetId of packetIds) {
    PUBACK.copy(bytes, at);
    bytes.writeUInt16BE(packetId, at + PUBACK.length);
    at += PUBACK_BYTES;
  }
  return bytes;
}

function disconnectError(reasonCode: number | undefined): Error {
  return new Error(`the broker disconnected us with reason code ${reasonCode ?? 0}`);
}

/** A CONNACK that says that we may not; anything else passes by itself. */
function isRefusal(error: Error): boolean {
  return "code" in error && REFUSALS.has(error.code);
}

function ignore(): void {
  // QoS 0 asks for no answer.
}
