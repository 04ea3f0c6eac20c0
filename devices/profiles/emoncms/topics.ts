// The topics of emoncms: `<base>/<node>/<key>`; the base is `emon` unless somebody changed it.

export type EmonTopic = {
  /** What measures; "" where the topic is nothing but a key. */
  readonly node: string;
  /** What comes behind the node, joined as emoncms does: `battery_1`; "" for nothing. */
  readonly key: string;
};

const BASE = "emon";

/**
 * `wholeNode`: the payload has keys of its own, or is a row of values, so the topic names a node. Where no segment is the usual
 * base, the last ones are taken for node and key.
 */
export function emonTopicOf(topic: string, wholeNode: boolean): EmonTopic {
  const segments = topic.split("/");
  const base = segments.indexOf(BASE);
  if (base >= 0 && base < segments.length - 1) {
    return { node: segments[base + 1] ?? "", key: segments.slice(base + 2).join("_") };
  }
  const last = segments.at(-1) ?? "";
  return wholeNode ? { node: last, key: "" } : { node: segments.at(-2) ?? "", key: last };
}

/** The node of a topic that is emoncms' beyond doubt: the usual base, a node, at most one key. */
export function nodeOf(topic: string): string | undefined {
  const [base, node, key, ...rest] = topic.split("/", 4);
  const named = base === BASE && node !== undefined && node !== "" && key !== "" && rest.length === 0;
  return named && !(node === "dsmr" && key !== undefined) ? node : undefined;
}
