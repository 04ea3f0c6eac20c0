// A frame of teleinfo2mqtt: the meter's labels in one JSON object, and whose they are.
//
//   {"EAST":{"raw":"032507388","value":32507388},"CCASN":{"raw":"00504","value":504,"timestamp":{…}},…}
import { isJsonObject, JsonNumber, parseJson, type JsonBounds } from "#devices/json";
import type { Rejection } from "#devices/reading";
import { isLeftOut, labelOf } from "./labels.ts";

export type Entry = { readonly text: string; readonly timestamp: unknown };
export type Frame = Readonly<Record<string, unknown>>;

const BOUNDS: JsonBounds = { depthMax: 4, objectsMax: 400, objectsName: "labels" };
const OPENING = 0x7b;
const ID = /^[0-9A-Za-z]{1,20}$/;

export function frameOf(payload: Uint8Array): { readonly frame: Frame } | Rejection {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  if (!isJsonObject(parsed.value)) return malformed("A frame of teleinfo2mqtt is a JSON object.");
  const known = Object.keys(parsed.value).some((name) => labelOf(name) !== undefined || isLeftOut(name));
  return known
    ? { frame: parsed.value }
    : malformed("The JSON object has no label of a Linky's customer port.");
}

/** The text of an entry, with its leading zeros, in which the meter's numbers are distinguished; `undefined` for anything else. */
export function entryOf(value: unknown): Entry | undefined {
  if (isJsonObject(value)) {
    const text = textOf(value["raw"]) ?? textOf(value["value"]);
    return text === undefined ? undefined : { text, timestamp: value["timestamp"] };
  }
  const text = textOf(value);
  return text === undefined ? undefined : { text, timestamp: undefined };
}

function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof JsonNumber ? value.text : undefined;
}

/** The meter's address; where a frame lost it, the number of the supply point; "" where it has neither. */
export function meterOf(frame: Frame): string {
  for (const name of ["ADCO", "ADSC", "PRM"]) {
    const text = Object.hasOwn(frame, name) ? entryOf(frame[name])?.text.trim() : undefined;
    if (text !== undefined && ID.test(text)) return text;
  }
  return "";
}

/** How a gateway names the meter: its address with leading zeros. Only an entry that keeps them (`raw`) tells the family. */
export function recogniseLinky(_topic: string, payload: Uint8Array): string | undefined {
  if (payload[0] !== OPENING) return undefined;
  const found = frameOf(payload);
  if ("reason" in found) return undefined;
  const { frame } = found;
  const named = ["ADCO", "ADSC"].some((name) => {
    const entry = Object.hasOwn(frame, name) ? frame[name] : undefined;
    return isJsonObject(entry) && typeof entry["raw"] === "string";
  });
  return named ? meterOf(frame) : undefined;
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
