// What is known of brokers on which people's meters are: where they are, and under which topics.
import type { ConnectorKind } from "#store";

export type ConnectorPreset = {
  /** Where everybody's is; absent: each has their own. */
  readonly url?: string;
  /** `{username}` stands for the user name. */
  readonly topics: readonly string[];
  readonly qos: 0 | 1;
  /** Whether it keeps what came while we were away. */
  readonly keepsSession: boolean;
};

export const CONNECTOR_PRESETS: Readonly<Record<ConnectorKind, ConnectorPreset>> = {
  // User: application@tenant; password: an API key. It speaks QoS 0 only and keeps no session.
  "the-things-stack": {
    url: "mqtts://eu1.cloud.thethings.network:8883",
    topics: ["v3/+/devices/+/up"],
    qos: 0,
    keepsSession: false,
  },
  chirpstack: { topics: ["application/+/device/+/event/up"], qos: 1, keepsSession: true },
  // One topic for each activation key of the user. Nobody says whether a slash ends it: `#` takes both, `+` would not.
  sinapsi: { topics: ["/{username}/iomtsgdata/#"], qos: 1, keepsSession: true },
  custom: { topics: [], qos: 1, keepsSession: true },
};

/** Those of the preset, for this user; none where the preset has none, or the name cannot stand in a topic. */
export function presetTopics(kind: ConnectorKind, username: string): readonly string[] {
  const { topics } = CONNECTOR_PRESETS[kind];
  const needed = topics.some((topic) => topic.includes("{username}"));
  if (needed && (username === "" || /[+#/\0]/.test(username))) return [];
  return topics.map((topic) => topic.replace("{username}", () => username));
}

const FILTER_BYTES_MAX = 1024;

/** Whether a broker may be asked for it [MQTT-4.7.1]; shared subscriptions and `$SYS` are none of a meter's. */
export function isTopicFilter(filter: string): boolean {
  if (filter === "" || Buffer.byteLength(filter) > FILTER_BYTES_MAX) return false;
  if (!filter.isWellFormed() || filter.includes("\0") || filter.startsWith("$")) return false;
  const levels = filter.split("/");
  return levels.every((level, place) =>
    level.includes("#")
      ? level === "#" && place === levels.length - 1
      : !level.includes("+") || level === "+",
  );
}
