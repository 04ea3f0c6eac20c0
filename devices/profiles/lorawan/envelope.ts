// What both network servers' messages have in common: JSON, a device by its EUI, and an uplink that may lack its codec.
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import type { Decoded, Rejection } from "#devices/reading";
import { parseInstant } from "#devices/time";
import { NOTHING } from "../answer.ts";
import { readDecodedObject, type Heard } from "./decoded-object.ts";

export type Message = Readonly<Record<string, unknown>>;

/** One uplink heard by a hundred gateways is still one. */
const BOUNDS: JsonBounds = { depthMax: 16, objectsMax: 5000, objectsName: "objects" };
const EUI = /^[0-9A-Fa-f]{16}$/;
const OPENING = 0x7b;

export function messageOf(payload: Uint8Array): { readonly message: Message } | Rejection {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  if (isJsonObject(parsed.value)) return { message: parsed.value };
  return { reason: "reading_malformed", detail: "A message of a LoRaWAN network server is a JSON object." };
}

/** For `recognise`: arrays, texts and broken JSON are nobody's. */
export function objectOf(payload: Uint8Array): Message | undefined {
  if (payload[0] !== OPENING) return undefined;
  const found = messageOf(payload);
  return "reason" in found ? undefined : found.message;
}

export function member(message: Message, name: string): Message | undefined {
  const value = Object.hasOwn(message, name) ? message[name] : undefined;
  return isJsonObject(value) ? value : undefined;
}

/** A DevEUI in small letters: ChirpStack writes it so, The Things Stack in capitals, and it is the same device. */
export function euiOf(value: unknown): string | undefined {
  return typeof value === "string" && EUI.test(value) ? value.toLowerCase() : undefined;
}

/** RFC 3339 with as many digits after the second as the server likes. */
export function instantOf(value: unknown): number | undefined {
  return typeof value === "string" && value.length <= 64 ? parseInstant(value) : undefined;
}

/** `object`: what the codec made of the bytes; `bytes`: the base64 text of what the device sent. */
export function readUplink(object: unknown, bytes: unknown, heard: Heard): Decoded {
  if (isJsonObject(object) || Array.isArray(object)) {
    const decoded = readDecodedObject(object, heard);
    if (decoded.observations.length + decoded.rejections.length > 0 || Object.keys(object).length > 0)
      return decoded;
  }
  // An uplink without payload only answers the network.
  if (typeof bytes !== "string" || bytes === "") return NOTHING;
  const detail = `The network server did not decode the payload of ${heard.equipmentId}: the device has no codec there, or it gave nothing.`;
  return { observations: [], rejections: [{ reason: "reading_malformed", detail }] };
}
