// Reads what a codec on a LoRaWAN network server made of an uplink: an object whose field names are its own.
//
// Left out on purpose: texts, booleans and nulls, fields that are times, and rows of bare numbers, of which nothing says when.
// A field that is missing is missing: network servers omit nothing inside the decoded object, and zero is a value there.
import { decimalOf, decimalOfJson, type Decimal } from "#devices/decimal";
import { isJsonObject, JsonNumber } from "#devices/json";
import { quoted } from "#devices/quote";
import type { Decoded, Observation, Rejection } from "#devices/reading";
import { DAY_MS } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { Answer } from "../answer.ts";
import { deltaLogOf } from "./delta-log.ts";
import { fieldNameOf, type FieldName } from "./field-name.ts";
import { isTimeName, timeFieldOf } from "./field-time.ts";
import { placesOf } from "./places.ts";
import { registerOf } from "./registers.ts";
import { splitUnit, unitOfText } from "../unit-words.ts";

export type Heard = {
  /** DevEUI, in small letters. */
  readonly equipmentId: string;
  /** When the network server heard the uplink; `undefined` where the message does not say. */
  readonly serverMs: number | undefined;
  /** When our broker got it. */
  readonly receivedAtMs: number;
};

type Time = Pick<Observation, "observedAtMs" | "clock">;
type Leaf = Time & { readonly field: FieldName; readonly value: Decimal };
type Fields = Readonly<Record<string, unknown>>;
type Walk = {
  readonly leaves: Leaf[];
  readonly rejections: Rejection[];
  readonly heard: Heard;
  unnamed: number;
};

/** What a register's name may be made of: printable, and short enough for a person. */
const NAME = /^[\x20-\x7e\u{a1}-\u{d7ff}\u{e000}-\u{fffc}]{1,150}$/u;
const PREFIXES_MAX = 16;

/** Pure and total: every number that the object carries, with the unit that its name or its neighbour tells. */
export function readDecodedObject(value: unknown, heard: Heard): Decoded {
  const walk: Walk = { leaves: [], rejections: [], heard, unnamed: 0 };
  const clock = heard.serverMs === undefined ? ClockSource.broker : ClockSource.networkServer;
  const time = { observedAtMs: heard.serverMs, clock };
  if (Array.isArray(value)) walkList(walk, value, "", "", time);
  else if (isJsonObject(value)) walkObject(walk, value, "", time);
  const places = placesOf([...new Set(walk.leaves.map(({ field }) => field))]);
  const answer = new Answer();
  for (const { field, value: number, observedAtMs, clock: source } of walk.leaves) {
    const register = registerOf(heard.equipmentId, field, places.get(field.name) ?? NOWHERE);
    answer.observe(register, number, { observedAtMs, clock: source });
  }
  for (const rejection of walk.rejections) answer.take(rejection);
  if (walk.unnamed > 0) {
    answer.refuse("text_invalid", `${walk.unnamed} fields have names that cannot be shown or are too long.`);
  }
  return answer.decoded("fields");
}

const NOWHERE = { carrier: null, direction: null, tariff: null };

function walkObject(walk: Walk, fields: Fields, path: string, inherited: Time): void {
  const heardAtMs = latest(walk.heard);
  const { time, byPrefix } = timesOf(fields, inherited, heardAtMs);
  if (path !== "" && walkPair(walk, fields, path, time)) return;
  const log = deltaLogOf(fields, {
    ownMs: time.clock === ClockSource.payloadOffset ? time.observedAtMs : undefined,
    logMs: byPrefix.get("log"),
    heardAtMs: heardOf(walk.heard, time),
  });
  if (log !== undefined) {
    if (log.rejection !== undefined) walk.rejections.push(log.rejection);
    for (const { value, observedAtMs } of log.points) {
      const own = observedAtMs === undefined ? inherited : { observedAtMs, clock: ClockSource.payloadOffset };
      addLeaf(walk, joined(path, log.name), undefined, value, own);
    }
  }
  for (const [name, value] of Object.entries(fields)) {
    const contains = Array.isArray(value) || isJsonObject(value);
    if (log?.consumed.has(name) === true || (!contains && isTimeName(name))) continue;
    walkValue(walk, name, value, path, timeFor(name, byPrefix, time), unitBeside(fields, name));
  }
}

/** `"energy": 12345, "energy_unit": "kWh"`. One that nobody here knows is still not the usual one. */
function unitBeside(fields: Fields, name: string): string | undefined {
  const stated = fields[`${name}_unit`] ?? fields[`${name}Unit`] ?? fields[`${name}_units`];
  return typeof stated === "string" && stated !== "" ? (unitOfText(stated.trim()) ?? "") : undefined;
}

/** No time of the payload can be later, but for a clock that runs ahead. */
function latest({ serverMs, receivedAtMs }: Heard): number {
  return Math.max(serverMs ?? receivedAtMs, receivedAtMs);
}

/** When the uplink was heard; a server whose clock stands before the device's time is not asked. */
function heardOf({ serverMs, receivedAtMs }: Heard, { observedAtMs = 0 }: Time): number {
  return serverMs === undefined || observedAtMs > serverMs + DAY_MS ? receivedAtMs : serverMs;
}

