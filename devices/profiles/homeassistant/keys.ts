// The keys of a discovery message that are read, each in full and abbreviated.

/** From Home Assistant's list of abbreviations: what sensors, and the topics of other components, need. */
const FULL: ReadonlyMap<string, string> = new Map([
  ["avty", "availability"],
  ["cmps", "components"],
  ["cns", "connections"],
  ["dev", "device"],
  ["dev_cla", "device_class"],
  ["ids", "identifiers"],
  ["ops", "options"],
  ["lrst_val_tpl", "last_reset_value_template"],
  ["p", "platform"],
  ["stat_cla", "state_class"],
  ["stat_t", "state_topic"],
  ["stat_val_tpl", "state_value_template"],
  ["t", "topic"],
  ["uniq_id", "unique_id"],
  ["unit_of_meas", "unit_of_measurement"],
  ["val_tpl", "value_template"],
]);

const BASE = "~";

export type Fields = Readonly<Record<string, unknown>>;

/** The keys in full, and `~` in topics replaced by the base topic: at a topic's beginning or at its end. */
export function inFull(fields: Fields, inherited?: unknown): Fields {
  const base = typeof fields[BASE] === "string" ? fields[BASE] : inherited;
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      const isTopic = isTopicKey(key) && typeof value === "string" && typeof base === "string";
      return [FULL.get(key) ?? key, isTopic ? withBase(value, base) : value];
    }),
  );
}

export function baseOf(fields: Fields): unknown {
  return fields[BASE];
}

/** `state_topic`, `cmd_t`, `topic`, `t`… */
export function isTopicKey(key: string): boolean {
  return /(?:^|_)(?:topic|t)$/.test(key);
}

function withBase(topic: string, base: string): string {
  if (topic.startsWith(BASE)) return `${base}${topic.slice(1)}`;
  return topic.endsWith(BASE) ? `${topic.slice(0, -1)}${base}` : topic;
}
