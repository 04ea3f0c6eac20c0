// Instants and UTC days.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  DAY_MS,
  hasPassed,
  parseInstant,
  QUARTER_MS,
  QUARTERS_PER_UTC_DAY,
  utcDay,
  utcDayNumber,
  utcDayStartMs,
} from "./time.ts";

const instant = fc.integer({ min: Date.UTC(1999, 0, 1), max: Date.UTC(2100, 0, 1) });

test("an instant lies within its UTC day", () => {
  fc.assert(
    fc.property(instant, (instantMs) => {
      const start = utcDayStartMs(utcDay(instantMs));
      expect(instantMs).toBeGreaterThanOrEqual(start);
      expect(instantMs - start).toBeLessThan(DAY_MS);
      expect(utcDayNumber(instantMs) * DAY_MS).toBe(start);
    }),
  );
});

test("a UTC day is a whole number of quarter-hours", () => {
  expect(QUARTERS_PER_UTC_DAY * QUARTER_MS).toBe(DAY_MS);
});

test("RFC 3339 with any offset is read, everything else is refused", () => {
  expect(parseInstant("2020-05-09T13:45:58+02:00")).toBe(Date.UTC(2020, 4, 9, 11, 45, 58));
  expect(parseInstant("2020-05-09t11:45:58.250z")).toBe(Date.UTC(2020, 4, 9, 11, 45, 58, 250));
  for (const text of [
    "2020-05-09",
    "2020-05-09T13:45:58",
    "2020-13-01T00:00:00Z",
    "2020-02-31T00:00:00Z",
    "now",
    "",
  ]) {
    expect(parseInstant(text), text).toBeUndefined();
  }
});

test("a period is over after its time, and at once when the clock was set back before its beginning", () => {
  expect([1000, 1009, 1010, 2000, 999].map((nowMs) => hasPassed(10, 1000, nowMs))).toEqual([
    false,
    false,
    true,
    true,
    true,
  ]);
});
