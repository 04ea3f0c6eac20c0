// What a period is compared with: the same places by the clocks on the wall, also in the nights when they are moved.
import fc from "fast-check";
import { expect, test } from "vitest";
import { addDays, wallTime, type CivilDate } from "./civil.ts";
import { comparisonsOf, counterpartOf, parseComparison, slotPlaces } from "./counterpart.ts";
import { BAR_RESOLUTION, PERIOD_UNITS, periodOf, slotsOf, spanOf, type Period } from "./period.ts";

const ZONES = ["Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"];
const placesOf = (period: Period, zone: string): string[] =>
  slotPlaces(slotsOf(spanOf(period, zone), BAR_RESOLUTION[period.unit], zone), period, zone);

test("the period before is the one that ends where this one begins", () => {
  expect(counterpartOf(periodOf("month", "2026-03-14"), "previous")).toEqual({
    unit: "month",
    start: "2026-02-01",
  });
  expect(counterpartOf(periodOf("day", "2026-03-30"), "previous")).toEqual({
    unit: "day",
    start: "2026-03-29",
  });
});

test("a year before, a month is the same month, a day the same weekday", () => {
  expect(counterpartOf(periodOf("month", "2026-03-14"), "year").start).toBe("2025-03-01");
  expect(counterpartOf(periodOf("day", "2026-11-10"), "year").start).toBe("2025-11-11");
  expect(counterpartOf(periodOf("week", "2026-11-10"), "year").start).toBe("2025-11-10");
});

test("a year has no other year before than the previous one, and an address cannot invent one", () => {
  expect(comparisonsOf("year")).toEqual(["previous"]);
  expect(parseComparison("year", "year")).toBeUndefined();
  expect(parseComparison("year", "week")).toBe("year");
  expect(parseComparison("yesterday", "day")).toBeUndefined();
  expect(parseComparison(null, "day")).toBeUndefined();
});

test("the second half past two of an autumn night has no counterpart the day before", () => {
  const autumn = placesOf(periodOf("day", "2026-10-25"), "Europe/Brussels");
  const before = placesOf(periodOf("day", "2026-10-24"), "Europe/Brussels");
  expect(autumn).toHaveLength(100);
  expect(autumn.filter((place) => !before.includes(place))).toEqual([
    "0 2:0 (2)",
    "0 2:15 (2)",
    "0 2:30 (2)",
    "0 2:45 (2)",
  ]);
});

test("the hour that a spring night lacks is the only one without a counterpart", () => {
  const spring = placesOf(periodOf("day", "2026-03-29"), "Europe/Brussels");
  const before = placesOf(periodOf("day", "2026-03-28"), "Europe/Brussels");
  expect(spring.every((place) => before.includes(place))).toBe(true);
  expect(before.filter((place) => !spring.includes(place))).toHaveLength(4);
});

test("a long month's last days stand alone beside a short one", () => {
  const march = placesOf(periodOf("month", "2026-03-01"), "Europe/Brussels");
  const february = placesOf(periodOf("month", "2026-02-01"), "Europe/Brussels");
  expect(march.slice(0, 28)).toEqual(february);
  expect(march).toHaveLength(31);
});

test("no two slots of a period have the same place, and what has the same place shows the same clock", () => {
  const dates = fc.integer({ min: 0, max: 4000 }).map((days): CivilDate => addDays("2020-01-01", days));
  const cases = fc.record({
    date: dates,
    unit: fc.constantFrom(...PERIOD_UNITS),
    zone: fc.constantFrom(...ZONES),
    comparison: fc.constantFrom("previous" as const, "year" as const),
  });
  fc.assert(
    fc.property(cases, ({ date, unit, zone, comparison }) => {
      const period = periodOf(unit, date);
      const other = counterpartOf(period, comparison);
      const places = placesOf(period, zone);
      expect(new Set(places).size).toBe(places.length);
      const others = placesOf(other, zone);
      const clocks = new Map(
        slotsOf(spanOf(other, zone), BAR_RESOLUTION[unit], zone).map((slot, index) => [
          others[index],
          wallTime(slot.fromMs, zone),
        ]),
      );
      slotsOf(spanOf(period, zone), BAR_RESOLUTION[unit], zone).forEach(({ fromMs }, index) => {
        const beside = clocks.get(places[index]);
        if (beside === undefined) return;
        const clock = wallTime(fromMs, zone);
        expect([beside.hour, beside.minute]).toEqual([clock.hour, clock.minute]);
      });
    }),
    { numRuns: 25 },
  );
});
