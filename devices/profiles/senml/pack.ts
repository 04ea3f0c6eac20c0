// A SenML pack (RFC 8428) from JSON or CBOR: bounded in size and depth while it is read, base fields resolved record by record.
import { JsonNumber, isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import { quoted } from "#devices/quote";
import type { Rejection } from "#devices/reading";
import { beginsCbor, parseCbor } from "./cbor.ts";
import { labelOf } from "./labels.ts";

/** One record with the base fields of §4.1 applied; values as they stand, still to be judged. */
export type SenmlRecord = {
  readonly name: string;
  readonly unit: unknown;
  /** Seconds: the sum of base time and time. Below 2 ** 28 it is relative to now (§4.5.3). */
  readonly time: number | undefined;
  readonly value: unknown;
  readonly baseValue: JsonNumber | undefined;
  readonly boolean: unknown;
  readonly string: unknown;
  readonly data: unknown;
  readonly sum: unknown;
  readonly baseSum: JsonNumber | undefined;
};

type Pack = { readonly records: readonly SenmlRecord[]; readonly rejections: readonly Rejection[] };

const BOUNDS: JsonBounds = { depthMax: 8, objectsMax: 10_000, objectsName: "records" };
const NAME_MAX = 200;
/** The version of RFC 8428; a pack that asks for a later one must be refused (§4.4). */
const VERSION = 10;

/** The records of a payload, or the one reason why the pack as a whole cannot be used. */
export function packOf(payload: Uint8Array): Pack | Rejection {
  const parsed = parsePack(payload);
  if ("reason" in parsed) return parsed;
  if (!Array.isArray(parsed.value)) return malformed("A SenML pack is an array of records.");
  return resolve(parsed.value);
}

/** No text begins as a CBOR array does. */
export function parsePack(payload: Uint8Array): { readonly value: unknown } | Rejection {
  return beginsCbor(payload) ? parseCbor(payload, BOUNDS, labelOf) : parseJson(payload, BOUNDS);
}

type Base = {
  name: string;
  time: number | undefined;
  unit: unknown;
  value: JsonNumber | undefined;
  sum: JsonNumber | undefined;
};

function resolve(entries: readonly unknown[]): Pack | Rejection {
  const base: Base = { name: "", time: undefined, unit: undefined, value: undefined, sum: undefined };
  const records: SenmlRecord[] = [];
  const rejections: Rejection[] = [];
  for (const [index, entry] of entries.entries()) {
    if (!isJsonObject(entry)) return malformed(`Record ${index} is not an object.`);
    const problem = takeBase(base, entry);
    if (problem !== undefined) return malformed(`Record ${index} ${problem}.`);
    if (onlyBase(entry)) continue;
    const record = recordOf(base, entry);
    if (typeof record === "string") rejections.push(malformed(`Record ${index} ${record}.`));
    else records.push(record);
  }
  return { records, rejections };
}

type Fields = Readonly<Record<string, unknown>>;

/** Base fields hold for this record and all that follow, so what is wrong with one spoils the pack. */
function takeBase(base: Base, entry: Fields): string | undefined {
  for (const label in entry) {
    if (label.endsWith("_")) return `has the field ${quoted(label)}, which must be understood and is not`;
    if (label.charCodeAt(0) !== 0x62) continue;
    const field = entry[label];
    const number = field instanceof JsonNumber ? field : undefined;
    if (label === "bn") {
      if (typeof field !== "string") return "has a base name that is not text";
      base.name = field;
    } else if (label === "bu") {
      base.unit = field;
    } else if (label === "bt" || label === "bv" || label === "bs" || label === "bver") {
      if (number === undefined) return `has a ${label} that is not a number`;
      if (label === "bver" && Number(number.text) > VERSION)
        return `asks for SenML version ${quoted(number.text)}`;
      if (label === "bt") base.time = Number(number.text);
      if (label === "bv") base.value = number;
      if (label === "bs") base.sum = number;
    }
  }
  return undefined;
}

function onlyBase(entry: Fields): boolean {
  const { n, t, u, v, vb, vs, vd, s } = entry;
  return [n, t, u, v, vb, vs, vd, s].every((field) => field === undefined);
}

/** The record, or what is wrong with it. */
function recordOf(base: Base, entry: Fields): SenmlRecord | string {
  const { n = "", t, u, v, vb, vs, vd, s } = entry;
  if (typeof n !== "string") return "has a name that is not text";
  if (t !== undefined && !(t instanceof JsonNumber)) return "has a time that is not a number";
  const name = base.name + n;
  if (name === "") return "has no name";
  if (name.length > NAME_MAX) return `has a name of ${name.length} characters, ${NAME_MAX} are allowed`;
  const time = t === undefined ? base.time : (base.time ?? 0) + Number(t.text);
  return {
    name,
    unit: u ?? base.unit,
    time,
    value: v,
    baseValue: base.value,
    boolean: vb,
    string: vs,
    data: vd,
    sum: s,
    baseSum: base.sum,
  };
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
