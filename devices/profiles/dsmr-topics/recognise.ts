// Whether a message is one field of DSMR, and whose.
import { dsmrTopicOf, fieldOf, isLeftOut, isSummary } from "./topics.ts";

/** Longer payloads are of somebody else on a topic that looks like ours. */
const PAYLOAD_MAX = 100;
const OBJECT = 0x7b;
const OPENINGS = new Set([OBJECT, 0x5b, 0x2f]);

/**
 * The topics' prefix with `dsmr`; `undefined` for anything else. JSON and telegrams name themselves, whatever their topic, but for
 * DSMR-reader's summaries of the same values (`dsmr/json`): told apart, they would be a device that nobody has.
 */
export function recogniseDsmrTopic(topic: string, payload: Uint8Array): string | undefined {
  const found = dsmrTopicOf(topic);
  if (found === undefined) return undefined;
  if (isSummary(found.path) && isOfReader(payload)) return `${found.prefix}dsmr`;
  if (payload.length > PAYLOAD_MAX || OPENINGS.has(payload[0] ?? 0)) return undefined;
  return fieldOf(found.path) !== undefined || isLeftOut(found.path) ? `${found.prefix}dsmr` : undefined;
}

/** Its objects have `electricity_delivered_1`, `electricity1`… among their first keys. */
function isOfReader(payload: Uint8Array): boolean {
  return payload[0] === OBJECT && Buffer.from(payload.subarray(0, BEGINNING)).includes('"electricity');
}

const BEGINNING = 1024;
