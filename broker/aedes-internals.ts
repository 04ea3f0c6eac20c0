// The private members of aedes 1.2.0 and mqtt-packet 9.0.2 that the front door touches: all here, versions pinned,
// each covered by a test over a raw socket that fails when the library changes.
import type { Aedes, Client, Connection, ConnectPacket } from "aedes";
import { KoproError } from "#devices/error";

const AEDES_VERSION = "1.2.0";

export type PublishPacket = Parameters<Aedes["publish"]>[0];
export type Will = NonNullable<ConnectPacket["will"]>;

type ParsedPacket = { cmd: string; unsubscriptions?: string[] };

type Parser = {
  readonly packet: { readonly length: number };
  /** Packets that came before the CONNACK; null once they were handled. */
  readonly _queue: ParsedPacket[] | null;
  parse(chunk: Buffer): number;
  _parseLength(): boolean;
  _emitError(error: Error): void;
  prependListener(event: "packet", listener: (packet: ParsedPacket) => void): void;
};

type Internals = {
  readonly _parser: Parser;
  readonly _keepaliveInterval: number;
  _keepaliveTimer: NodeJS.Timeout | null;
  _parsingBatch: number;
  readonly will: object | null;
};

type PublishDone = (error?: Error | null) => void;
type Publish = (packet: PublishPacket, client: Client | PublishDone | null, done?: PublishDone) => void;

function internals(client: Client): Internals {
  return client as unknown as Internals;
}

/** Refuses to run on another version: the guards below would silently guard nothing. */
export function requireKnownAedes(aedes: Aedes): void {
  const { version } = aedes as unknown as { version: string };
  if (version !== AEDES_VERSION) {
    throw new KoproError(
      "internal",
      `The broker is built for aedes ${AEDES_VERSION}, but ${version} is installed.`,
    );
  }
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

/** Hands every UNSUBSCRIBE to `rewrite` before aedes handles it, for which aedes has no hook. */
export function rewriteUnsubscribes(client: Client, rewrite: (filter: string) => string): void {
  const parser = internals(client)._parser;
  const apply = (packet: ParsedPacket): void => {
    if (packet.unsubscriptions !== undefined) packet.unsubscriptions = packet.unsubscriptions.map(rewrite);
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
 * Asks `admits` before each read of the connection; where it says no, aedes sees an empty socket. Each read takes all
 * that is buffered: aedes reads once per `readable` event, but Node 26 answers `read()` with the first chunk alone and
 * raises no event for the rest, so a packet that came in two chunks would wait for a third.
 */
export function gateReads(connection: Connection, admits: () => boolean): void {
  const read = connection.read.bind(connection) as (bytes?: number | null) => unknown;
  connection.read = (bytes?: number | null) => {
    // aedes reads with null; Node's own read(0), which only starts the transfer, must pass.
    if (bytes !== null) return read(bytes);
    return admits() ? read(connection.readableLength || undefined) : null;
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

/** Spares the distribution of a client's publish to nobody: a quarter of what aedes costs per message. */
export function skipDistribution(aedes: Aedes, isUnheard: (client: Client) => boolean): void {
  const publish = aedes.publish.bind(aedes) as Publish;
  const distribute: Publish = (packet, client, done) => {
    if (done !== undefined && client !== null && typeof client !== "function" && isUnheard(client)) done();
    else publish(packet, client, done);
  };
  aedes.publish = distribute as Aedes["publish"];
}

/** Hears what aedes' own persistence raises. It holds no reading: worth a person's look, not worth the process. */
export function onBrokerError(aedes: Aedes, listener: (error: unknown) => void): void {
  // Its types leave the event out, and an `error` that nobody hears ends the process.
  (aedes as NodeJS.EventEmitter).on("error", listener);
}
