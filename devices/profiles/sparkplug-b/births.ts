// What a birth certificate says of the messages to come: for each alias the metric's name, type and unit; kept as facts.
import { createHash } from "node:crypto";
import type { DecodeContext, Fact } from "#devices/reading";
import { nodeName, type SparkplugTopic } from "./topic.ts";
import type { Metric } from "./payload.ts";

export type Born = {
  readonly name: string;
  readonly datatype: number | undefined;
  readonly unit: string | undefined;
};

/** By alias, or by name where it has none. */
export type Births = ReadonlyMap<string, Born>;

type Entry = readonly [alias: string | null, name: string, datatype: number | null, unit: string | null];

const FACT_LENGTH_MAX = 16_000;
const PARTS_MAX = 40;

const OWNER_LENGTH_MAX = 200;
/** Longer texts are no units. */
const UNIT_LENGTH_MAX = 40;

/** Aliases are the node's own: a device's births and its node's are told apart. Cut short, two long names could be one key. */
function keyOf(topic: SparkplugTopic, part: number): string {
  const owner = `${nodeName(topic)}/${topic.device}`;
  const short = owner.length <= OWNER_LENGTH_MAX ? owner : createHash("sha256").update(owner).digest("hex");
  return `birth ${short} ${part}`;
}

/** Only what differs from what is known. Each part is a list of its own; the first is told how many there are. */
export function birthFacts(
  topic: SparkplugTopic,
  metrics: readonly Metric[],
  known: DecodeContext["facts"],
): Fact[] {
  const parts: Entry[][] = [[]];
  let length = 0;
  for (const { alias, name, datatype, unit } of metrics) {
    if (name === "" || name.includes("\0") || !name.isWellFormed()) continue;
    const stated = unit !== undefined && unit.length <= UNIT_LENGTH_MAX ? unit.toWellFormed() : null;
    const entry: Entry = [alias ?? null, name, datatype ?? null, stated];
    const size = JSON.stringify(entry).length + 1;
    if (size > FACT_LENGTH_MAX) continue;
    if (length + size > FACT_LENGTH_MAX) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(entry);
    length += size;
  }
  const kept = parts.slice(0, PARTS_MAX);
  const news = kept
    .map((entries, part) => ({
      key: keyOf(topic, part),
      value: JSON.stringify({ parts: kept.length, metrics: entries }),
    }))
    .filter(({ key, value }) => known?.get(key) !== value);
  if (news.length > 0 && known !== undefined) read.delete(known);
  return news;
}

/** What is made of the facts, as long as they are the same ones: they change by what `birthFacts` gives alone. */
const read = new WeakMap<object, Map<string, Births>>();

/** `undefined`: its birth was never heard. */
export function birthsOf(topic: SparkplugTopic, facts: DecodeContext["facts"]): Births | undefined {
  const key = keyOf(topic, 0);
  // What was never born is not remembered: a stranger may name any number of devices.
  if (facts?.has(key) !== true) return undefined;
  let devices = read.get(facts);
  if (devices === undefined) read.set(facts, (devices = new Map()));
  let births = devices.get(key);
  if (births === undefined) devices.set(key, (births = readBirths(topic, facts)));
  return births;
}

function readBirths(topic: SparkplugTopic, facts: ReadonlyMap<string, string>): Births {
  const births = new Map<string, Born>();
  let parts = 1;
  for (let part = 0; part < parts; part++) {
    const text = facts.get(keyOf(topic, part));
    if (text === undefined) break;
    const stored = JSON.parse(text) as { readonly parts: number; readonly metrics: readonly Entry[] };
    if (part === 0) parts = Math.min(stored.parts, PARTS_MAX);
    for (const [alias, name, datatype, unit] of stored.metrics) {
      const born = { name, datatype: datatype ?? undefined, unit: unit ?? undefined };
      births.set(`name ${name}`, born);
      if (alias !== null) births.set(`alias ${alias}`, born);
    }
  }
  return births;
}
