// Wall-clock time against Temporal, both nights of the change included.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { CLOCK_SLOTS, createCalendar } from "./calendar.ts";

const brussels = createCalendar("Europe/Brussels");

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
      expect(wall.weekend).toBe(truth.dayOfWeek >= 6);
      expect(wall.day).toBe(truth.toPlainDate().since(Temporal.PlainDate.from("1970-01-01")).days);
    }),
  );
});

test("the autumn night passes two o'clock twice, the spring night never", () => {
  const passes = (from: number) => {
    const slots = Array.from({ length: CLOCK_SLOTS + 8 }, (_, index) => brussels(from / QUARTER_MS + index));
    return slots.filter(({ day, slot }) => slot === 8 && day === slots[16]?.day).length;
  };
  expect(passes(Date.UTC(2026, 9, 24, 22))).toBe(2);
  expect(passes(Date.UTC(2026, 2, 28, 23))).toBe(0);
});
