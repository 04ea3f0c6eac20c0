// A message of Zigbee2MQTT: which device it is of, by the topic alone, and what it says.
import { isJsonObject, JsonNumber, parseJson, type JsonBounds } from "#devices/json";
import { decimalOfJson } from "#devices/decimal";
import type { DecodeContext, Rejection } from "#devices/reading";
import { OLDEST_INSTANT_MS, parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { NO_TIME, type MessageTime } from "../answer.ts";
import { exposedOf } from "./exposes.ts";
import { fieldOf } from "./fields.ts";

export type DeviceState = {
  /** The friendly name: it may hold slashes. */
  readonly device: string;
  readonly time: MessageTime;
  readonly properties: Readonly<Record<string, unknown>>;
};

const BOUNDS: JsonBounds = { depthMax: 8, objectsMax: 1000, objectsName: "objects" };
/** Of the bridge, of whether a device is there, and what others ask of it. */
const OTHER = /^bridge(?:\/|$)|(?:^|\/)(?:availability|set|get)(?:\/|$)/;
const DEVICE_LENGTH_MAX = 64;

const USUAL_BASE = /^((?:.+?\/)?zigbee2mqtt)\/(.+)$/s;

/** The base topic ends in `zigbee2mqtt`; where somebody chose another, it is one level. */
function partsOf(topic: string): { readonly base: string; readonly rest: string; readonly isUsual: boolean } {
  const [, usual, behind = ""] = USUAL_BASE.exec(topic) ?? [];
  if (usual !== undefined) return { base: usual, rest: behind, isUsual: true };
  const slash = topic.indexOf("/");
  return slash < 0
    ? { base: "", rest: topic, isUsual: false }
    : { base: topic.slice(0, slash), rest: topic.slice(slash + 1), isUsual: false };
}

/** Where the bridge describes all its devices. */
export function describesDevices(topic: string): boolean {
  return partsOf(topic).rest === "bridge/devices";
}

/** `undefined`: of no interest. */
export function stateOf(
  payload: Uint8Array,
  { topic, facts }: DecodeContext,
): DeviceState | Rejection | undefined {
  const { rest } = partsOf(topic);
  if (rest === "" || OTHER.test(rest)) return undefined;
  const single = propertyOf(rest, facts);
  if (single !== undefined) return singleState(single, payload);
  // A property that is no measurement, published on a topic of its own: a text, a switch.
  if (payload[0] !== OPENING) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  if (!isJsonObject(value)) return undefined;
  const device = deviceName(rest);
  return "reason" in device
    ? device
    : { device: device.name, time: timeOf(value["last_seen"]), properties: value };
}

/** `advanced.output: attribute`: each property on a topic of its own, below the device's. */
function propertyOf(
  rest: string,
  facts?: DecodeContext["facts"],
): { readonly device: string; readonly property: string } | undefined {
  const slash = rest.lastIndexOf("/");
  if (slash <= 0) return undefined;
  const [device, property] = [rest.slice(0, slash), rest.slice(slash + 1)];
  return fieldOf(property, exposedOf(device, facts)[property]) === undefined
    ? undefined
    : { device, property };
}

const NUMBER = /^-?\d/;

/** A plain number is the property's value; an object is the state of a device that is called like a property. */
function singleState(
  { device, property }: { readonly device: string; readonly property: string },
  payload: Uint8Array,
): DeviceState | Rejection | undefined {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const { value } = parsed;
  if (isJsonObject(value)) {
    const called = deviceName(`${device}/${property}`);
    return "reason" in called
      ? called
      : { device: called.name, time: timeOf(value["last_seen"]), properties: value };
  }
  if (!(value instanceof JsonNumber) || !NUMBER.test(value.text)) return undefined;
  const name = deviceName(device);
  return "reason" in name ? name : { device: name.name, time: NO_TIME, properties: { [property]: value } };
}

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function deviceName(name: string): { readonly name: string } | Rejection {
  if (name.length > DEVICE_LENGTH_MAX || UNPRINTABLE.test(name) || !name.isWellFormed()) {
    const detail = `The device has a name of ${name.length} characters; at most ${DEVICE_LENGTH_MAX} printable ones are read.`;
    return { reason: "text_invalid", detail };
  }
  return { name };
}

/**
 * `last_seen`: a text with an offset or Z, or milliseconds since 1970; most installations send none. It is when the device spoke
 * last, of whatever: the values beside it may be older, as Zigbee2MQTT repeats its whole memory.
 */
function timeOf(lastSeen: unknown): MessageTime {
  const observedAtMs =
    typeof lastSeen === "string"
      ? parseInstant(lastSeen)
      : lastSeen instanceof JsonNumber
        ? Math.round(Number(decimalOfJson(lastSeen.text) ?? Number.NaN))
        : undefined;
  if (observedAtMs === undefined || !(observedAtMs >= OLDEST_INSTANT_MS && observedAtMs <= INSTANT_MAX_MS))
    return NO_TIME;
  // The coordinator's clock, not the device's.
  return { observedAtMs, clock: ClockSource.payloadOffset };
}

const INSTANT_MAX_MS = 8.64e15;
const OPENING = 0x7b;

/** What is said of a device, or asked of it, behind its name. */
const ABOUT = /\/(?:availability|set|get)(?:\/.*)?$/s;

/** Base topic and friendly name; only of what bears Zigbee2MQTT's mark: its name in the topic, or the quality of the radio link. */
export function recogniseZigbee(topic: string, payload: Uint8Array): string | undefined {
  const { base, rest, isUsual } = partsOf(topic);
  if (rest === "") return undefined;
  if (isUsual) {
    if (/^bridge(?:\/|$)/.test(rest)) return `${base}/bridge`;
    if (ABOUT.test(rest)) return `${base}/${rest.replace(ABOUT, "")}`;
    const single = propertyOf(rest);
    return payload[0] === OPENING || single === undefined ? `${base}/${rest}` : `${base}/${single.device}`;
  }
  if (payload[0] !== OPENING || OTHER.test(rest)) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed || !isJsonObject(parsed.value)) return undefined;
  return parsed.value["linkquality"] instanceof JsonNumber ? `${base}/${rest}` : undefined;
}
