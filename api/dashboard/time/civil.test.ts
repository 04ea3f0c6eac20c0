// Civil dates against Temporal, which Node has and a reader's browser may not.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  addDays,
  addMonths,
  civilDateAt,
  daysBetween,
  instantOfWallMs,
  parseCivilDate,
  startOfDayMs,
  startOfWeek,
  wallTime,
  type CivilDate,
} from "./civil.ts";

const ZONES = [
  "Europe/Brussels",
  "Europe/Lisbon",
  "America/Sao_Paulo",
  "America/Havana",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Australia/Adelaide",
  "Asia/Kathmandu",
  "Pacific/Auckland",
  "UTC",
];

const zone = fc.constantFrom(...ZONES);
const date = fc
  .integer({ min: 10_957, max: 22_000 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10) as CivilDate);
const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2030, 0, 1) });

test("a day begins where Temporal says, whatever the zone does with its clocks", () => {
  fc.assert(
    fc.property(date, zone, (day, where) => {
      const expected = Temporal.PlainDate.from(day).toZonedDateTime(where).epochMilliseconds;
      expect(startOfDayMs(day, where)).toBe(expected);
    }),
    { numRuns: 2000 },
  );
});

test("days whose midnight does not exist begin after the jump", () => {
  expect(startOfDayMs("2018-11-04", "America/Sao_Paulo")).toBe(Date.parse("2018-11-04T03:00:00Z"));
  expect(startOfDayMs("2022-03-27", "Asia/Beirut")).toBe(Date.parse("2022-03-26T22:00:00Z"));
});

test("the wall shows what Temporal says", () => {
  fc.assert(
    fc.property(instant, zone, (instantMs, where) => {
      const expected = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(where);
      expect(wallTime(instantMs, where)).toEqual({
        date: expected.toPlainDate().toString(),
        hour: expected.hour,
        minute: expected.minute,
        second: expected.second,
      });
    }),
  );
});

test("a time on the wall is the instant that Temporal says, the nights of the clocks included", () => {
  fc.assert(
    fc.property(date, zone, fc.nat(23), fc.nat(59), (day, where, hour, minute) => {
      const wall = Temporal.PlainDate.from(day).toPlainDateTime({ hour, minute });
      expect(instantOfWallMs(day, hour, minute, where)).toBe(wall.toZonedDateTime(where).epochMilliseconds);
    }),
    { numRuns: 2000 },
  );
});

test("a skipped time is as much later as the clocks jump, a repeated one is the earlier", () => {
  expect(instantOfWallMs("2026-03-29", 2, 30, "Europe/Brussels")).toBe(Date.parse("2026-03-29T01:30:00Z"));
  expect(instantOfWallMs("2026-10-25", 2, 30, "Europe/Brussels")).toBe(Date.parse("2026-10-25T00:30:00Z"));
});

test("adding days and months agrees with Temporal, the shorter month included", () => {
  fc.assert(
    fc.property(date, fc.integer({ min: -500, max: 500 }), (day, count) => {
      const plain = Temporal.PlainDate.from(day);
      expect(addDays(day, count)).toBe(plain.add({ days: count }).toString());
      expect(addMonths(day, count)).toBe(plain.add({ months: count }).toString());
      expect(daysBetween(day, addDays(day, count))).toBe(count);
    }),
  );
});

test("a week begins on the Monday at or before the date", () => {
  fc.assert(
    fc.property(date, (day) => {
      const monday = startOfWeek(day);
      expect(Temporal.PlainDate.from(monday).dayOfWeek).toBe(1);
      expect(daysBetween(monday, day)).toBeGreaterThanOrEqual(0);
      expect(daysBetween(monday, day)).toBeLessThan(7);
    }),
  );
});

test("only dates that exist are read", () => {
  expect(parseCivilDate("2024-02-29")).toBe("2024-02-29");
  for (const text of ["2023-02-29", "2023-13-01", "2023-1-1", "", "today", null, undefined]) {
    expect(parseCivilDate(text), String(text)).toBeUndefined();
  }
});

test("the date on the wall is the zone's, not the reader's", () => {
  const newYearMs = Date.parse("2025-12-31T23:30:00Z");
  expect(civilDateAt(newYearMs, "Europe/Brussels")).toBe("2026-01-01");
  expect(civilDateAt(newYearMs, "America/Sao_Paulo")).toBe("2025-12-31");
});
