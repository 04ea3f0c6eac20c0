// What a device of Homie 5 says that it has (`$description`): for each property its type and unit; kept as facts.
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";
import type { DecodeContext, Fact, Rejection } from "#devices/reading";
import { isHomieId, type HomieTopic } from "./topic.ts";

export type Property = {
  /** Whether its values are numbers: datatype `integer` or `float`. */
  readonly numeric: boolean;
  /** As declared; "" for none. */
  readonly unit: string;
  /** Something that others set is no meter. */
  readonly settable: boolean;
};

/** By `<node>/<property>`. */
export type Properties = ReadonlyMap<string, Property>;

/** A property that is no number is named alone, so that its values are known to be of no interest. */
type Entry = readonly [name: string] | readonly [name: string, unit: string, settable: 0 | 1];
type Part = { readonly parts: number; readonly properties: readonly Entry[] };

const BOUNDS: JsonBounds = { depthMax: 12, objectsMax: 10_000, objectsName: "objects" };
const FACT_LENGTH_MAX = 16_000;
const PARTS_MAX = 40;
const UNIT_LENGTH_MAX = 40;
const NUMERIC = new Set(["integer", "float"]);

function keyOf({ owner }: HomieTopic, part: number): string {
  return `description ${owner} ${part}`;
}

/** Only what differs from what is known; parts that are no longer needed are taken off. An empty payload removes the device. */
export function descriptionFacts(
  topic: HomieTopic,
  payload: Uint8Array,
  known: DecodeContext["facts"],
): readonly Fact[] | Rejection {
  const parts = payload.length === 0 ? [] : partsOf(payload);
  if ("reason" in parts) return parts;
  const facts = parts.map((properties, part): Fact => {
    return {
      key: keyOf(topic, part),
      value: JSON.stringify({ parts: parts.length, properties } satisfies Part),
    };
  });
  for (let part = parts.length; part < PARTS_MAX; part++) facts.push({ key: keyOf(topic, part), value: "" });
  const news = facts.filter(({ key, value }) => (known?.get(key) ?? "") !== value);
  if (news.length > 0 && known !== undefined) read.delete(known);
  return news;
}

function partsOf(payload: Uint8Array): Entry[][] | Rejection {
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed) return parsed;
  if (!isJsonObject(parsed.value)) {
    return { reason: "reading_malformed", detail: "The description of the device is not a JSON object." };
  }
  const parts: Entry[][] = [[]];
  let length = 0;
  for (const entry of entriesOf(parsed.value)) {
    const size = JSON.stringify(entry).length + 1;
    if (length + size > FACT_LENGTH_MAX) {
      if (parts.length === PARTS_MAX) break;
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(entry);
    length += size;
  }
  return parts;
}

function* entriesOf(description: Readonly<Record<string, unknown>>): Generator<Entry> {
  for (const [node, { properties }] of objectsOf(description["nodes"])) {
    for (const [property, { datatype, unit, settable }] of objectsOf(properties)) {
      const name = `${node}/${property}`;
      const text = typeof unit === "string" && unit.length <= UNIT_LENGTH_MAX ? unit : "";
      yield typeof datatype === "string" && NUMERIC.has(datatype)
        ? [name, text, settable === true ? 1 : 0]
        : [name];
    }
  }
}

function objectsOf(value: unknown): (readonly [string, Readonly<Record<string, unknown>>])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([id, member]) =>
    isHomieId(id) && isJsonObject(member) ? [[id, member] as const] : [],
  );
}

/** What is made of the facts, as long as they are the same ones: they change by what `descriptionFacts` gives alone. */
const read = new WeakMap<object, Map<string, Properties | undefined>>();

/** `undefined`: its description was never heard. */
export function propertiesOf(topic: HomieTopic, facts: DecodeContext["facts"]): Properties | undefined {
  if (facts === undefined) return undefined;
  let devices = read.get(facts);
  if (devices === undefined) read.set(facts, (devices = new Map()));
  const known = devices.get(topic.owner);
  if (known !== undefined) return known;
  const properties = readParts(topic, facts);
  // What nobody described is not remembered: a stranger may name any number of devices.
  if (properties !== undefined) devices.set(topic.owner, properties);
  return properties;
}

function readParts(topic: HomieTopic, facts: ReadonlyMap<string, string>): Properties | undefined {
  const properties = new Map<string, Property>();
  let parts = 1;
  for (let part = 0; part < parts; part++) {
    const text = facts.get(keyOf(topic, part)) ?? "";
    if (text === "") return part === 0 ? undefined : properties;
    const stored = JSON.parse(text) as Part;
    parts = Math.min(stored.parts, PARTS_MAX);
    for (const [name, unit, settable] of stored.properties) {
      properties.set(name, { numeric: unit !== undefined, unit: unit ?? "", settable: settable === 1 });
    }
  }
  return properties;
}
