// What the bridge says of its devices (`bridge/devices`): in which unit each property is, and what it is called where its name does not
// tell. Kept as facts, one a device, and only where it differs from what the name alone says.
//
//   {"friendly_name":"gas","definition":{"description":"Gas meter","exposes":[{"property":"energy","unit":"m³","access":7,…}]}}
import { createHash } from "node:crypto";
import { isJsonObject, JsonNumber, parseJson, type JsonBounds } from "#devices/json";
import type { DecodeContext, Fact, Rejection } from "#devices/reading";
import { saysGas, saysWater } from "../carrier-words.ts";
import { wordsOf } from "../name-words.ts";
import { fieldOf, type Exposed } from "./fields.ts";

/** A bridge of 200 devices has some 20,000 objects here. */
const BOUNDS: JsonBounds = { depthMax: 16, objectsMax: 100_000, objectsName: "objects" };
const KEY_PREFIX = "exposes ";
const FACT_LENGTH_MAX = 16_000;
const DEVICES_MAX = 500;
const PROPERTIES_MAX = 100;
const TEXT_LENGTH_MAX = 40;
/** Bits of `access`: published, and set by others. */
const SETTABLE = 2;

/** Friendly names may be any text; a fact's key may not. */
function keyOf(device: string): string {
  const isPlain = /^[\x20-\x7e]{1,100}$/.test(device);
  return KEY_PREFIX + (isPlain ? device : createHash("sha256").update(device).digest("hex"));
}

/** The facts that differ from what is known; those of devices that are gone, or that say nothing new, are taken off. */
export function exposesFacts(payload: Uint8Array, known: DecodeContext["facts"]): Fact[] | Rejection {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  const wanted = new Map<string, string>();
  for (const device of Array.isArray(parsed.value) ? (parsed.value as unknown[]) : []) {
    if (!isJsonObject(device) || typeof device["friendly_name"] !== "string") continue;
    const text = JSON.stringify(exposedBy(device["definition"]));
    if (text === "{}" || text.length > FACT_LENGTH_MAX || wanted.size === DEVICES_MAX) continue;
    wanted.set(keyOf(device["friendly_name"]), text);
  }
  const gone = [...(known?.keys() ?? [])].filter((key) => key.startsWith(KEY_PREFIX) && !wanted.has(key));
  const facts = [
    ...gone.map((key) => ({ key, value: "" })),
    ...[...wanted].map(([key, value]) => ({ key, value })),
  ].filter(({ key, value }) => (known?.get(key) ?? "") !== value);
  if (facts.length > 0 && known !== undefined) read.delete(known);
  return facts;
}

function exposedBy(definition: unknown): Record<string, Exposed> {
  const found: Record<string, Exposed> = {};
  if (!isJsonObject(definition)) return found;
  const about = textOf(definition["description"]);
  for (const expose of flat(definition["exposes"])) {
    const { property, name, unit, description, access } = expose;
    if (typeof property !== "string" || typeof unit !== "string" || !isShort(property) || !isShort(unit))
      continue;
    if (Object.hasOwn(found, property) || Object.keys(found).length === PROPERTIES_MAX) continue;
    const isSettable = access instanceof JsonNumber && (Number(access.text) & SETTABLE) !== 0;
    const label = typeof name === "string" && name !== property && isShort(name) ? name : undefined;
    const medium = mediumOf(`${textOf(description)} ${about}`);
    const exposed: Exposed = {
      unit,
      ...(label === undefined ? {} : { label }),
      ...(medium === undefined ? {} : { medium }),
      ...(isSettable ? { settable: true } : {}),
    };
    if (isNews(property, exposed)) found[property] = exposed;
  }
  return found;
}

/** Properties of switches, lights and composites are in their features. */
function* flat(exposes: unknown): Generator<Readonly<Record<string, unknown>>> {
  for (const expose of Array.isArray(exposes) ? (exposes as unknown[]) : []) {
    if (!isJsonObject(expose)) continue;
    yield expose;
    yield* flat(expose["features"]);
  }
}

function isNews(property: string, exposed: Exposed): boolean {
  const usual = fieldOf(property);
  const told = fieldOf(property, exposed);
  return told !== undefined && JSON.stringify(told) !== JSON.stringify(usual);
}

/** What a meter of volume, or of heat, counts, by the words that describe it. */
function mediumOf(text: string): Exposed["medium"] {
  const words = new Set(wordsOf(text));
  if (saysGas(words)) return "gas";
  if (/heat meter|heat energy|thermal energy/i.test(text)) return "heat";
  return saysWater(words) ? "water" : undefined;
}

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function isShort(text: string): boolean {
  return text !== "" && text.length <= TEXT_LENGTH_MAX && !UNPRINTABLE.test(text) && text.isWellFormed();
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value.slice(0, 200) : "";
}

/** What is made of the facts, as long as they are the same ones: they change by what `exposesFacts` gives alone. */
const read = new WeakMap<object, Map<string, Readonly<Record<string, Exposed>>>>();
const NONE: Readonly<Record<string, Exposed>> = {};

/** By property; empty where the bridge said nothing, or nothing new, of that device. */
export function exposedOf(device: string, facts: DecodeContext["facts"]): Readonly<Record<string, Exposed>> {
  const text = facts?.get(keyOf(device));
  if (facts === undefined || text === undefined || text === "") return NONE;
  let devices = read.get(facts);
  if (devices === undefined) read.set(facts, (devices = new Map()));
  let exposed = devices.get(device);
  if (exposed === undefined) devices.set(device, (exposed = JSON.parse(text) as Record<string, Exposed>));
  return exposed;
}
