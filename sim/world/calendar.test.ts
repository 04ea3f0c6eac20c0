// Wall-clock time against Temporal, both nights of the change included.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { CLOCK_SLOTS, createCalendar } from "./calendar.ts";

const brussels = createCalendar("Europe/Brussels", "BE");

test("slot, civil day and weekend are those of the zone", () => {
  const quarters = fc.integer({
    min: Date.UTC(2016, 0, 1) / QUARTER_MS,
    max: Date.UTC(2049, 0, 1) / QUARTER_MS,
  });
  fc.assert(
    fc.property(quarters, (quarter) => {
      const wall = brussels(quarter);
      const truth = Temporal.Instant.fromEpochMilliseconds(quarter * QUARTER_MS).toZonedDateTimeISO(
        "Europe/Brussels",
      );
      expect(wall.slot).toBe(truth.hour * 4 + truth.minute / 15);
      expect(wall.civil.weekend).toBe(truth.dayOfWeek >= 6);
      expect(wall.civil.day).toBe(truth.toPlainDate().since(Temporal.PlainDate.from("1970-01-01")).days);
    }),
  );
});

test("the autumn night passes two o'clock twice, the spring night never", () => {
  const passes = (from: number) => {
    const slots = Array.from({ length: CLOCK_SLOTS + 8 }, (_, index) => brussels(from / QUARTER_MS + index));
    return slots.filter(({ civil, slot }) => slot === 8 && civil.day === slots[16]?.civil.day).length;
  };
  expect(passes(Date.UTC(2026, 9, 24, 22))).toBe(2);
  expect(passes(Date.UTC(2026, 2, 28, 23))).toBe(0);
});

test("a holiday of the country is lived as a Sunday, and still has a weekday's tariff", () => {
  const kindOn = (date: string, country: "BE" | "FR" | "IT") => {
    const quarter = Date.parse(`${date}T12:00:00Z`) / QUARTER_MS;
    const { kind, weekend } = createCalendar("Europe/Brussels", country)(quarter).civil;
    return { kind, weekend };
  };
  // A Tuesday.
  expect(kindOn("2026-07-21", "BE")).toEqual({ kind: "sunday", weekend: false });
  expect(kindOn("2026-07-21", "FR")).toEqual({ kind: "working-day", weekend: false });
  expect(kindOn("2026-07-18", "IT")).toEqual({ kind: "saturday", weekend: true });
});

test("people leave for whole weeks, from Saturday to Friday, and more of them in the holidays", () => {
  const awayOn = (date: string) => brussels(Date.parse(`${date}T12:00:00Z`) / QUARTER_MS).civil.away;
  const week = Array.from({ length: 7 }, (_, day) => awayOn(`2026-07-${String(11 + day)}`));
  expect(new Set(week).size).toBe(1);
  expect(awayOn("2026-07-15")).toBeGreaterThan(awayOn("2026-06-10"));
  expect(awayOn("2026-04-07")).toBeGreaterThan(awayOn("2026-03-10"));
});
