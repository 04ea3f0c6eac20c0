// Reads messages one after the other as ingest does for one device: what each says about later ones is known to those.
import type { DecodeContext, Decoded, Decoder } from "#devices/reading";

export type SpokenMessage = { readonly topic: string; readonly payload: Uint8Array };

/** One answer per message. For golden files, captures and the simulator; nothing is stored. */
export function playMessages(
  decode: Decoder,
  messages: readonly SpokenMessage[],
  context: Omit<DecodeContext, "topic" | "facts" | "recent">,
): Decoded[] {
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  return messages.map(({ topic, payload }) => {
    const decoded = decode(payload, { ...context, topic, facts, recent });
    for (const { key, value } of decoded.facts ?? []) facts.set(key, value);
    return decoded;
  });
}

/** `[topic, payload]`: a text as it stands, `{"hex": …}` as bytes, anything else as JSON. */
export function spokenMessages(json: string): SpokenMessage[] {
  return (JSON.parse(json) as [string, unknown][]).map(([topic, payload]) => ({
    topic,
    payload: bytesOf(payload),
  }));
}

function bytesOf(payload: unknown): Uint8Array {
  if (typeof payload === "string") return Buffer.from(payload);
  const hex = (payload as { hex?: unknown } | null)?.hex;
  return typeof hex === "string" ? Buffer.from(hex, "hex") : Buffer.from(JSON.stringify(payload));
}
