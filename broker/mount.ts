// The mount of a device: its topics live under `d/<device>/` inside the broker, and it never sees that prefix.

/** Levels that the mount adds; the matcher takes 100 at most. */
const MOUNT_LEVELS = 2;
const TOPIC_LEVELS_MAX = 100 - MOUNT_LEVELS;

export type TopicFault = "topic_empty" | "topic_reserved" | "topic_wildcard" | "topic_nul" | "topic_too_deep";

/** The prefix of everything that device `id` may reach. */
export function mountOf(id: number): string {
  return `d/${id}/`;
}

/** What forbids publishing to `topic`, or undefined. Everything else is the device's own business. */
export function publishFault(topic: string): TopicFault | undefined {
  if (topic.length === 0) return "topic_empty"; // [MQTT-4.7.3-1]
  if (topic.startsWith("$SYS/") || topic === "$SYS") return "topic_reserved"; // [MQTT-4.7.2-1]
  if (topic.includes("\0")) return "topic_nul"; // [MQTT-1.5.3-2]
  if (topic.includes("+") || topic.includes("#")) return "topic_wildcard"; // [MQTT-3.3.2-2]
  if (topic.length > TOPIC_LEVELS_MAX && topic.split("/").length > TOPIC_LEVELS_MAX) return "topic_too_deep";
  return undefined;
}

/** What forbids subscribing to `filter`, or undefined. `$share` and `$SYS` do not exist inside a mount. */
export function subscribeFault(filter: string): TopicFault | undefined {
  if (filter.length === 0) return "topic_empty";
  if (filter.startsWith("$")) return "topic_reserved";
  if (filter.includes("\0")) return "topic_nul";
  if (filter.split("/").length > TOPIC_LEVELS_MAX) return "topic_too_deep";
  return undefined;
}

/** `tele/x` of device 17 is `d/17/tele/x` inside. */
export function mounted(mount: string, topic: string): string {
  return mount + topic;
}

/** The topic as the device knows it; undefined when it does not lie in its mount, and so is none of its business. */
export function unmounted(mount: string, topic: string): string | undefined {
  return topic.startsWith(mount) ? topic.slice(mount.length) : undefined;
}
