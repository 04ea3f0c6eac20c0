// What MQTT 3.1.1 forbids in a packet and the parser lets through, told from the packet's own bytes.
import { isUtf8 } from "node:buffer";

/** The fixed header as the parser has read it. */
export type PacketHeader = { readonly cmd: string; readonly qos: 0 | 1 | 2; readonly dup: boolean };

const LEVELS: Readonly<Record<string, number>> = { MQTT: 4, MQIsdp: 3 };
/** Set in the level by bridges, which ask for nothing else with it. */
const BRIDGE = 0x80;
const Connect = {
  reserved: 0x01,
  will: 0x04,
  willQos: 0x18,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
};
const NOTHING_FROM_END = -1;
/** Our own bound; as many as a connection may have. Each costs as much as a packet. */
const FILTERS_MAX = 256;

/** "Unacceptable protocol level" [MQTT-3.1.2-2], as bytes: nobody is known yet whose packet it could be. */
const CONNACK_UNKNOWN_LEVEL = Buffer.from([0x20, 0x02, 0x00, 0x01]);

/** The error that closes the connection, the bytes that answer and then close it, or undefined to read on. */
export function packetRefusal(header: PacketHeader, body: Buffer): Error | Buffer | undefined {
  if (asksForUnknownLevel(header, body)) return CONNACK_UNKNOWN_LEVEL;
  const fault = packetFault(header, body);
  return fault === undefined ? undefined : new Error(`malformed packet: ${fault}`);
}

/**
 * The sentence that says what is wrong, with the clause; undefined when the parser may read it.
 * `body`: the bytes after the fixed header, as many as it announced.
 */
export function packetFault(header: PacketHeader, body: Buffer): string | undefined {
  switch (header.cmd) {
    case "publish":
      return publishPacketFault(header, body);
    case "connect":
      return connectFault(body);
    case "puback":
    case "pubrec":
    case "pubrel":
    case "pubcomp":
      return body.length === 2 ? packetIdFault(body, 0) : `a ${header.cmd} of another length than 2`;
    case "subscribe":
      return filtersFault(body, 1);
    case "unsubscribe":
      return filtersFault(body, 0);
    case "pingreq":
    case "disconnect":
      return body.length === 0 ? undefined : `a ${header.cmd} that is not empty`;
    default:
      return `a ${header.cmd} is nothing that a client sends`;
  }
}

/** Whether a CONNECT asks for a protocol level that is not spoken here. */
function asksForUnknownLevel(header: PacketHeader, body: Buffer): boolean {
  if (header.cmd !== "connect") return false;
  const at = endOfText(body, 0);
  const level = at === NOTHING_FROM_END ? undefined : body[at];
  const known = level === undefined ? undefined : LEVELS[body.toString("latin1", 2, at)];
  return known !== undefined && level !== undefined && (level & ~BRIDGE) !== known;
}

/** What is wrong with these bytes as text of the protocol, be it a topic, a client id or a user name. */
export function textFault(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return "[MQTT-1.5.3-2] a text holds NUL";
  return isUtf8(bytes) ? undefined : "[MQTT-1.5.3-1] a text is not well-formed UTF-8";
}

function publishPacketFault(header: PacketHeader, body: Buffer): string | undefined {
  const at = endOfText(body, 0);
  if (at === NOTHING_FROM_END) return "the topic is longer than its packet";
  if (header.qos > 0) {
    const fault = packetIdFault(body, at);
    if (fault !== undefined) return fault;
  } else if (header.dup) {
    return "[MQTT-3.3.1-2] DUP with QoS 0";
  }
  return textFault(body.subarray(2, at));
}

function connectFault(body: Buffer): string | undefined {
  const nameEnd = endOfText(body, 0);
  // Level, flags and keep-alive follow the protocol's name.
  const flags = nameEnd === NOTHING_FROM_END ? undefined : body[nameEnd + 1];
  if (flags === undefined || body.length < nameEnd + 4) return "a connect that ends too soon";
  const fault = flagsFault(flags);
  if (fault !== undefined) return fault;

  const willed = (flags & Connect.will) !== 0;
  // The payload's fields in their order [MQTT-3.1.3-1]; bytes need not be text.
  const fields: ("text" | "bytes")[] = ["text"];
  if (willed) fields.push("text", "bytes");
  if ((flags & Connect.userName) !== 0) fields.push("text");
  if ((flags & Connect.password) !== 0) fields.push("bytes");
  let at = nameEnd + 4;
  for (const kind of fields) {
    const end = endOfText(body, at);
    if (end === NOTHING_FROM_END) return "a field of the connect is longer than its packet";
    const bad = kind === "text" ? textFault(body.subarray(at + 2, end)) : undefined;
    if (bad !== undefined) return bad;
    at = end;
  }
  return at === body.length ? undefined : "a connect with bytes behind its last field";
}

function flagsFault(flags: number): string | undefined {
  if ((flags & Connect.reserved) !== 0) return "[MQTT-3.1.2-3] the reserved flag of the connect is set";
  if ((flags & Connect.willQos) === Connect.willQos) return "[MQTT-3.1.2-14] a will with QoS 3";
  if ((flags & Connect.will) === 0 && (flags & (Connect.willQos | Connect.willRetain)) !== 0) {
    return "[MQTT-3.1.2-11] QoS or retain of a will that is none";
  }
  if ((flags & Connect.userName) === 0 && (flags & Connect.password) !== 0) {
    return "[MQTT-3.1.2-22] a password without a user name";
  }
  return undefined;
}

/** SUBSCRIBE and UNSUBSCRIBE: an id, then one filter or more, each followed by `optionBytes` bytes. */
function filtersFault(body: Buffer, optionBytes: 0 | 1): string | undefined {
  const fault = packetIdFault(body, 0);
  if (fault !== undefined) return fault;
  let count = 0;
  if (body.length === 2) return "[MQTT-3.8.3-3] [MQTT-3.10.3-2] no filter";
  for (let at = 2; at < body.length;) {
    const end = endOfText(body, at);
    if (end === NOTHING_FROM_END || end + optionBytes > body.length)
      return "a filter is longer than its packet";
    const bad = filterFault(body.subarray(at + 2, end));
    if (bad !== undefined) return bad;
    if (++count > FILTERS_MAX) return `more than ${FILTERS_MAX} filters in one packet`;
    at = end + optionBytes;
  }
  return undefined;
}

function filterFault(filter: Buffer): string | undefined {
  if (filter.length === 0) return "[MQTT-4.7.3-1] an empty filter";
  return textFault(filter) ?? wildcardFault(filter.toString("latin1").split("/"));
}

function wildcardFault(levels: readonly string[]): string | undefined {
  for (const [index, level] of levels.entries()) {
    if (level.includes("#") && (level !== "#" || index < levels.length - 1)) {
      return "[MQTT-4.7.1-2] # is not the last level alone";
    }
    if (level.includes("+") && level !== "+") return "[MQTT-4.7.1-3] + is not a level alone";
  }
  return undefined;
}

function packetIdFault(body: Buffer, at: number): string | undefined {
  if (body.length < at + 2) return "the packet ends before its id";
  return body[at] === 0 && body[at + 1] === 0 ? "[MQTT-2.3.1-1] the packet id is 0" : undefined;
}

/** Where the text that begins at `at` with its length ends, or `NOTHING_FROM_END` when it does not end within `body`. */
function endOfText(body: Buffer, at: number): number {
  if (body.length < at + 2) return NOTHING_FROM_END;
  const end = at + 2 + body.readUInt16BE(at);
  return end > body.length ? NOTHING_FROM_END : end;
}
