// What a strict reader of MQTT 3.1.1 takes from the bytes of an accepted connection: the oracle beside the broker's parser.
import { isUtf8 } from "node:buffer";

export type Said = {
  readonly topic: string;
  readonly payload: Buffer;
  readonly qos: 0 | 1 | 2;
  /** 0 with QoS 0. */
  readonly messageId: number;
};

/** The flags that each packet type of a client must have; PUBLISH apart. */
const FLAGS: Readonly<Record<number, number>> = { 4: 0, 5: 0, 6: 2, 7: 0, 8: 2, 10: 2, 12: 0 };
const PUBLISH = 3;
const LENGTH_BYTES_MAX = 4;

/**
 * The publishes in order, up to the first packet that may not be there, is larger than `bytesMax` or ends the connection.
 * Only publishes are judged whole: of other packets it may let through more than the broker does, never less.
 */
export function readStrictly(bytes: Buffer, bytesMax: number): Said[] {
  const said: Said[] = [];
  for (let at = 0; at < bytes.length;) {
    const first = bytes[at] ?? 0;
    const length = lengthAt(bytes, at + 1);
    if (length === undefined || length.value > bytesMax) break;
    const from = at + 1 + length.bytes;
    at = from + length.value;
    if (at > bytes.length) break;
    const type = first >> 4;
    if (type !== PUBLISH) {
      if (FLAGS[type] !== (first & 0xf)) break;
      continue;
    }
    const publish = publishOf(first & 0xf, bytes.subarray(from, at));
    if (publish === undefined) break;
    said.push(publish);
  }
  return said;
}

function lengthAt(bytes: Buffer, from: number): { value: number; bytes: number } | undefined {
  let value = 0;
  for (let count = 0; count < LENGTH_BYTES_MAX; count += 1) {
    const byte = bytes[from + count];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 128 ** count;
    if (byte < 0x80) return { value, bytes: count + 1 };
  }
  return undefined;
}

function publishOf(flags: number, body: Buffer): Said | undefined {
  const qos = (flags >> 1) & 3;
  const duplicate = (flags & 8) !== 0;
  if (qos === 3 || (qos === 0 && duplicate) || body.length < 2) return undefined;
  const topicEnd = 2 + body.readUInt16BE(0);
  const payloadFrom = topicEnd + (qos === 0 ? 0 : 2);
  if (payloadFrom > body.length) return undefined;
  const topicBytes = body.subarray(2, topicEnd);
  const messageId = qos === 0 ? 0 : body.readUInt16BE(topicEnd);
  if (!isUtf8(topicBytes) || (qos > 0 && messageId === 0)) return undefined;
  const topic = topicBytes.toString();
  if (topic === "" || /[+#\0]/.test(topic) || /^\$SYS(?:\/|$)/.test(topic)) return undefined;
  return { topic, payload: body.subarray(payloadFrom), qos: qos as 0 | 1 | 2, messageId };
}
