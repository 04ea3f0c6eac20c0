// The short way of a PUBLISH: read from the connection's bytes, and answered, without an object of aedes'.
//
//   chunk ─▶ packets ─▶ PUBLISH of QoS 0 or 1 that nobody listens to ─▶ intake ─▶ (commit) ─▶ PUBACKs, one write
//                └───── every other packet, byte for byte ─▶ aedes
//
// Whatever is unusual takes the long way, which knows the whole protocol: this one only has to be right about what it
// keeps. Packets are taken in the order of their bytes, on whichever way.
import { isUtf8 } from "node:buffer";
import type { Client } from "aedes";
import { bytesToFinish, feedParser, isPastConnect, refreshKeepAlive } from "./aedes-internals.ts";
import { packetEnd, TOO_SHORT, UNREADABLE } from "./packet-end.ts";
import { publishFault } from "./mount.ts";
import type { PublishIntake } from "./publish-intake.ts";
import type { Rates } from "./rates.ts";
import type { Session } from "./session.ts";

const PUBLISH = 0x30;
/** PUBACK, PUBREC, PUBREL and PUBCOMP, which belong to a message. */
const ANSWERS = { from: 0x40, to: 0x70 };
const TYPE_MASK = 0xf0;
const RETAIN_BIT = 0x01;
const DUP_BIT = 0x08;
const NO_BYTES = Buffer.alloc(0);
const PIECES_MAX = 256;

type Options = {
  readonly client: Client;
  /** Undefined before the credential was verified. */
  readonly session: () => Session | undefined;
  /** Whether somebody listens to what this session publishes: then aedes distributes it. */
  readonly isHeard: (session: Session) => boolean;
  readonly intake: PublishIntake;
  readonly rates: Pick<Rates, "admits" | "take" | "takeControl">;
  readonly packetBytesMax: number;
};

/**
 * What one connection brings, before aedes' parser: whole PUBLISH packets of QoS 0 and 1 are taken, everything else is
 * handed on byte for byte, in order. Holds at most one packet that is not complete. Packets that aedes would handle wait
 * in the connection, unread, while their device is over its rate.
 */
