// When a device counts as silent.
import { expect, test } from "vitest";
import { deviceStatus } from "./device-status.ts";

const NOW = Date.UTC(2026, 0, 1);
const ago = (seconds: number) => new Date(NOW - seconds * 1000);

test.each([
  ["it never spoke", null, 10, "never-seen"],
  ["a 10-second meter spoke two minutes ago: lastSeenAt is a minute late itself", ago(120), 10, "online"],
  ["a 10-second meter spoke four minutes ago", ago(240), 10, "silent"],
  ["an hourly sensor missed two messages", ago(3 * 3600), 3600, "online"],
  ["an hourly sensor missed three", ago(3 * 3600 + 1), 3600, "silent"],
  ["nobody said how often it speaks: 15 minutes", ago(45 * 60 + 1), null, "silent"],
  ["its clock is ahead of ours", ago(-60), 10, "online"],
] as const)("%s", (_name, lastSeenAt, expectedIntervalS, status) => {
  expect(deviceStatus({ lastSeenAt, expectedIntervalS }, NOW)).toBe(status);
});
