// A message of Tasmota: its groups of sensors, and the time that it gives them.
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import { instantOfLocal, type WallTime } from "#devices/local-time";
import { quoted } from "#devices/quote";
import type { DecodeContext, Rejection } from "#devices/reading";
import { OLDEST_INSTANT_MS, parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { NO_TIME, type MessageTime } from "../answer.ts";

export type Sensors = {
  readonly time: MessageTime;
  readonly groups: Readonly<Record<string, unknown>>;
};

const BOUNDS: JsonBounds = { depthMax: 6, objectsMax: 1000, objectsName: "objects" };
/** Sensors come on these; on every other topic with a prefix of Tasmota's (LWT, STATE, RESULT, orders) nothing is measured. */
const SENSORS_TOPIC = /(?:^|\/)(?:SENSOR|STATUS8|STATUS10)$/;
const OTHER_TOPICS = /^(?:.+\/)?(?:tele|stat|cmnd)\/|^tasmota\/discovery\//s;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/;

/** `undefined`: a message of another kind, such as a switch's state. */
export function sensorsOf(payload: Uint8Array, context: DecodeContext): Sensors | Rejection | undefined {
  if (OTHER_TOPICS.test(context.topic) && !SENSORS_TOPIC.test(context.topic)) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  if (!isJsonObject(value)) return malformed("A message of Tasmota's sensors is a JSON object.");
  const { StatusSNS: wrapped } = value;
  const groups = isJsonObject(wrapped) ? wrapped : value;
  const { Time: time } = groups;
  // What a Zigbee bridge hears of its devices, as it comes: they tell no time, and nobody says what they are.
  if (time === undefined && "ZbReceived" in groups) return undefined;
  if (typeof time !== "string")
    return malformed("The JSON object has no Time, so it is none of Tasmota's sensors.");
  const found = timeOf(time, context);
  return found === undefined
    ? malformed(`The message has the Time ${quoted(time)}, which is none.`)
    : { time: found, groups };
}

/** Since when the energy group counts, by the same clock; `undefined` where it does not say. */
export function countingSince(groups: Sensors["groups"], context: DecodeContext): number | undefined {
  const { ENERGY: energy } = groups;
  const text = isJsonObject(energy) ? energy["TotalStartTime"] : undefined;
  return typeof text === "string" ? timeOf(text, context)?.observedAtMs : undefined;
}

/**
 * Local time of the device, which is set to the building's; an offset where option 52 is on. Before it has asked for the time it
 * counts from 1970: then the message has none.
 */
function timeOf(text: string, context: DecodeContext): MessageTime | undefined {
  const [, ...fields] = LOCAL.exec(text) ?? [];
  if (fields.length === 0) return offsetTime(text);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = fields.map(Number);
  const wall: WallTime = { year, month, day, hour, minute, second };
  const observedAtMs = instantOfLocal(wall, context.timezone, context.receivedAtMs);
  if (observedAtMs === undefined) return undefined;
  return observedAtMs < OLDEST_INSTANT_MS ? NO_TIME : { observedAtMs, clock: ClockSource.payloadLocal };
}

function offsetTime(text: string): MessageTime | undefined {
  const observedAtMs = parseInstant(text);
  if (observedAtMs === undefined) return undefined;
  return observedAtMs < OLDEST_INSTANT_MS ? NO_TIME : { observedAtMs, clock: ClockSource.payloadOffset };
}

const PREFIX_FIRST = /^(?:tele|stat|cmnd)\/(.+)\/\w+$/s;
const PREFIX_LAST = /^(.+)\/(?:tele|stat|cmnd)\/\w+$/s;
const DISCOVERY = /^tasmota\/discovery\/[^/]+\/(?:config|sensors)$/;

const OPENING = 0x7b;

/** The device's topic, on a topic of Tasmota's; sensors come as objects. What discovery says of all of them is told by itself. */
export function recogniseTasmota(topic: string, payload: Uint8Array): string | undefined {
  if (SENSORS_TOPIC.test(topic) && payload[0] !== OPENING) return undefined;
  if (DISCOVERY.test(topic)) return "tasmota/discovery";
  return PREFIX_FIRST.exec(topic)?.[1] ?? PREFIX_LAST.exec(topic)?.[1];
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
