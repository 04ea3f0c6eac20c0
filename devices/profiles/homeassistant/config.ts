// A discovery message: which sensors there are, on which topic their state comes, and how it is read. Kept as facts, one a component.
//
//   <prefix>/sensor/…/config   {"state_topic", "value_template", "unit_of_measurement", "device_class", "state_class", …}
//   <prefix>/device/…/config   {"device", "components": {"<key>": {"platform": "sensor", …}}, and what they have in common}
//   an empty message           removes what its topic described
import { isJsonObject, JsonNumber, parseJson, type JsonBounds } from "#devices/json";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Fact } from "#devices/reading";
import { Answer } from "../answer.ts";
import { unitOfDeclared } from "../declared-meaning.ts";
import { baseOf, inFull, isTopicKey, type Fields } from "./keys.ts";
import { otherTopicsFact } from "./other-topics.ts";
import { forgetSensors } from "./sensors.ts";
import { TEXTS, type StoredSensor } from "./stored-sensor.ts";
import { templateOf } from "./template.ts";
import { isStorable, type ConfigTopic } from "./topics.ts";

const BOUNDS: JsonBounds = { depthMax: 10, objectsMax: 5000, objectsName: "objects" };
const FACT_LENGTH_MAX = 16_000;
const COMPONENT_KEY_MAX = 60;
const TOPIC_LENGTH_MAX = 1000;
const OTHER_TOPICS_MAX = 20;
const NAME_LENGTH_MAX = 200;
const EQUIPMENT_LENGTH_MAX = 100;
const TEXT_LENGTH_MAX = 300;

/** The first word tells them from whatever else is kept with a device. */
const KEY_PREFIX = "config ";

/** The facts that differ from what is known; those of components that are no longer described are taken off. */
export function readConfig(topic: ConfigTopic, payload: Uint8Array, context: DecodeContext): Decoded {
  const answer = new Answer();
  const wanted = new Map<string, string>();
  const others = new Set<string>();
  if (payload.length > 0) {
    const parsed = parseJson(payload, BOUNDS);
    if ("reason" in parsed) return { observations: [], rejections: [parsed] };
    if (!isJsonObject(parsed.value)) {
      answer.refuse("reading_malformed", "The description of a device is not a JSON object.");
      return answer.decoded("components");
    }
    for (const [key, component, fields] of componentsOf(topic, parsed.value, answer)) {
      const sensor = component === "sensor" ? sensorOf(topic, key, fields, answer) : undefined;
      if (sensor === undefined) {
        for (const one of topicsOf(fields)) others.add(one);
        continue;
      }
      const text = JSON.stringify(sensor);
      if (text.length <= FACT_LENGTH_MAX) wanted.set(keyOf(context.topic, key), text);
      else
        answer.refuse(
          "reading_malformed",
          `The description of ${quoted(key)} is longer than any that is kept.`,
        );
    }
  }
  const news = newsOf(context, wanted);
  const other = otherTopicsFact(context, others);
  const facts = other === undefined ? news : [...news, other];
  if (facts.length > 0 && context.facts !== undefined) forgetSensors(context.facts);
  return { ...answer.decoded("components"), ...(facts.length > 0 ? { facts } : {}) };
}

/** `""`: the one component of its topic. */
function keyOf(topic: string, component: string): string {
  return component === "" ? `${KEY_PREFIX}${topic}` : `${KEY_PREFIX}${topic} ${component}`;
}

function newsOf({ topic, facts }: DecodeContext, wanted: ReadonlyMap<string, string>): Fact[] {
  const whole = keyOf(topic, "");
  const gone = [...(facts?.keys() ?? [])].filter(
    (key) => (key === whole || key.startsWith(`${whole} `)) && !wanted.has(key),
  );
  const all = [
    ...gone.map((key) => ({ key, value: "" })),
    ...[...wanted].map(([key, value]) => ({ key, value })),
  ];
  return all.filter(({ key, value }) => (facts?.get(key) ?? "") !== value);
}

type Component = readonly [key: string, component: string, fields: Fields];

function componentsOf(topic: ConfigTopic, message: Fields, answer: Answer): Component[] {
  const whole = inFull(message);
  if (topic.component !== "device") return [["", topic.component, whole]];
  const { components, ...common } = whole;
  if (!isJsonObject(components)) {
    answer.refuse("reading_malformed", "The description of a device names no components.");
    return [];
  }
  return Object.entries(components).flatMap(([key, member]): Component[] => {
    if (!isStorable(key, COMPONENT_KEY_MAX) || key === "" || !isJsonObject(member)) {
      answer.refuse("text_invalid", `The component ${quoted(key)} has a name that cannot be kept.`);
      return [];
    }
    const fields = inFull(member, baseOf(message));
    const { platform, ...rest } = fields;
    // A component with nothing but its platform is removed.
    const isGone = typeof platform !== "string" || Object.keys(rest).length === 0;
    return isGone ? [] : [[key, platform, { ...common, ...rest }]];
  });
}

/** Topics on which something else than a sensor's state comes: commands, availability, attributes, switches. */
function topicsOf(fields: Fields): string[] {
  const found = new Set<string>();
  const take = (key: string, value: unknown): void => {
    if (isTopicKey(key) && typeof value === "string" && isTopic(value)) found.add(value);
  };
  for (const [key, value] of Object.entries(fields)) take(key, value);
  const { availability } = fields;
  for (const one of Array.isArray(availability) ? (availability as unknown[]) : [availability]) {
    if (isJsonObject(one))
      for (const [key, value] of Object.entries(inFull(one, baseOf(fields)))) take(key, value);
  }
  return [...found].slice(0, OTHER_TOPICS_MAX);
}

