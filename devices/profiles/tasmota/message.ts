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
/** The last level of topics on which Tasmota tells nothing that is measured. */
const OTHER_TOPICS =
  /(?:^|\/)(?:LWT|STATE|RESULT|POWER\d*|INFO\d?|UPTIME|UPGRADE|LOGGING|MARGINS|WAKEUP|HASS_STATE|STATUS(?:[0-7]|9|1[1-9])?)$/;
const LOCAL = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/;

/** `undefined`: a message of another kind, such as a switch's state. */
export function sensorsOf(payload: Uint8Array, context: DecodeContext): Sensors | Rejection | undefined {
  if (OTHER_TOPICS.test(context.topic)) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  if (!isJsonObject(value)) return malformed("A message of Tasmota's sensors is a JSON object.");
  const { StatusSNS: wrapped } = value;
  const groups = isJsonObject(wrapped) ? wrapped : value;
  const { Time: time } = groups;
  if (typeof time !== "string")
    return malformed("The JSON object has no Time, so it is none of Tasmota's sensors.");
  const found = timeOf(time, context);
  return found === undefined
    ? malformed(`The message has the Time ${quoted(time)}, which is none.`)
    : { time: found, groups };
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

const OPENING = 0x7b;
const PREFIX_FIRST = /^(?:tele|stat)\/(.+)\/(?:SENSOR|STATUS8|STATUS10)$/s;
const PREFIX_LAST = /^(.+)\/(?:tele|stat)\/(?:SENSOR|STATUS8|STATUS10)$/s;

/** The device's topic, of messages of sensors on a topic of Tasmota's. */
export function recogniseTasmota(topic: string, payload: Uint8Array): string | undefined {
  if (payload[0] !== OPENING) return undefined;
  return PREFIX_FIRST.exec(topic)?.[1] ?? PREFIX_LAST.exec(topic)?.[1];
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
