// A message of a Shelly: who speaks, when, and the status of its components.
import { decimalOfJson } from "#devices/decimal";
import { isJsonObject, JsonNumber, parseJson, type JsonBounds } from "#devices/json";
import type { Rejection } from "#devices/reading";
import { OLDEST_INSTANT_MS, SECOND_MS } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { NO_TIME, type MessageTime } from "../answer.ts";

export type Notification = {
  /** The device's own name; "" where the topic carries a component alone. */
  readonly source: string;
  readonly time: MessageTime;
  /** By name: `em:0`, `switch:3`. */
  readonly components: Readonly<Record<string, unknown>>;
};

const BOUNDS: JsonBounds = { depthMax: 8, objectsMax: 1000, objectsName: "objects" };
const EVENTS_TOPIC = /(?:^|\/)events\/rpc$/;
/** `<prefix>/status/switch:0`: one component's status, without a time. */
const STATUS_TOPIC = /(?:^|\/)status\/([a-z][a-z0-9]{0,15}:\d{1,3})$/;
/** What a Shelly tells besides: whether it is there, its log, answers, orders to it, its clock and its network. */
const OTHER_TOPICS =
  /(?:^|\/)(?:online|announce|command(?:\/[^/]+)?|debug\/log|status(?:\/[^/]+)?|(?<!(?:^|\/)events\/)rpc)$/;
const SOURCE = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
/** What a JavaScript date holds, in seconds. */
const EPOCH_MAX_S = 8.64e12;

/** `undefined`: a message that is of no interest, such as an answer to a call or the news of a button. */
export function notificationOf(topic: string, payload: Uint8Array): Notification | Rejection | undefined {
  const [, component] = STATUS_TOPIC.exec(topic) ?? [];
  if (component === undefined && OTHER_TOPICS.test(topic)) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  if (!isJsonObject(value)) return malformed("A notification of a Shelly is a JSON object.");
  if (component !== undefined) return { source: "", time: NO_TIME, components: { [component]: value } };
  const { src, method, params, result, error } = value;
  if (method === undefined && (result !== undefined || error !== undefined)) return undefined;
  if (typeof method !== "string")
    return malformed("The JSON object names no method, so it is no notification.");
  if (method !== "NotifyStatus" && method !== "NotifyFullStatus") return undefined;
  if (typeof src !== "string" || !SOURCE.test(src)) return malformed("The notification has no usable src.");
  if (!isJsonObject(params)) return malformed("The notification has no params.");
  return { source: src, time: timeOf(params["ts"]), components: params };
}

/** A device publishes below its own name, unless somebody chose another prefix: then only notifications say whose they are. */
const OWN_TOPIC =
  /(?:^|\/)(shelly[a-z0-9]{1,40}-[0-9a-f]{12})\/(?:status(?:\/[^/]+)?|online|announce|command(?:\/[^/]+)?|debug\/log|rpc)$/i;

/**
 * Who spoke: the source of a notification, be it of statuses or the news of a button, or the name in the topic of anything else.
 * The same device has the same name in both.
 */
export function recogniseShelly(topic: string, payload: Uint8Array): string | undefined {
  const [, own] = OWN_TOPIC.exec(topic) ?? [];
  if (own !== undefined) return own.toLowerCase();
  if (payload[0] !== OPENING || !EVENTS_TOPIC.test(topic)) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed || !isJsonObject(parsed.value)) return undefined;
  const { src, method, params } = parsed.value;
  const isNotification = typeof method === "string" && METHOD.test(method) && isJsonObject(params);
  return isNotification && typeof src === "string" && SOURCE.test(src) ? src.toLowerCase() : undefined;
}

/** `NotifyStatus`, `NotifyFullStatus`, `NotifyEvent`. */
const METHOD = /^Notify[A-Z][A-Za-z]{0,31}$/;
const OPENING = 0x7b;

/** `ts`: seconds since 1970 in UTC with a fraction. Before the clock is set it is null, or counts from the start: then there is none. */
function timeOf(ts: unknown): MessageTime {
  const seconds = ts instanceof JsonNumber ? Number(decimalOfJson(ts.text) ?? Number.NaN) : Number.NaN;
  if (!(Math.abs(seconds) <= EPOCH_MAX_S)) return NO_TIME;
  const observedAtMs = Math.round(seconds * SECOND_MS);
  return observedAtMs < OLDEST_INSTANT_MS ? NO_TIME : { observedAtMs, clock: ClockSource.payloadOffset };
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
