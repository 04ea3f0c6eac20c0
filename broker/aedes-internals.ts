// The private members of aedes 1.2.0 and mqtt-packet 9.0.2 that the front door touches: all here, versions pinned,
// each covered by a test over a raw socket that fails when the library changes.
import { createRequire } from "node:module";
import { Duplex } from "node:stream";
import type { Aedes, Client, Connection, ConnectPacket } from "aedes";
import { writeToStream } from "mqtt-packet";
import { KoproError } from "#devices/error";
import type { PacketHeader } from "./packet-fault.ts";

const AEDES_VERSION = "1.2.0";
const PARSER_VERSION = "9.0.2";

export type PublishPacket = Parameters<Aedes["publish"]>[0];
export type Will = NonNullable<ConnectPacket["will"]>;

type ParsedPacket = { cmd: string; messageId?: number; unsubscriptions?: string[] };

type Parser = {
  readonly packet: { readonly length: number } & PacketHeader;
  /** What was received and is not read yet: the rest of `packet` first. */
  readonly _list: { readonly length: number; slice(start: number, end: number): Buffer };
  /** Of the four steps header, length, payload, done: the next one. */
  readonly _stateCounter: number;
  /** Packets that came before the CONNACK; null once they were handled. */
  readonly _queue: ParsedPacket[] | null;
  parse(chunk: Buffer): number;
  _parseLength(): boolean;
  _parsePayload(): boolean;
  _emitError(error: Error): void;
  prependListener(event: "packet", listener: (packet: ParsedPacket) => void): void;
};

type Internals = {
  readonly _parser: Parser;
  readonly connackSent: boolean;
  readonly _keepaliveInterval: number;
  _keepaliveTimer: NodeJS.Timeout | null;
  _parsingBatch: number;
  readonly will: object | null;
  pause(): void;
  /** Packet ids of QoS 2 publishes that were answered with PUBREC and not released by PUBREL yet. */
  readonly _inboundInflight: ReadonlySet<number>;
  _nextId: number;
  waitForDrain(done: (error: Error | null, client: Client) => void): void;
};

type PublishDone = (error?: Error | null) => void;
type Publish = (packet: PublishPacket, client: Client | PublishDone | null, done?: PublishDone) => void;

function internals(client: Client): Internals {
  return client as unknown as Internals;
}

/**
 * Refuses to run on other versions: the guards below would silently guard nothing.
 * @throws KoproError `internal` naming the version that is not the known one.
 */
export function requireKnownAedes(aedes: Aedes, parserVersion = installedParserVersion()): void {
  const { version } = aedes as unknown as { version: string };
  for (const [name, known, installed] of [
    ["aedes", AEDES_VERSION, version],
    ["mqtt-packet", PARSER_VERSION, parserVersion],
  ] as const) {
    if (installed === known) continue;
    throw new KoproError(
      "internal",
      `The broker is built for ${name} ${known}, but ${installed} is installed.`,
    );
  }
}

/** Of the parser that aedes itself uses, which need not be the one beside it. */
function installedParserVersion(): string {
  const requireAsAedes = createRequire(import.meta.resolve("aedes"));
  const { version } = requireAsAedes("mqtt-packet/package.json") as { version: string };
  return version;
}

/**
 * Closes the connection as soon as a fixed header announces more than `bytesMax()`: before a byte of it is kept.
 * A parser that throws on malformed bytes closes the connection too; aedes would let it end the process.
 */
export function guardParser(
  client: Client,
  bytesMax: () => number,
  tooLarge: (bytes: number) => Error,
): void {
  const parser = internals(client)._parser;
  const parseLength = parser._parseLength.bind(parser);
  const parse = parser.parse.bind(parser);
  parser._parseLength = () => {
    if (!parseLength()) return false;
    if (parser.packet.length <= bytesMax()) return true;
    parser._emitError(tooLarge(parser.packet.length));
    return false;
  };
  parser.parse = (chunk) => {
    try {
      return parse(chunk);
    } catch (cause) {
      client.emit("error", new Error("malformed packet", { cause }));
      return 0;
    }
  };
}

/**
 * Shows `refusal` each packet whole, before the parser reads it: it lets through what the standard forbids. An error
 * closes the connection; bytes are the last answer that it gets.
 */
export function guardPackets(
  client: Client,
  refusal: (header: PacketHeader, body: Buffer) => Error | Buffer | undefined,
): void {
  const parser = internals(client)._parser;
  const parsePayload = parser._parsePayload.bind(parser);
  parser._parsePayload = () => {
    // After a DISCONNECT, in the same segment with it [MQTT-3.14.4-2].
    if (client.conn.destroyed) return false;
    const { packet, _list: list } = parser;
    const refused = list.length < packet.length ? undefined : refusal(packet, list.slice(0, packet.length));
    if (refused === undefined) return parsePayload();
    if (refused instanceof Error) {
      parser._emitError(refused);
    } else {
      internals(client).pause();
      client.conn.end(refused, () => client.conn.destroy());
    }
    return false;
  };
}

