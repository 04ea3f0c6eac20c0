// When a device counts as silent, as offline, or as unheard because of its gateway.
import { describe, expect, test } from "vitest";
import { deviceStatus } from "./device-status.ts";

const NOW = Date.UTC(2026, 0, 1);
const ago = (seconds: number) => new Date(NOW - seconds * 1000);
const connected = (seconds: number | null, expectedIntervalS: number | null) => ({
  lastSeenAt: seconds === null ? null : ago(seconds),
  expectedIntervalS,
  connected: true,
  disconnectedAt: null,
});
const gone = (seconds: number, expectedIntervalS: number | null) => ({
  ...connected(seconds, expectedIntervalS),
  connected: false,
  disconnectedAt: ago(seconds),
});
const behind = (seconds: number | null, expectedIntervalS: number) => ({
  ...connected(seconds, expectedIntervalS),
  connected: false,
});

test.each([
  ["it never spoke", connected(null, 10), "never-seen"],
  [
    "a 10-second meter spoke two minutes ago: lastSeenAt is a minute late itself",
    connected(120, 10),
    "online",
  ],
  ["a 10-second meter spoke four minutes ago", connected(240, 10), "silent"],
  ["an hourly sensor missed two messages", connected(3 * 3600, 3600), "online"],
  ["an hourly sensor missed three", connected(3 * 3600 + 1, 3600), "silent"],
  ["nobody said how often it speaks: 15 minutes", connected(45 * 60 + 1, null), "silent"],
  ["its clock is ahead of ours", connected(-60, 10), "online"],
  ["it left two minutes ago", gone(120, 10), "online"],
  ["it left longer ago than it speaks", gone(121, 10), "offline"],
  ["an hourly sensor leaves after each message", gone(3600, 3600), "online"],
  ["an hourly sensor left and does not come back", gone(5401, 3600), "offline"],
  ["it came back after it had left", { ...gone(200, 100), connected: true }, "online"],
] as const)("%s", (_name, device, status) => {
  expect(deviceStatus(device, undefined, NOW)).toBe(status);
});

describe("behind a gateway", () => {
  test.each([
    ["that speaks, and it does too", behind(60, 60), connected(1, 60), "online"],
    ["that speaks, and it does not", behind(3600, 60), connected(1, 60), "silent"],
    [
      "that left: whatever the device itself does, there is one cause",
      behind(3600, 60),
      gone(3600, 60),
      "gateway-offline",
    ],
    [
      "that left: a slow device cannot be heard either",
      behind(600, 86_400),
      gone(600, 60),
      "gateway-offline",
    ],
    ["that is connected and says nothing", behind(3600, 60), connected(3600, 60), "gateway-offline"],
    ["that left just now", behind(30, 60), gone(30, 60), "online"],
    ["that left, and it was never heard", behind(null, 60), gone(3600, 60), "never-seen"],
  ] as const)("%s", (_name, device, gateway, status) => {
    expect(deviceStatus(device, gateway, NOW)).toBe(status);
  });
});
