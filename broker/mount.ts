// The mount of a device: its topics live under `d/<device>/` inside the broker, and it never sees that prefix.
import { TOPIC_LEVELS_MAX, type TopicFault } from "#devices/topic";

export { publishFault } from "#devices/topic";

/** The prefix of everything that device `id` may reach. */
export function mountOf(id: number): string {
  return `d/${id}/`;
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