/** Hands what a connection brings to `read` before the parser sees it; `feedParser` gives it the parts that are its. */
export function divertBytes(client: Client, read: (chunk: Buffer) => void): void {
  const parser = internals(client)._parser;
  parsers.set(client, parser.parse.bind(parser));
  parser.parse = (chunk) => {
    read(chunk);
    return 0;
  };
}

const parsers = new WeakMap<Client, (chunk: Buffer) => number>();

/** Bytes for aedes, of a client whose bytes were diverted. */
export function feedParser(client: Client, bytes: Buffer): void {
  parsers.get(client)?.(bytes);
}

/** Whether the CONNECT is answered and what came right behind it was handled: packets are handled as they are read. */
export function isPastConnect(client: Client): boolean {
  const { connackSent, _parser: parser } = internals(client);
  return connackSent && parser._queue === null;
}

const PAYLOAD_STEP = 2;

/** How many bytes the parser certainly needs for the packet that it has the beginning of; 0 between two packets. */
export function bytesToFinish(client: Client): number {
  const { packet, _list: list, _stateCounter: step } = internals(client)._parser;
  if (step === PAYLOAD_STEP) return Math.max(1, packet.length - list.length);
  return step === 0 && list.length === 0 ? 0 : 1;
}

/**
 * Hands the filters of every UNSUBSCRIBE to `rewrite` when aedes handles it, for which aedes has no hook, and which is
 * when it first looks at them: a SUBSCRIBE that waits with it behind the CONNECT comes first.
 */
export function rewriteUnsubscribes(client: Client, rewrite: (filter: string) => string): void {
  const parser = internals(client)._parser;
  const apply = (packet: ParsedPacket): void => {
    const { unsubscriptions: filters } = packet;
    if (filters === undefined) return;
    let rewritten: string[] | undefined;
    Object.defineProperty(packet, "unsubscriptions", { get: () => (rewritten ??= filters.map(rewrite)) });
  };
  for (const early of parser._queue ?? []) apply(early);
  parser.prependListener("packet", apply);
}

/** Replaces the keep-alive's end: it closes the connection only when `mayClose` agrees, else waits once more. */
export function guardKeepAlive(client: Client, mayClose: () => boolean): void {
  const inner = internals(client);
  if (inner._keepaliveTimer === null) return;
  clearTimeout(inner._keepaliveTimer);
  inner._keepaliveTimer = setTimeout(() => {
    if (mayClose()) client.emit("error", new Error("keep alive timeout"));
    else inner._keepaliveTimer?.refresh();
  }, inner._keepaliveInterval);
}

/** Starts the keep-alive's time again. */
export function refreshKeepAlive(client: Client): void {
  internals(client)._keepaliveTimer?.refresh();
}

/**
 * Asks `room` before each read of the connection, how many bytes may be read; where it says 0, aedes sees an empty
 * socket. Each read takes all of that is buffered: aedes reads once per `readable` event, but Node 26 answers `read()` with the first chunk alone and
 * raises no event for the rest, so a packet that came in two chunks would wait for a third.
 */
export function gateReads(connection: Connection, room: () => number): void {
  const read = connection.read.bind(connection) as (bytes?: number | null) => unknown;
  connection.read = (bytes?: number | null) => {
    // aedes reads with null; Node's own read(0), which only starts the transfer, must pass.
    if (bytes !== null) return read(bytes);
    const bytesMax = room();
    return bytesMax > 0 ? read(Math.min(connection.readableLength, bytesMax) || undefined) : null;
  };
}

/** Makes aedes read again although publishes of this connection are unanswered. */
export function readOn(client: Client): void {
  internals(client)._parsingBatch = 0;
  client.conn.emit("readable");
}

/** Whether `packet` is the will that aedes is about to publish for a client that went away. */
export function isWill(client: Client, packet: object): boolean {
  return internals(client).will === packet;
}

/** The packet id of a publish of QoS 2; undefined for any other. */
export function handshakeOf(packet: PublishPacket): number | undefined {
  return packet.qos === 2 ? (packet as { messageId?: number }).messageId : undefined;
}

/** Whether the client has published this id with QoS 2, and not released it. */
export function awaitsRelease(client: Client, messageId: number): boolean {
  return internals(client)._inboundInflight.has(messageId);
}

/**
 * Keeps of a publish of QoS 2 no more than its id until PUBREL: aedes asks for nothing else of it, and would keep a
 * packet of any size for as long as the client likes.
 */
export function keepHandshakesSmall(aedes: Aedes): void {
  const { persistence } = aedes as unknown as { persistence: Persistence };
  const store = persistence.incomingStorePacket.bind(persistence);
  persistence.incomingStorePacket = (client, { messageId }) =>
    store(client, { messageId, payload: NO_PAYLOAD });
}

type Persistence = { incomingStorePacket: (client: Client, packet: Handshake) => Promise<void> };
type Handshake = { readonly messageId: number; readonly payload: string | Buffer };

const NO_PAYLOAD = Buffer.alloc(0);

