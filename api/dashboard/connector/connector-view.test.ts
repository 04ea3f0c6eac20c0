// A connector's card: every state has its tone, a fault shows only while it lasts, and the broker is named without its port.
import { expect, test } from "vitest";
import type { Connector } from "../data/api.ts";
import { brokerName, presentFault, STATE_TEXTS, toneOf } from "./connector-view.ts";

const connector = (state: Connector["state"]): Connector => ({
  deviceId: "1",
  kind: "custom",
  url: "mqtts://broker.example:8883",
  username: "someone",
  hasPassword: true,
  topics: ["a"],
  caCertificate: null,
  state,
  since: "2026-01-15T12:00:00Z",
  nextAttemptAt: null,
  lastError: { code: "timed_out", detail: "connack timeout", at: "2026-01-15T11:00:00Z" },
  lastMessageAt: null,
  messages: 0,
  createdAt: "2026-01-15T10:00:00Z",
  changedAt: "2026-01-15T10:00:00Z",
});

test("only what a person has to mend alarms", () => {
  const states = Object.keys(STATE_TEXTS) as Connector["state"][];
  expect(states.map((state) => [state, toneOf({ state })])).toEqual([
    ["waiting", "waits"],
    ["connecting", "waits"],
    ["connected", "good"],
    ["refused", "alarm"],
    ["unreachable", "waits"],
  ]);
});

test("the last error is shown while it lasts", () => {
  expect(presentFault(connector("unreachable"))).toBe("timed_out");
  expect(presentFault(connector("refused"))).toBe("timed_out");
  expect(presentFault(connector("connected"))).toBeUndefined();
  expect(presentFault({ ...connector("refused"), lastError: null })).toBeUndefined();
});

test("the broker is named as people know it", () => {
  expect(brokerName("mqtts://eu1.cloud.thethings.network:8883")).toBe("eu1.cloud.thethings.network");
  expect(brokerName("mqtt://[::1]:1883")).toBe("[::1]");
  expect(brokerName("?")).toBe("?");
});
