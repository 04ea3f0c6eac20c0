// Reads messages one after the other as ingest does for one device: what each says about later ones is known to those.
import type { DecodeContext, Decoded, Decoder } from "#devices/reading";
import { SECOND_MS } from "#devices/time";

export type SpokenMessage = {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** Seconds between the arrival that the context tells and this one. */
  readonly afterS?: number;
};

/** One answer per message. For golden files, captures and the simulator; nothing is stored. */
export function playMessages(
  decode: Decoder,
  messages: readonly SpokenMessage[],
  context: Omit<DecodeContext, "topic" | "facts" | "recent">,
): Decoded[] {
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  return messages.map(({ topic, payload, afterS = 0 }) => {
    const receivedAtMs = context.receivedAtMs + afterS * SECOND_MS;
    const decoded = decode(payload, { ...context, receivedAtMs, topic, facts, recent });
    for (const { key, value } of decoded.facts ?? []) facts.set(key, value);
    return decoded;
  });
}

/** `[topic, payload]`: a text as it stands, `{"hex": …}` as bytes, anything else as JSON; and after how many seconds, if not at once. */
export function spokenMessages(json: string): SpokenMessage[] {
  return (JSON.parse(json) as [string, unknown, number?][]).map(([topic, payload, afterS = 0]) => ({
    topic,
    payload: bytesOf(payload),
    afterS,
  }));
}

function bytesOf(payload: unknown): Uint8Array {
  if (typeof payload === "string") return Buffer.from(payload);
  const hex = (payload as { hex?: unknown } | null)?.hex;
  return typeof hex === "string" ? Buffer.from(hex, "hex") : Buffer.from(JSON.stringify(payload));
}
