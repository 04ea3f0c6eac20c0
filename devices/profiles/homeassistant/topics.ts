// Topics of Home Assistant's MQTT discovery: `<prefix>/<component>/[<node>/]<object>/config`.
import { isJsonObject, parseJson, type JsonBounds } from "#devices/json";

export type ConfigTopic = {
  readonly prefix: string;
  /** `sensor`, `switch`… or `device`, which describes several components at once. */
  readonly component: string;
  readonly node: string;
  readonly object: string;
};

const COMPONENTS = [
  "alarm_control_panel",
  "binary_sensor",
  "button",
  "camera",
  "climate",
  "cover",
  "device",
  "device_automation",
  "device_tracker",
  "event",
  "fan",
  "humidifier",
  "image",
  "lawn_mower",
  "light",
  "lock",
  "notify",
  "number",
  "scene",
  "select",
  "sensor",
  "siren",
  "switch",
  "tag",
  "text",
  "update",
  "vacuum",
  "valve",
  "water_heater",
];
/** The shortest prefix: a node may be called like a component. */
const TOPIC = new RegExp(
  `^(.+?)/(${COMPONENTS.join("|")})/(?:([A-Za-z0-9_-]+)/)?([A-Za-z0-9_-]+)/config$`,
  "s",
);
/** With what a fact's key begins with, 256 characters. */
const TOPIC_LENGTH_MAX = 180;
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** Whether a topic or a component can be a part of a fact's key. */
export function isStorable(text: string, lengthMax: number): boolean {
  return text.length <= lengthMax && !UNPRINTABLE.test(text) && text.isWellFormed();
}

/** `undefined` for every other topic: of states, commands, availability. */
export function configTopicOf(topic: string): ConfigTopic | undefined {
  if (!topic.endsWith("/config") || !isStorable(topic, TOPIC_LENGTH_MAX)) return undefined;
  const [, prefix, component, node = "", object] = TOPIC.exec(topic) ?? [];
  if (prefix === undefined || component === undefined || object === undefined) return undefined;
  return { prefix, component, node, object };
}

const USUAL_PREFIX = "homeassistant";
/** Home Assistant itself comes and goes. */
export const STATUS_TOPIC = `${USUAL_PREFIX}/status`;

const BOUNDS: JsonBounds = { depthMax: 8, objectsMax: 2000, objectsName: "objects" };
const OPENING = 0x7b;
const MARKS = ["state_topic", "stat_t", "components", "cmps"];

/**
 * The prefix: whoever publishes descriptions publishes those of all its devices, and only they can be told. The states that
 * follow are on topics of any name, so such a sender is registered with this profile and not behind a gateway.
 */
export function recogniseConfig(topic: string, payload: Uint8Array): string | undefined {
  const found = configTopicOf(topic);
  if (found === undefined) return undefined;
  if (found.prefix === USUAL_PREFIX)
    return payload.length === 0 || payload[0] === OPENING ? USUAL_PREFIX : undefined;
  if (payload[0] !== OPENING) return undefined;
  const parsed = parseJson(payload, BOUNDS);
  if ("reason" in parsed || !isJsonObject(parsed.value)) return undefined;
  const { value } = parsed;
  return MARKS.some((mark) => Object.hasOwn(value, mark)) ? found.prefix : undefined;
}
