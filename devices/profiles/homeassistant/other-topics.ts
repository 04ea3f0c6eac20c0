// Topics that were described and carry no reading: of switches, availability, commands, texts. Hundreds of components share a few
// facts, so that they do not take the place of the sensors.
import type { DecodeContext, Fact } from "#devices/reading";

/** By the topic of the description: which topics it names. */
type Shelf = Readonly<Record<string, readonly string[]>>;

const KEY_PREFIX = "topics ";
const SHELVES = 64;
const SHELF_LENGTH_MAX = 16_000;
/** A device that describes a hundred switches at once fills no more than half of a shelf. */
const TOPICS_LENGTH_MAX = 8000;

/** Which shelf a description is on; the same for ever, as facts are kept. */
function keyOf(configTopic: string): string {
  let hash = 0;
  for (let at = 0; at < configTopic.length; at++) {
    hash = (Math.imul(hash, 31) + configTopic.charCodeAt(at)) >>> 0;
  }
  return `${KEY_PREFIX}${hash % SHELVES}`;
}

/**
 * The shelf of this description, if it is another than before. A full one takes no more: what comes on a topic that is not known
 * waits in quarantine, as if nobody had described it.
 */
export function otherTopicsFact(
  { topic, facts }: DecodeContext,
  topics: ReadonlySet<string>,
): Fact | undefined {
  const key = keyOf(topic);
  const text = facts?.get(key) ?? "";
  const { [topic]: before = [], ...shelf } = shelfOf(text);
  const kept = withinLength([...topics]);
  if (kept.length === before.length && kept.every((one, at) => one === before[at])) return undefined;
  const next = kept.length === 0 ? shelf : { ...shelf, [topic]: kept };
  const value = Object.keys(next).length === 0 ? "" : JSON.stringify(next);
  return value.length > SHELF_LENGTH_MAX ? undefined : { key, value };
}

function withinLength(topics: readonly string[]): string[] {
  let length = 0;
  return topics.filter((topic) => (length += topic.length + 3) <= TOPICS_LENGTH_MAX);
}

/** All of them, of all descriptions. */
export function otherTopicsOf(facts: ReadonlyMap<string, string>): Set<string> {
  const topics = new Set<string>();
  for (const [key, text] of facts) {
    if (!key.startsWith(KEY_PREFIX)) continue;
    for (const topic of Object.values(shelfOf(text)).flat()) topics.add(topic);
  }
  return topics;
}

/** Nothing where another profile or version left something else. */
function shelfOf(text: string): Shelf {
  if (text === "") return {};
  try {
    const shelf: unknown = JSON.parse(text);
    const isShelf =
      typeof shelf === "object" && shelf !== null && Object.values(shelf).every((one) => Array.isArray(one));
    return isShelf ? (shelf as Shelf) : {};
  } catch {
    return {};
  }
}
