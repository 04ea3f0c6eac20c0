// A JSON document of wmbusmeters: who speaks, what it counts, when it was heard, and its fields as they stand.
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import type { Rejection } from "#devices/reading";

export type Telegram = {
  /** The meter's identification number, as printed on it. */
  readonly id: string;
  /** What flows through it, in the words of EN 13757-3: `cold water`, `heat`, `heat cost allocation`… */
  readonly media: string;
  /** RFC 3339, when the receiver heard it; `undefined` where it does not say. */
  readonly timestamp: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
};

const BOUNDS: JsonBounds = { depthMax: 3, objectsMax: 10, objectsName: "objects" };
const ID = /^[0-9A-Za-z._-]{1,64}$/;
const MEDIA = /^[0-9A-Za-z ()/,._-]{1,64}$/;

/** The telegram of a payload, or why it is none. */
export function telegramOf(payload: Uint8Array): Telegram | Rejection {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const fields = parsed.value;
  if (!isJsonObject(fields)) return malformed("A telegram of wmbusmeters is a JSON object.");
  const { _: kind, id, media, meter, timestamp, error } = fields;
  // Versions before 1.16 do not write the kind.
  if (kind !== undefined && kind !== "telegram") return malformed("The JSON object is not a telegram.");
  if (typeof id !== "string" || !ID.test(id)) return malformed("The telegram has no usable id.");
  if (typeof media !== "string" || !MEDIA.test(media)) return malformed("The telegram has no usable media.");
  if (typeof meter !== "string") return malformed("The telegram does not name its driver (meter).");
  if (typeof error === "string" && /\bfail/i.test(error)) {
    return malformed("wmbusmeters could not decrypt or decode this telegram: its key or driver is wrong.");
  }
  return { id, media, timestamp: typeof timestamp === "string" ? timestamp : undefined, fields };
}

const OPENING = 0x7b;

/**
 * How the receiver names the device that spoke, or `undefined` for anything else: number and medium, because manufacturers
 * number their water and heat meters independently.
 */
export function recogniseWmbusmeters(_topic: string, payload: Uint8Array): string | undefined {
  if (payload[0] !== OPENING) return undefined;
  const telegram = telegramOf(payload);
  return "reason" in telegram ? undefined : `${telegram.id}/${telegram.media}`;
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
