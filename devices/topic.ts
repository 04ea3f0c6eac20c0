// MQTT topics as a device names them: what may not be published to, and which filters match.

/** Levels that the mount of a device adds inside the broker, whose matcher takes 100 at most. */
const MOUNT_LEVELS = 2;
export const TOPIC_LEVELS_MAX = 100 - MOUNT_LEVELS;

export type TopicFault = "topic_empty" | "topic_reserved" | "topic_wildcard" | "topic_nul" | "topic_too_deep";

/** What forbids publishing to `topic`, or undefined. Everything else is the device's own business. */
export function publishFault(topic: string): TopicFault | undefined {
  if (topic.length === 0) return "topic_empty"; // [MQTT-4.7.3-1]
  if (topic.startsWith("$SYS/") || topic === "$SYS") return "topic_reserved"; // [MQTT-4.7.2-1]
  if (topic.includes("\0")) return "topic_nul"; // [MQTT-1.5.3-2]
  if (topic.includes("+") || topic.includes("#")) return "topic_wildcard"; // [MQTT-3.3.2-2]
  if (topic.length > TOPIC_LEVELS_MAX && topic.split("/").length > TOPIC_LEVELS_MAX) return "topic_too_deep";
  return undefined;
}

/** Whether a subscription to `filter` hears `topic` [MQTT-4.7.1]: `+` is one level, a last `#` all from there, its parent too. */
export function filterMatches(filter: string, topic: string): boolean {
  const filters = filter.split("/");
  const levels = topic.split("/");
  for (const [index, wanted] of filters.entries()) {
    if (wanted === "#") return true;
    const level = levels[index];
    if (level === undefined || (wanted !== "+" && wanted !== level)) return false;
  }
  return filters.length === levels.length;
}
