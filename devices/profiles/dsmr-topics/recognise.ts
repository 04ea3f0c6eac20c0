// Whether a message is one field of DSMR, and whose.
import { dsmrTopicOf, fieldOf, isLeftOut } from "./topics.ts";

/** Longer payloads are of somebody else on a topic that looks like ours. */
const PAYLOAD_MAX = 100;
const OPENINGS = new Set([0x7b, 0x5b, 0x2f]);

/** The topics' prefix with `dsmr`; `undefined` for anything else. JSON and telegrams name themselves, whatever their topic. */
export function recogniseDsmrTopic(topic: string, payload: Uint8Array): string | undefined {
  const found = dsmrTopicOf(topic);
  if (found === undefined || payload.length > PAYLOAD_MAX || OPENINGS.has(payload[0] ?? 0)) return undefined;
  return fieldOf(found.path) !== undefined || isLeftOut(found.path) ? `${found.prefix}dsmr` : undefined;
}