/** No wildcards: a state comes on one topic. */
function isTopic(text: string): boolean {
  return text !== "" && text.length <= TOPIC_LENGTH_MAX && !/[#+]/.test(text);
}

/** Numbers that measure nothing, or no numbers: their topics are known, and no more. */
const LEFT_OUT = new Set([
  "battery",
  "data_rate",
  "data_size",
  "date",
  "duration",
  "enum",
  "monetary",
  "signal_strength",
  "timestamp",
]);
/** What is counted: a unit that would have to be converted is said, or it would be looked for in vain. */
const COUNTED = new Set(["energy", "gas", "water", "volume"]);

/** `undefined`: its topics are known, and no more. */
function sensorOf(topic: ConfigTopic, key: string, fields: Fields, answer: Answer): StoredSensor | undefined {
  const stateTopic = textOf(fields, "state_topic", TOPIC_LENGTH_MAX);
  const other = topicsOf(fields);
  const unit = textOf(fields, "unit_of_measurement", TEXT_LENGTH_MAX);
  const deviceClass = textOf(fields, "device_class", TEXT_LENGTH_MAX);
  const stateClass = textOf(fields, "state_class", TEXT_LENGTH_MAX);
  // Home Assistant takes a sensor that has none of the three for a text.
  const isText = unit === "" && stateClass === "" && deviceClass === "";
  if (isText || LEFT_OUT.has(deviceClass) || fields["options"] !== undefined) return undefined;
  const name = nameOf(topic, key, fields);
  if (stateTopic === "" || !isTopic(stateTopic)) {
    answer.refuse("reading_malformed", `The sensor ${quoted(name)} has no topic of its own for its state.`);
    return undefined;
  }
  const written = textOf(fields, "value_template", Infinity);
  if (written !== "" && templateOf(written) === undefined) {
    const detail = `The template ${quoted(written)} of ${quoted(name)} is not one that is read, so nothing is made of this sensor.`;
    answer.refuse("reading_malformed", detail);
    return undefined;
  }
  if (unit !== "" && COUNTED.has(deviceClass) && unitOfDeclared(unit) === undefined) {
    answer.refuse(
      "unit_unknown",
      `${quoted(name)} counts in ${quoted(unit)}, which is kept as a number without unit.`,
    );
  }
  const template = written === "" ? {} : { t: written };
  const lastReset = textOf(fields, "last_reset_value_template", TEXT_LENGTH_MAX);
  const telling = [textOf(fields, "name", TEXT_LENGTH_MAX), ...placesOf(written, stateTopic)];
  const ids = [topic.object, key, name];
  const sensor: StoredSensor = {
    s: stateTopic,
    ...template,
    ...(lastReset === "" ? {} : { l: lastReset }),
    u: unit,
    d: deviceClass,
    k: stateClass,
    n: name,
    e: equipmentOf(topic, fields),
    w: linesOf(telling),
    i: linesOf(ids),
    o: other.filter((one) => one !== stateTopic),
  };
  return sensor;
}

/** Each text on a line of its own. */
function linesOf(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .map((text) => text.replaceAll(TEXTS, " "))
    .join(TEXTS);
}

/**
 * Where the value stands says what it is: in the JSON (`value_json['ENERGY'].Today`), else at the end of the topic
 * (`esp/sensor/energy_today/state`). The topic of a whole state says only whose it is.
 */
function placesOf(template: string, stateTopic: string): string[] {
  const path = template
    .replaceAll(
      /\b(?:value_json|value|float|int|round|default|multiply|is_defined|is|defined|if|else|get)\b/g,
      " ",
    )
    .slice(0, TEXT_LENGTH_MAX);
  if (/\p{L}/u.test(path)) return [path.replaceAll(/[^\p{L}\p{N}_-]+/gu, " ").trim()];
  const last = stateTopic.split("/").findLast((level) => !/^(?:state|value)?$/.test(level));
  return last === undefined ? [] : [last.slice(0, TEXT_LENGTH_MAX)];
}

function textOf(fields: Fields, key: string, lengthMax: number): string {
  const value = fields[key];
  return typeof value === "string" && value.length <= lengthMax ? value.trim() : "";
}

/** `unique_id` stays the same when people rename things; else the topic's own words. */
function nameOf({ node, object }: ConfigTopic, key: string, fields: Fields): string {
  const unique = textOf(fields, "unique_id", NAME_LENGTH_MAX);
  if (unique !== "" && isStorable(unique, NAME_LENGTH_MAX)) return unique;
  return [node, object, key]
    .filter((part) => part !== "")
    .join("/")
    .slice(0, NAME_LENGTH_MAX);
}

/** The device's first identifier (some write a number), else its first connection; else the node of the topic. */
function equipmentOf({ node, object, component }: ConfigTopic, fields: Fields): string {
  const device = fields["device"];
  const { identifiers, connections } = isJsonObject(device) ? inFull(device) : {};
  const first = Array.isArray(identifiers) ? (identifiers as unknown[])[0] : identifiers;
  const connection = Array.isArray(connections) ? (connections as unknown[])[0] : undefined;
  const address = Array.isArray(connection) ? (connection as unknown[])[1] : undefined;
  const named = [first, address]
    .map((one) => (one instanceof JsonNumber ? one.text : one))
    .find(
      (one): one is string => typeof one === "string" && one !== "" && isStorable(one, EQUIPMENT_LENGTH_MAX),
    );
  return (named ?? (component === "device" && node === "" ? object : node)).slice(0, EQUIPMENT_LENGTH_MAX);
}
