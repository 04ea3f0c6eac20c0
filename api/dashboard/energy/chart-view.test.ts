// What the charts are asked to draw: one scale, ticks on civil boundaries, gaps as gaps.
import { expect, test } from "vitest";
import { createFormats } from "../text/formats.ts";
import {
  BAR_RESOLUTION,
  periodOf,
  slotsOf,
  spanOf,
  type PeriodUnit,
  type Resolution,
} from "../time/period.ts";
import type { CivilDate } from "../time/civil.ts";
import type { Bar } from "./bars.ts";
import { barsView, curveView } from "./chart-view.ts";

const ZONE = "Europe/Brussels";
const formats = createFormats("en-GB");

function barsFor(
  unit: PeriodUnit,
  date: CivilDate,
  resolution: Resolution,
  value: (index: number) => number | null,
): Bar[] {
  return slotsOf(spanOf(periodOf(unit, date), ZONE), resolution, ZONE).map((slot, index) => {
    const amount = value(index);
    const quality =
      amount === null ? { measured: 0, estimated: 0, missing: 1 } : { measured: 1, estimated: 0, missing: 0 };
    return { ...slot, phase: "past", value: amount, maxPowerW: amount === null ? null : 4 * amount, quality };
  });
}

const labelsOf = (view: ReturnType<typeof barsView>, narrow = false): string[] =>
  view.ticks(narrow).map(({ label }) => label);

test("all bars share the unit of the largest, and a gap stays a gap", () => {
  const bars = barsFor("day", "2026-06-01", "quarter-hour", (index) => (index === 3 ? null : index * 20));
  const view = barsView(bars, "Wh", "day", ZONE, formats);
  expect(view.axisUnit).toBe("kWh");
  expect(view.values[1]).toBeCloseTo(0.02);
  expect(view.values[3]).toBeNull();
  expect(view.missing).toEqual([{ first: 3, last: 3, share: 1 }]);
});

test("ticks stand on full hours, midnights and first days, on the days of the clocks too", () => {
  const view = (unit: PeriodUnit, date: CivilDate) =>
    barsView(
      barsFor(unit, date, BAR_RESOLUTION[unit], () => 100),
      "Wh",
      unit,
      ZONE,
      formats,
    );
  expect(labelsOf(view("day", "2026-10-25"))).toEqual([
    "00:00",
    "03:00",
    "06:00",
    "09:00",
    "12:00",
    "15:00",
    "18:00",
    "21:00",
  ]);
  expect(view("day", "2026-10-25").ticks(false)[1]?.index).toBe(16);
  expect(view("day", "2026-03-29").ticks(false)[1]?.index).toBe(8);
  expect(labelsOf(view("day", "2026-06-01"), true)).toEqual(["00:00", "06:00", "12:00", "18:00"]);
  expect(labelsOf(view("week", "2026-03-23"))).toHaveLength(7);
  expect(view("week", "2026-03-23").values).toHaveLength(167);
  expect(labelsOf(view("month", "2026-02-01"), true)).toEqual(["1", "6", "11", "16", "21", "26"]);
  expect(labelsOf(view("year", "2026-01-01"))).toHaveLength(12);
});

test("the curve of a year is power, with a tick a month", () => {
  const quarters = barsFor("year", "2026-01-01", "quarter-hour", () => 500);
  const view = curveView(quarters, "year", ZONE, formats);
  expect(view.values).toHaveLength(35_040);
  expect(view.values[0]).toBe(2);
  expect(view.axisUnit).toBe("kW");
  expect(labelsOf(view)).toHaveLength(12);
});

test("a share of estimates counts among what is known, not among what is missing", () => {
  const [bar] = barsFor("day", "2026-06-01", "quarter-hour", () => 100);
  if (bar === undefined) throw new Error("a day has quarter-hours");
  const half = { ...bar, quality: { measured: 0.25, estimated: 0.25, missing: 0.5 } };
  expect(barsView([half], "Wh", "day", ZONE, formats).estimated).toEqual([0.5]);
});

test("a ghost has the scale of the bars before it, and raises it where it is taller", () => {
  const [bar] = barsFor("day", "2026-06-01", "quarter-hour", () => 800);
  if (bar === undefined) throw new Error("a day has quarter-hours");
  const view = barsView([bar, bar], "Wh", "day", ZONE, formats, [1600, null]);
  expect([view.axisUnit, view.values, view.ghost]).toEqual(["kWh", [0.8, 0.8], [1.6, null]]);
  expect(barsView([bar], "Wh", "day", ZONE, formats).ghost).toEqual([]);
});

test("money has its sign on the axis and is never scaled", () => {
  const [bar] = barsFor("day", "2026-06-01", "quarter-hour", () => 0.25);
  if (bar === undefined) throw new Error("a day has quarter-hours");
  const view = barsView([bar], { currency: "EUR" }, "day", ZONE, formats);
  expect([view.axisUnit, view.values]).toEqual(["€", [0.25]]);
});