export class PublishLane {
  readonly #options: Options;
  /** The beginning of a packet whose end has not come yet; joined once as many bytes are there as it needs. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #neededBytes = 0;
  #busy = false;
  /** Chunks that came while another was read. */
  readonly #later: Buffer[] = [];
  /** A meter names the same topic every time. */
  #topic = "";
  #topicBytes: Uint8Array = NO_BYTES;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Takes what the connection brought, in the place of the parser. */
  read(chunk: Buffer): void {
    this.#later.push(chunk);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#later.shift(); next !== undefined; next = this.#later.shift())
        this.#readChunk(next);
    } finally {
      this.#busy = false;
    }
  }

  #readChunk(chunk: Buffer): void {
    const { client, session: sessionOf, intake } = this.#options;
    if (client.conn.destroyed) return;
    let at = this.#finishOfParser(chunk);
    const session = sessionOf();
    if (session === undefined || !isPastConnect(client)) {
      if (at < chunk.length) feedParser(client, at === 0 ? chunk : chunk.subarray(at));
      return;
    }
    const bytes = this.#withPartial(at === 0 ? chunk : chunk.subarray(at));
    if (bytes === undefined) return;
    const nowMs = intake.now();
    for (at = 0; at < bytes.length && !client.conn.destroyed;) {
      const end = packetEnd(bytes, at, this.#options.packetBytesMax);
      if (end === UNREADABLE) return feedParser(client, bytes.subarray(at));
      if (end === TOO_SHORT || end > bytes.length) {
        this.#keep(bytes.subarray(at), end === TOO_SHORT ? 0 : end - at);
        break;
      }
      if (!this.#take(session, bytes, at, end, nowMs)) {
        if (!this.#options.rates.admits(session, nowMs)) return this.#unread(bytes.subarray(at));
        this.#count(session, bytes[at] ?? 0, end - at, nowMs);
        feedParser(client, bytes.subarray(at, end));
      }
      at = end;
    }
    refreshKeepAlive(client);
  }

  /** Gives back what is not read now, in front of what the connection still has: it comes again with the next read. */
  #unread(rest: Buffer): void {
    const { conn } = this.#options.client;
    conn.unshift(Buffer.concat([rest, ...this.#later.splice(0)]));
  }

  /** What aedes is given is counted where it is no publish, of which the intake knows. */
  #count(session: Session, first: number, packetBytes: number, nowMs: number): void {
    const { rates } = this.#options;
    const type = first & TYPE_MASK;
    if (type >= ANSWERS.from && type <= ANSWERS.to) rates.take(session, 1, nowMs);
    else if (type !== PUBLISH) rates.takeControl(session, packetBytes, nowMs);
  }

  /** The parser holds the beginning of a packet from before the session was open: it gets the end of it, no more. */
  #finishOfParser(chunk: Buffer): number {
    const { client, session } = this.#options;
    let at = 0;
    if (session() === undefined || !isPastConnect(client)) return at;
    for (
      let wanted = bytesToFinish(client);
      wanted > 0 && at < chunk.length && !client.conn.destroyed;
      wanted = bytesToFinish(client)
    ) {
      feedParser(client, chunk.subarray(at, at + wanted));
      at = Math.min(at + wanted, chunk.length);
    }
    return at;
  }

  /** The bytes to read now, or undefined while a packet needs more. */
  #withPartial(chunk: Buffer): Buffer | undefined {
    if (this.#partialBytes === 0) return chunk;
    // Byte by byte, a packet would be a quarter of a million buffers.
    if (this.#partial.length >= PIECES_MAX) this.#partial = [Buffer.concat(this.#partial)];
    this.#partial.push(chunk);
    this.#partialBytes += chunk.length;
    if (this.#partialBytes < this.#neededBytes) return undefined;
    const bytes = Buffer.concat(this.#partial, this.#partialBytes);
    this.#partial = [];
    this.#partialBytes = 0;
    return bytes;
  }

  #keep(bytes: Buffer, neededBytes: number): void {
    // A copy: a few bytes would keep all that was read with them in the memory.
    this.#partial = [Buffer.from(bytes)];
    this.#partialBytes = bytes.length;
    this.#neededBytes = neededBytes;
  }

  /** Takes the packet `[at, end)`, or says false: then it is the parser's. */
  #take(session: Session, bytes: Buffer, at: number, end: number, nowMs: number): boolean {
    const first = bytes[at] ?? 0;
    const qos = (first >> 1) & 3;
    if ((first & TYPE_MASK) !== PUBLISH || qos > 1) return false;
    if (qos === 0 && (first & DUP_BIT) !== 0) return false; // [MQTT-3.3.1-2]
    const { isHeard, intake } = this.#options;
    let from = afterLength(bytes, at);
    const topicEnd = from + 2 + (((bytes[from] ?? 0) << 8) | (bytes[from + 1] ?? 0));
    const payloadFrom = topicEnd + (qos === 0 ? 0 : 2);
    if (from + 2 > end || payloadFrom > end || isHeard(session)) return false;
    from += 2;
    const topic = this.#topicOf(bytes, from, topicEnd);
    if (topic === undefined) return false;
    const packetId = qos === 0 ? 0 : ((bytes[topicEnd] ?? 0) << 8) | (bytes[topicEnd + 1] ?? 0);
    if (qos === 1 && packetId === 0) return false;
    const retained = (first & RETAIN_BIT) !== 0;
    const payload = bytes.subarray(payloadFrom, end);
    const message = intake.receive(session, topic, payload, qos === 0 ? 0 : 1, retained, nowMs);
    if (qos === 0) intake.takeUnanswered(message);
    else intake.take(session, message, () => session.pubacks.add(packetId));
    return true;
  }

  /** Undefined for a topic that may not be published to. */
  #topicOf(bytes: Buffer, from: number, to: number): string | undefined {
    if (sameBytes(this.#topicBytes, bytes, from, to)) return this.#topic;
    const own = Uint8Array.prototype.slice.call(bytes, from, to);
    if (!isUtf8(own)) return undefined; // [MQTT-1.5.3-1]
    const topic = bytes.toString("utf8", from, to);
    if (publishFault(topic) !== undefined) return undefined;
    this.#topicBytes = own;
    this.#topic = topic;
    return topic;
  }
}

/** Where the variable header begins. */
function afterLength(bytes: Buffer, at: number): number {
  let next = at + 1;
  while ((bytes[next] ?? 0) >= 0x80) next++;
  return next + 1;
}

/** Shorter than a call out of JavaScript for the few bytes of a topic. */
function sameBytes(known: Uint8Array, bytes: Buffer, from: number, to: number): boolean {
  const { length } = known;
  if (length !== to - from || length === 0) return false;
  for (let i = 0; i < length; i++) if (known[i] !== bytes[from + i]) return false;
  return true;
}
