// A device is held to its own rhythm, and a building to its best device.
import { expect, test } from "vitest";
import { buildingStatus, deviceStatus, lastSeenMs } from "./device-status.ts";

const NOW_MS = Date.parse("2026-01-06T10:00:00Z");
const seen = (secondsAgo: number, expectedIntervalS: number | null = 10) => ({
  lastSeenAt: new Date(NOW_MS - secondsAgo * 1000).toISOString(),
  expectedIntervalS,
});

test("a device is live, late, silent by its own interval", () => {
  expect(deviceStatus(seen(80), NOW_MS)).toBe("live");
  expect(deviceStatus(seen(200), NOW_MS)).toBe("late");
  expect(deviceStatus(seen(3600), NOW_MS)).toBe("silent");
  expect(deviceStatus(seen(3600, 900), NOW_MS)).toBe("late");
  expect(deviceStatus(seen(230, null), NOW_MS)).toBe("live");
  expect(deviceStatus({ lastSeenAt: null, expectedIntervalS: 10 }, NOW_MS)).toBe("waiting");
});

test("a building speaks when one of its devices does", () => {
  expect(buildingStatus([seen(3600), seen(5)], NOW_MS)).toBe("live");
  expect(buildingStatus([{ lastSeenAt: null, expectedIntervalS: null }, seen(90_000)], NOW_MS)).toBe(
    "silent",
  );
  expect(buildingStatus([], NOW_MS)).toBeUndefined();
});

test("the last instant is that of the device seen last", () => {
  expect(lastSeenMs([seen(60), seen(5), { lastSeenAt: null, expectedIntervalS: null }])).toBe(NOW_MS - 5000);
  expect(lastSeenMs([])).toBeUndefined();
});
