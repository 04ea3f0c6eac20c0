// Measured civil days from packed statuses: days of 92 and 100 quarter-hours, several sources, and plain counting beside it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTER_MS, QUARTERS_PER_UTC_DAY, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { dossierPeriod } from "./dossier-period.ts";
import {
  civilDaysOf,
  civilDaysOfLines,
  measuredDatesOf,
  measuredDaysOf,
  mergedStatuses,
  yearOfPeriod,
  type StatusSource,
} from "./measured-days.ts";

const ZONE = "Europe/Brussels";
const dayOf = (date: string) => utcDayNumber(Date.parse(`${date}T00:00:00Z`));

function source(days: readonly number[], change: Partial<StatusSource> = {}, code = 4): StatusSource {
  return {
    imported: false,
    fromMs: -Infinity,
    toMs: Infinity,
    days,
    statuses: new Uint8Array(days.length * QUARTERS_PER_UTC_DAY).fill(code),
    ...change,
  };
}

function figures(sources: readonly StatusSource[], timezone = ZONE) {
  const line = mergedStatuses(sources);
  if (line === undefined) return undefined;
  return measuredDaysOf(measuredDatesOf(line, civilDaysOfLines([line], timezone)));
}

test("civil days lie across two UTC days, and those at the ends are not whole", () => {
  const days = [dayOf("2026-03-27"), dayOf("2026-03-28"), dayOf("2026-03-29"), dayOf("2026-03-30")];
  expect(
    civilDaysOf((days[1] ?? 0) * DAY_MS, (days[3] ?? 0) * DAY_MS, ZONE).map((day) => day.end - day.first),
  ).toEqual([96, 92, 96]);
  expect(figures([source(days)])).toEqual({ measuredDays: 3, lastMeasuredDay: "2026-03-30" });
  expect(figures([source(days)], "UTC")).toEqual({ measuredDays: 4, lastMeasuredDay: "2026-03-30" });
  expect(figures([])).toBeUndefined();
});

test("one missing or estimated quarter-hour unmakes its day, an interpolated one does not", () => {
  const days = Array.from({ length: 5 }, (_, index) => dayOf("2026-06-01") + index);
  const broken = (code: number) => {
    const one = source(days);
    one.statuses[2 * QUARTERS_PER_UTC_DAY + 50] = code;
    return figures([one]);
  };
  expect(broken(QuarterCode.interpolated)).toMatchObject({ measuredDays: 4 });
  expect(broken(QuarterCode.substituted)).toMatchObject({ measuredDays: 3 });
  expect(broken(QuarterCode.missing)).toMatchObject({ measuredDays: 3 });
});

test("the worst register counts while it is main, and imported history fills what is worse", () => {
  const days = [0, 1, 2].map((index) => dayOf("2026-06-01") + index);
  const second = source(days.slice(0, 2));
  expect(figures([source(days), second])).toMatchObject({ lastMeasuredDay: "2026-06-02", measuredDays: 1 });
  const swapped = { ...second, toMs: dayOf("2026-06-03") * DAY_MS };
  expect(figures([source(days), swapped])).toMatchObject({ lastMeasuredDay: "2026-06-03", measuredDays: 2 });
  const imported = source(days.slice(2), { imported: true });
  expect(figures([second, imported])).toMatchObject({ lastMeasuredDay: "2026-06-03", measuredDays: 2 });
});

test("no more than the last 365 count, whatever came before", () => {
  const days = Array.from({ length: 800 }, (_, index) => dayOf("2024-06-01") + index);
  expect(figures([source(days)])).toMatchObject({ measuredDays: 365 });
});

test("against plain counting, day by day, on random statuses in four zones", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: dayOf("2026-03-20"), max: dayOf("2026-11-10") }),
      fc.array(fc.tuple(fc.nat(12), fc.nat(QUARTERS_PER_UTC_DAY - 1), fc.nat(5)), { maxLength: 12 }),
      fc.constantFrom("Europe/Brussels", "UTC", "Australia/Adelaide", "America/Santiago"),
      (firstDay, holes, timezone) => {
        const one = source(Array.from({ length: 13 }, (_, index) => firstDay + index));
        for (const [day, slot, code] of holes) one.statuses[day * QUARTERS_PER_UTC_DAY + slot] = code;
        const byDate = new Map<string, { slots: number; good: number }>();
        for (const [slot, code] of one.statuses.entries()) {
          const at = Temporal.Instant.fromEpochMilliseconds(firstDay * DAY_MS + slot * QUARTER_MS);
          const date = at.toZonedDateTimeISO(timezone).toPlainDate().toString();
          const day = byDate.get(date) ?? { slots: 0, good: 0 };
          byDate.set(date, { slots: day.slots + 1, good: day.good + (code >= 3 ? 1 : 0) });
        }
        const measured = [...byDate].filter(([date, { slots, good }]) => {
          const start = Temporal.PlainDate.from(date).toZonedDateTime(timezone);
          return good === slots && slots === start.hoursInDay * 4;
        });
        expect(figures([one], timezone)).toEqual({
          measuredDays: measured.length,
          lastMeasuredDay: measured.map(([date]) => date).at(-1) ?? null,
        });
      },
    ),
    { numRuns: 60 },
  );
});

test("a dossier's year ends with the last month that all cover, and its window with 365 days of it", () => {
  const period = dossierPeriod(["2026-11-18", "2026-10-31", "2027-02-01"], ZONE);
  expect(period).toEqual({ from: "2025-11-01", to: "2026-11-01", timezone: ZONE });
  expect(dossierPeriod(["2026-10-30"], ZONE)).toMatchObject({ from: "2025-10-01", to: "2026-10-01" });
  expect(dossierPeriod(["2016-12-31"], ZONE)).toMatchObject({ from: "2016-01-01", to: "2017-01-01" });
  expect(() => dossierPeriod([], ZONE)).toThrow(RangeError);
  expect(yearOfPeriod({ from: "2016-01-01", to: "2017-01-01" })).toEqual({
    from: "2016-01-02",
    to: "2017-01-01",
  });
  expect(yearOfPeriod(period)).toEqual({ from: "2025-11-01", to: "2026-11-01" });
});
