// The period picker: civil steps, both nights of the clocks, and grids without hole or overlap.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { CivilDate } from "./civil.ts";
import {
  changeUnit,
  drillDown,
  parsePeriod,
  periodEnd,
  periodOf,
  PERIOD_UNITS,
  slotsOf,
  spanOf,
  stepPeriod,
  type Resolution,
} from "./period.ts";

const BRUSSELS = "Europe/Brussels";
const unit = fc.constantFrom(...PERIOD_UNITS);
const zone = fc.constantFrom(BRUSSELS, "Europe/Lisbon", "Australia/Adelaide", "America/Havana", "UTC");
const date = fc
  .integer({ min: 14_610, max: 21_900 })
  .map((days) => new Date(days * 86_400_000).toISOString().slice(0, 10) as CivilDate);

test("the days of the clocks have 92 and 100 quarter-hours", () => {
  const quarters = (day: CivilDate): number =>
    slotsOf(spanOf(periodOf("day", day), BRUSSELS), "quarter-hour", BRUSSELS).length;
  expect(quarters("2026-03-29")).toBe(92);
  expect(quarters("2026-10-25")).toBe(100);
  expect(quarters("2026-06-01")).toBe(96);
});

test("stepping forth and back returns, and neighbours touch without overlap", () => {
  fc.assert(
    fc.property(unit, date, zone, fc.integer({ min: 1, max: 20 }), (kind, day, where, count) => {
      const period = periodOf(kind, day);
      expect(stepPeriod(stepPeriod(period, count), -count)).toEqual(period);
      expect(spanOf(stepPeriod(period, 1), where).fromMs).toBe(spanOf(period, where).toMs);
      expect(stepPeriod(period, 1).start).toBe(periodEnd(period));
    }),
  );
});

test("a grid covers its span without hole or overlap", () => {
  const resolution = fc.constantFrom<Resolution>("quarter-hour", "hour", "day", "month");
  fc.assert(
    fc.property(fc.constantFrom("day", "week", "month"), date, zone, resolution, (kind, day, where, size) => {
      const span = spanOf(periodOf(kind, day), where);
      const slots = slotsOf(span, size, where);
      expect(slots[0]?.fromMs).toBe(span.fromMs);
      expect(slots.at(-1)?.toMs).toBe(span.toMs);
      slots.slice(1).forEach((slot, index) => expect(slot.fromMs).toBe(slots[index]?.toMs));
      expect(slots.every((slot) => slot.toMs > slot.fromMs)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("a month of days and a year of months are civil", () => {
  const march = slotsOf(spanOf(periodOf("month", "2026-03-15"), BRUSSELS), "day", BRUSSELS);
  expect(march).toHaveLength(31);
  expect(march[28]).toEqual({
    fromMs: Date.parse("2026-03-28T23:00:00Z"),
    toMs: Date.parse("2026-03-29T22:00:00Z"),
  });
  expect(slotsOf(spanOf(periodOf("year", "2026-03-15"), BRUSSELS), "month", BRUSSELS)).toHaveLength(12);
});

test("hours begin on the local full hour, also in zones half an hour off", () => {
  const day = spanOf(periodOf("day", "2026-06-01"), "Australia/Adelaide");
  const hours = slotsOf(day, "hour", "Australia/Adelaide");
  expect(hours).toHaveLength(24);
  expect(hours[0]?.toMs).toBe(day.fromMs + 3_600_000);
});

test("changing the unit keeps the reader where he looked", () => {
  const today = "2026-05-20";
  expect(changeUnit(periodOf("month", "2026-05-01"), "day", today).start).toBe("2026-05-20");
  expect(changeUnit(periodOf("month", "2025-05-01"), "day", today).start).toBe("2025-05-01");
  expect(changeUnit(periodOf("day", "2025-05-17"), "week", today).start).toBe("2025-05-12");
});

test("a bar opens the next finer period, a quarter-hour opens nothing", () => {
  const instantMs = Date.parse("2026-03-31T22:30:00Z");
  expect(drillDown(periodOf("year", "2026-01-01"), instantMs, BRUSSELS)).toEqual({
    unit: "month",
    start: "2026-04-01",
  });
  expect(drillDown(periodOf("week", "2026-03-30"), instantMs, BRUSSELS)?.start).toBe("2026-04-01");
  expect(drillDown(periodOf("day", "2026-04-01"), instantMs, BRUSSELS)).toBeUndefined();
});

test("an address that says nonsense shows today", () => {
  expect(parsePeriod("fortnight", "2026-02-31", "2026-05-20")).toEqual({ unit: "day", start: "2026-05-20" });
  expect(parsePeriod("month", "2026-02-14", "2026-05-20")).toEqual({ unit: "month", start: "2026-02-01" });
});
