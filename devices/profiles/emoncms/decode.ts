// Decodes emoncms topics: a number on `<base>/<node>/<key>`, a row of numbers or a JSON object of numbers on `<base>/<node>`.
//
// Counters are kept as they come; what emoncms makes of them (its accumulators) is its own business.
import { decimalOf, decimalOfJson, type Decimal } from "#devices/decimal";
import { JsonNumber, isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import { instantOfLocal } from "#devices/local-time";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Decoder, Observation, Rejection } from "#devices/reading";
import { parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { Answer, NO_TIME, NOTHING, refusedWhole } from "../answer.ts";
import { isLeftOut } from "./keys.ts";
import { registerOf } from "./registers.ts";
import { emonTopicOf } from "./topics.ts";

const BOUNDS: JsonBounds = { depthMax: 3, objectsMax: 100, objectsName: "objects" };
/** A row of values of one node: the longest that emonHub's radio carries has some thirty. */
const TEXT_MAX = 2000;
const OPENING = 0x7b;

/** Pure and total. Cleared topics, `null` and what `keys.ts` leaves out give nothing. */
export const decodeEmoncms: Decoder = (payload, context) => {
  if (firstOf(payload) === OPENING) return readObject(payload, context);
  const text = textOf(payload);
  if (text === undefined)
    return refusedWhole("text_invalid", "The payload is no number, no row of numbers and no JSON.");
  if (text === "") return NOTHING;
  const row = text.split(",");
  const { node, key } = emonTopicOf(context.topic, row.length > 1);
  if (key !== "" && row.length === 1) return collect(node, [[key, text]], NO_TIME, context);
  // A row has no keys: emoncms numbers the values from 0.
  return collect(
    node,
    row.map((value, index) => [key === "" ? `${index}` : `${key}_${index}`, value]),
    NO_TIME,
    context,
  );
};

/** Past blanks and a byte order mark. */
function firstOf(payload: Uint8Array): number | undefined {
  let at = payload[0] === 0xef ? 3 : 0;
  while (payload[at] === 0x20 || payload[at] === 0x0a || payload[at] === 0x0d || payload[at] === 0x09) at++;
  return payload[at];
}

const PRINTABLE = /^[\x20-\x7e]*$/;

function textOf(payload: Uint8Array): string | undefined {
  if (payload.length > TEXT_MAX) return undefined;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1").trim();
  return PRINTABLE.test(text) ? text : undefined;
}

type Time = Pick<Observation, "observedAtMs" | "clock">;
type Entry = readonly [key: string, value: unknown];

function readObject(payload: Uint8Array, context: DecodeContext): Decoded {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return refusedWhole(parsed.reason, parsed.detail);
  if (!isJsonObject(parsed.value)) return refusedWhole("reading_malformed", "The JSON is not an object.");
  const fields = Object.entries(parsed.value);
  const time = timeOf(fields.find(([key]) => key.toLowerCase() === "time")?.[1], context);
  if ("reason" in time) return refusedWhole(time.reason, time.detail);
  const { node, key } = emonTopicOf(context.topic, true);
  const entries = fields.filter(([, value]) => value !== null && value !== "");
  // A key that has a topic, with its time in the payload: {"time": …, "value": …}.
  const named = entries.map(([name, value]): Entry => {
    if (key === "" || isLeftOut(name)) return [name, value];
    return [name === "value" ? key : `${key}_${name}`, value];
  });
  return collect(node, named, time, context);
}

/** What a JavaScript date, and PostgreSQL, can hold. */
const INSTANT_MAX_MS = 8.64e15;

/** Seconds since 1970 as a number or as text, an instant with an offset, or the building's local time. */
function timeOf(field: unknown, { timezone, receivedAtMs }: DecodeContext): Time | Rejection {
  if (field === undefined || field === null || field === "") return NO_TIME;
  const text = field instanceof JsonNumber ? field.text : typeof field === "string" ? field.trim() : "";
  const seconds = decimalOfJson(text);
  if (seconds !== undefined) {
    const observedAtMs = Math.round(Number(seconds) * 1000);
    if (Math.abs(observedAtMs) <= INSTANT_MAX_MS) return { observedAtMs, clock: ClockSource.payloadOffset };
  }
  const instant = parseInstant(text.replace(" ", "T"));
  if (instant !== undefined) return { observedAtMs: instant, clock: ClockSource.payloadOffset };
  const local = localInstant(text, timezone, receivedAtMs);
  if (local !== undefined) return { observedAtMs: local, clock: ClockSource.payloadLocal };
  return { reason: "reading_malformed", detail: `The time ${quoted(text)} is none.` };
}

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):?(\d\d|)(?:\.\d+)?$/;

function localInstant(text: string, timezone: string, receivedAtMs: number): number | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  return instantOfLocal({ year, month, day, hour, minute, second }, timezone, receivedAtMs);
}

/** Letters, digits and what separates them: emoncms takes everything else out of a name. */
const NAME = /^[\p{L}\p{N}_\-.: ]{1,64}$/u;

function collect(node: string, entries: readonly Entry[], time: Time, context: DecodeContext): Decoded {
  const answer = new Answer();
  for (const [key, value] of entries) {
    if (!isLeftOut(key)) answer.take(observe(node, key, value, time, context));
  }
  return answer.decoded("keys");
}

function observe(
  node: string,
  key: string,
  value: unknown,
  time: Time,
  context: DecodeContext,
): Observation | Rejection {
  if (!NAME.test(key) || (node !== "" && !NAME.test(node))) {
    return { reason: "text_invalid", detail: `${quoted(`${node}/${key}`)} is no name that emoncms gives.` };
  }
  const number = numberOf(value);
  if (number === undefined) {
    const shown = typeof value === "string" ? quoted(value) : "something else";
    return { reason: "value_not_numeric", detail: `${node}/${key} is ${shown}, which is not a number.` };
  }
  const register = registerOf(node === "" ? key : `${node}/${key}`, key, context.expectedIntervalS);
  return { register, value: number, ...time };
}

/** Python writes 1e-05, firmware 0042. */
function numberOf(value: unknown): Decimal | undefined {
  if (value instanceof JsonNumber) return decimalOfJson(value.text);
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return decimalOf(text) ?? decimalOfJson(text);
}