/** Spares the distribution of a client's publish to nobody: a quarter of what aedes costs per message. */
export function skipDistribution(aedes: Aedes, isUnheard: (client: Client) => boolean): void {
  const publish = aedes.publish.bind(aedes) as Publish;
  const distribute: Publish = (packet, client, done) => {
    if (done === undefined || client === null || typeof client === "function") {
      publish(packet, client, done);
    } else if (isUnheard(client)) {
      done();
    } else if (packet.qos === 2) {
      // aedes sends the PUBREC afterwards, and some distributions take longer than others [MQTT-4.6.0-3].
      done();
      publish(packet, client, ignore);
    } else {
      publish(packet, client, done);
    }
  };
  aedes.publish = distribute as Aedes["publish"];
}

/**
 * Keeps aedes from publishing the wills of brokers that fell silent: a process that was paused for minutes would take
 * itself for one of them, and say of living devices that they are gone. Ours share no persistence.
 */
export function keepWillsToThemselves(aedes: Aedes): void {
  clearInterval((aedes as unknown as { _clearWillInterval: NodeJS.Timeout })._clearWillInterval);
}

/** Hears what aedes' own persistence raises. It holds no reading: worth a person's look, not worth the process. */
export function onBrokerError(aedes: Aedes, listener: (error: unknown) => void): void {
  // Its types leave the event out, and an `error` that nobody hears ends the process.
  (aedes as NodeJS.EventEmitter).on("error", listener);
}

/** Keeps the packet identifiers from `from` on free: aedes counts through all of them and does not look who uses one. */
export function keepPacketIds(client: Client, from: number): void {
  const inner = internals(client);
  let next = inner._nextId < from ? inner._nextId : 1;
  Object.defineProperty(inner, "_nextId", {
    get: () => next,
    set: (id: number) => {
      next = id < from ? id : 1;
    },
  });
}

/** Hears every PUBACK of the client, of which aedes tells nothing when the session is clean. */
export function onPuback(client: Client, heard: (messageId: number) => void): void {
  internals(client)._parser.prependListener("packet", ({ cmd, messageId }) => {
    if (cmd === "puback" && messageId !== undefined) heard(messageId);
  });
}

/** Writes a PUBLISH past aedes' distribution: at QoS 1 with this identifier, or at QoS 0 without one. */
export function sendPublish(
  client: Client,
  message: { readonly topic: string; readonly payload: Buffer; readonly messageId: number | undefined },
): void {
  const { topic, payload, messageId } = message;
  const common = { cmd: "publish", topic, payload, retain: false, dup: false } as const;
  const packet =
    messageId === undefined ? ({ ...common, qos: 0 } as const) : ({ ...common, qos: 1, messageId } as const);
  if (!writeToStream(packet, client.conn)) boundDrain(client);
}

/** Lengths that the writer remembers: those of two bytes. */
const REMEMBERED_LENGTH_MAX = 16_383;

/**
 * Makes the writer remember every length of a packet now, in few blocks of memory. It keeps two bytes a length for ever, and each made
 * on its own holds the 64 KiB block that it was cut from: a device that listens to itself and sends a packet of every
 * length would cost 1 GiB. Measured: 2.4 MiB and 0.14 s.
 */
export function rememberLengths(): void {
  const nowhere = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
  const payload = Buffer.alloc(REMEMBERED_LENGTH_MAX);
  const common = { cmd: "publish", topic: "x", qos: 0, retain: false, dup: false } as const;
  const emptyLength = 2 + common.topic.length;
  for (let bytes = 0; emptyLength + bytes <= REMEMBERED_LENGTH_MAX; bytes += 1)
    writeToStream({ ...common, payload: payload.subarray(0, bytes) }, nowhere);
}

/** Whether more is buffered for the client than its socket takes. */
export function needsDrain(client: Client): boolean {
  return client.conn.writableNeedDrain;
}

/** Something was written past aedes and filled the socket: the bound of `guardWrites` holds for it too. */
export function boundDrain(client: Client): void {
  internals(client).waitForDrain(() => undefined);
}

/**
 * Bounds what is buffered for a client that does not read: more bytes than `bytesMax`, or a full socket for longer than
 * `withinMs`, are `tooSlow`. Nobody waits for it: aedes would hold the message back from all others meanwhile, and from
 * its publisher the end of its publishing.
 */
export function guardWrites(
  client: Client,
  { bytesMax, withinMs, tooSlow }: { bytesMax: number; withinMs: number; tooSlow: () => void },
): void {
  const { conn } = client;
  let timer: NodeJS.Timeout | undefined;
  const drained = (): void => {
    clearTimeout(timer);
    timer = undefined;
    // It was not read meanwhile.
    conn.emit("readable");
  };
  conn.once("close", () => clearTimeout(timer));
  internals(client).waitForDrain = (done) => {
    setImmediate(done, null, client);
    if (conn.destroyed) return;
    if (conn.writableLength > bytesMax) return tooSlow();
    if (timer !== undefined) return;
    timer = setTimeout(tooSlow, withinMs);
    conn.once("drain", drained);
  };
}

function ignore(): void {
  // Whoever should have heard it is told nothing durable this way.
}
