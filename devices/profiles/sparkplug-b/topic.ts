// Topics of Sparkplug B (specification 3.0, chapter 4): which edge node speaks, of which of its devices, and what kind of message it is.

export type Kind = "NBIRTH" | "DBIRTH" | "NDATA" | "DDATA" | "NDEATH" | "DDEATH" | "NCMD" | "DCMD";

export type SparkplugTopic = {
  readonly kind: Kind;
  readonly group: string;
  readonly node: string;
  /** "": the edge node itself. */
  readonly device: string;
};

const TOPIC = /^spBv1\.0\/([^/]{1,100})\/([ND])(BIRTH|DATA|DEATH|CMD)\/([^/]{1,100})(?:\/([^/]{1,100}))?$/s;
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

/** `undefined` for any other topic, a host's state included. A node's message names no device, a device's does. */
export function topicOf(topic: string): SparkplugTopic | undefined {
  const [, group = "", whose = "", what = "", node = "", device = ""] = TOPIC.exec(topic) ?? [];
  if (group === "" || (whose === "N") !== (device === "")) return undefined;
  if (UNPRINTABLE.test(topic) || !topic.isWellFormed()) return undefined;
  return { kind: `${whose}${what}` as Kind, group, node, device };
}

/** The edge node that speaks: `group/node`. */
export function recogniseSparkplug(topic: string): string | undefined {
  const found = topicOf(topic);
  return found === undefined ? undefined : nodeName(found);
}

export function nodeName({ group, node }: SparkplugTopic): string {
  return `${group}/${node}`;
}
