// The command that asks an edge node to introduce itself and its devices anew (§6.4.17, Node Control/Rebirth).
import type { DeviceRequest } from "#devices/reading";
import { get } from "sparkplug-payload";
import type { SparkplugTopic } from "./topic.ts";

const encoder = get("spBv1.0");

/** The same bytes each time: it carries no time, so that the same question is seen to be the same. */
const PAYLOAD = encoder?.encodePayload({
  metrics: [{ name: "Node Control/Rebirth", type: "Boolean", value: true }],
});

export function rebirthRequest({ group, node }: SparkplugTopic): DeviceRequest[] {
  return PAYLOAD === undefined ? [] : [{ topic: `spBv1.0/${group}/NCMD/${node}`, payload: PAYLOAD }];
}