/** The object's own time, and times that belong to the fields that begin alike (`LogTimestamp`, `LogVolume`). */
function timesOf(
  fields: Fields,
  inherited: Time,
  heardAtMs: number,
): { readonly time: Time; readonly byPrefix: ReadonlyMap<string, number> } {
  const byPrefix = new Map<string, number>();
  for (const [name, value] of Object.entries(fields)) {
    const found = timeFieldOf(name, value, heardAtMs);
    if (found === undefined || byPrefix.has(found.prefix)) continue;
    // Each field is held against each prefix.
    if (found.prefix === "" || byPrefix.size < PREFIXES_MAX) byPrefix.set(found.prefix, found.instantMs);
  }
  const ownMs = byPrefix.get("");
  const time = ownMs === undefined ? inherited : { observedAtMs: ownMs, clock: ClockSource.payloadOffset };
  return { time, byPrefix };
}

function timeFor(name: string, byPrefix: ReadonlyMap<string, number>, time: Time): Time {
  if (byPrefix.size === 0) return time;
  const small = name.toLowerCase();
  for (const [prefix, observedAtMs] of byPrefix) {
    if (prefix !== "" && small.startsWith(prefix)) return { observedAtMs, clock: ClockSource.payloadOffset };
  }
  return time;
}

/**
 * `{"unit":"Wh","value":0}`, or shorter `{"n":"energy","u":"Wh","v":0}`: one reading, under the name of the object. True if it
 * was one: an object whose value stands beside other numbers, without a unit, is not.
 */
function walkPair(walk: Walk, fields: Fields, path: string, time: Time): boolean {
  const short = typeof fields["u"] === "string" || typeof fields["n"] === "string";
  const digits = digitsOf(fields["value"] ?? fields["data"] ?? (short ? fields["v"] : undefined));
  if (digits === undefined) return false;
  const stated = fields["unit"] ?? fields["units"] ?? (short ? fields["u"] : undefined);
  if (typeof stated !== "string" && labelled(fields) === undefined) {
    const numbers = Object.entries(fields).filter(
      ([name, value]) => value instanceof JsonNumber && !isTimeName(name),
    );
    if (numbers.length > 1) return false;
  }
  // A unit that nobody here knows is still not the usual one.
  const unit = typeof stated === "string" && stated !== "" ? (unitOfText(stated.trim()) ?? "") : undefined;
  addLeaf(walk, path, unit, digits, time);
  return true;
}

function walkValue(
  walk: Walk,
  name: string,
  value: unknown,
  path: string,
  time: Time,
  stated?: string,
): void {
  if (value instanceof JsonNumber) {
    const digits = decimalOfJson(value.text);
    if (digits === undefined) {
      walk.rejections.push({
        reason: "value_not_numeric",
        detail: `${quoted(name)} has a value that no meter can show.`,
      });
    } else addLeaf(walk, joined(path, name), stated, digits, time);
  } else if (typeof value === "string") walkText(walk, joined(path, name), value, time, stated);
  else if (Array.isArray(value)) walkList(walk, value, path, name, time);
  else if (isJsonObject(value)) walkObject(walk, value, joined(path, name), time);
}

/** A number as text counts where its name or itself tells the unit: any other text could be a version or a serial number. */
function walkText(walk: Walk, name: string, text: string, time: Time, stated?: string): void {
  if (!NAME.test(name)) return;
  const split = splitUnit(text.trim());
  const digits = decimalOf(split?.digits ?? text.trim());
  if (digits === undefined) {
    const isComma = DECIMAL_COMMA.test(text.trim()) && fieldNameOf(name).unit !== "";
    if (isComma)
      walk.rejections.push({
        reason: "value_not_numeric",
        detail: `${quoted(name)} is ${quoted(text)}: a comma may be a decimal point or stand between thousands.`,
      });
    return;
  }
  if (split !== undefined) addLeaf(walk, name, split.unit, digits, time);
  else if ((stated ?? fieldNameOf(name).unit) !== "") addLeaf(walk, name, stated, digits, time);
}

const DECIMAL_COMMA = /^-?\d{1,20},\d{1,20}$/;
const LABELS = ["variable", "label", "name", "channel", "sensor", "id", "n"];

function labelled(entry: Fields): string | undefined {
  return LABELS.map((key) => entry[key]).find((label) => typeof label === "string");
}

/**
 * Entries with a time of their own are the past of what the list hangs on: `history[3].temperature` is the register
 * `temperature`. Others are told apart by what they call themselves, or by their place.
 */
function walkList(walk: Walk, list: readonly unknown[], path: string, name: string, time: Time): void {
  const heardAtMs = latest(walk.heard);
  for (const [at, entry] of list.entries()) {
    if (!isJsonObject(entry)) continue;
    const called = labelled(entry);
    const timed = Object.entries(entry).some(
      ([key, value]) => timeFieldOf(key, value, heardAtMs)?.prefix === "",
    );
    const pair = ["value", "data", "v"].some((key) => Object.hasOwn(entry, key));
    const base = timed ? path : joined(path, name);
    // A pair needs a name: its own, or that of the list.
    const unnamed = timed ? (pair ? name : "") : String(at);
    const own = called ?? unnamed;
    walkObject(walk, entry, joined(base, own), time);
  }
}

function addLeaf(walk: Walk, name: string, stated: string | undefined, value: Decimal, time: Time): void {
  if (NAME.test(name)) walk.leaves.push({ field: fieldNameOf(name, stated), value, ...time });
  else walk.unnamed++;
}

function digitsOf(value: unknown): Decimal | undefined {
  if (value instanceof JsonNumber) return decimalOfJson(value.text);
  return typeof value === "string" ? decimalOf(value.trim()) : undefined;
}

function joined(path: string, name: string): string {
  return path === "" || name === "" ? path + name : `${path}.${name}`;
}
