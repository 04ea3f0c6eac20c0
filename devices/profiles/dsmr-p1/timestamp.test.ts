// P1 timestamps: the suffix is the offset, and what the calendar does not have is no instant.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockSource } from "#devices/vocabulary";
import { timestamp } from "./encode.ts";
import { instantOf, isTimestamp } from "./timestamp.ts";

const NOW = Date.UTC(2026, 2, 1);

test("the suffix tells the two hours of the autumn night apart, whatever the zone of the building", () => {
  for (const zone of ["Europe/Brussels", "America/New_York", "Asia/Tokyo", "nowhere"]) {
    expect(instantOf("251026023000S", zone, NOW)?.observedAtMs).toBe(Date.UTC(2025, 9, 26, 0, 30));
    expect(instantOf("251026023000W", zone, NOW)?.observedAtMs).toBe(Date.UTC(2025, 9, 26, 1, 30));
  }
});

test("without a suffix it is local time, and the clock says so", () => {
  expect(instantOf("161107190000", "Europe/Brussels", NOW)).toEqual({
    observedAtMs: Date.UTC(2016, 10, 7, 18),
    clock: ClockSource.payloadLocal,
  });
});

test("every second from 2000 to 2069 comes back as it was written", () => {
  const second = fc.integer({ min: Date.UTC(2000, 0, 2) / 1000, max: Date.UTC(2069, 11, 30) / 1000 });
  fc.assert(
    fc.property(second, (seconds) => {
      expect(instantOf(timestamp(seconds * 1000), "UTC", NOW)).toEqual({
        observedAtMs: seconds * 1000,
        clock: ClockSource.payloadOffset,
      });
    }),
  );
});

test("a clock that was never set shows 1970, not 2070", () => {
  expect(instantOf("700101010000W", "UTC", NOW)?.observedAtMs).toBe(0);
});

test.each([
  "632525252525W",
  "250229120000W",
  "251301120000W",
  "250431120000S",
  "250101240000W",
  "250101126000W",
])("%s has the form of a timestamp and is no instant", (text) => {
  expect(isTimestamp(text)).toBe(true);
  expect(instantOf(text, "Europe/Brussels", NOW)).toBeUndefined();
});

test.each([
  "",
  "000000.034*kWh",
  "250101120000X",
  "250101120000w",
  "25010112000W",
  "1-0:1.6.0",
  "2501011200000",
])("%j is no timestamp", (text) => {
  expect(isTimestamp(text)).toBe(false);
  expect(instantOf(text, "Europe/Brussels", NOW)).toBeUndefined();
});
