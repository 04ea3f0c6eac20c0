// Walking through a load never leaves it, and its curve has a point for each quarter-hour of what is shown.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFormats } from "../text/formats.ts";
import { durationView, gapsOf, loadCurveView, monthsView, rateMeasure } from "./chart-views.ts";
import { loadDuration } from "./load-duration.ts";
import { monthRows } from "./load-rows.ts";
import { groupLoadOf, spanOfLoad } from "./profile.ts";
import { parseZoom, stepZoom, ZOOM_UNITS, zoomAt, zoomSpan } from "./zoom.ts";

const ZONE = "Europe/Brussels";
const QUARTERS = 35_040;
const load = groupLoadOf({
  from: "2025-08-31T22:00:00.000Z",
  timezone: ZONE,
  unit: "Wh",
  quarters: Array.from({ length: QUARTERS }, (_, slot) =>
    slot >= 96 && slot < 100 ? null : 5000 + (slot % 700),
  ),
});
const formats = createFormats("en-GB");

test("every step stays within the load, and steps cover it without hole or overlap", () => {
  for (const unit of ["month", "week", "day"] as const) {
    let zoom = zoomAt(unit, "2000-01-01", load);
    let reachedMs = spanOfLoad(load).fromMs;
    for (;;) {
      const { fromMs, toMs } = zoomSpan(zoom, load);
      expect(fromMs).toBe(reachedMs);
      reachedMs = toMs;
      const next = stepZoom(zoom, 1, load);
      if (next === undefined) break;
      expect(stepZoom(next, -1, load)).toEqual(zoom);
      zoom = next;
    }
    expect(reachedMs).toBe(spanOfLoad(load).toMs);
  }
  expect(stepZoom(zoomAt("year", "2025-09-01", load), 1, load)).toBeUndefined();
});

test("any address shows a part of the load", () => {
  const text = fc.option(fc.constantFrom("2025-08-31", "2026-03-29", "2030-01-01", "2026-02-31", "x"));
  fc.assert(
    fc.property(fc.constantFrom(...ZOOM_UNITS, "fortnight", null), text, (unit, date) => {
      const { fromMs, toMs } = zoomSpan(parseZoom(unit, date, load), load);
      expect(toMs).toBeGreaterThan(fromMs);
      expect(fromMs).toBeGreaterThanOrEqual(spanOfLoad(load).fromMs);
      expect(toMs).toBeLessThanOrEqual(spanOfLoad(load).toMs);
    }),
  );
});

test("the day of the clocks has 100 points, the year all of them, and a gap is hatched where it is", () => {
  const view = (unit: "year" | "day", date: "2025-10-26" | "2025-09-02") => {
    const zoom = zoomAt(unit, date, load);
    return loadCurveView(load, zoomSpan(zoom, load), unit, formats);
  };
  expect(view("day", "2025-10-26").values).toHaveLength(100);
  expect(view("year", "2025-10-26").values).toHaveLength(QUARTERS);
  expect(view("day", "2025-09-02").missing).toEqual([{ first: 0, last: 3, share: 1 }]);
  expect(view("day", "2025-09-02").values[0]).toBeNull();
  expect(view("day", "2025-09-02").values[4]).toBe((4 * 5100) / 1000);
  expect(
    view("year", "2025-10-26")
      .ticks(false)
      .map(({ label }) => label),
  ).toHaveLength(12);
});

test("gaps are runs, and every missing quarter-hour is in one", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 80 }), (known) => {
      const gaps = gapsOf(Float64Array.from(known, (has) => (has ? 1 : Number.NaN)));
      const covered = gaps.reduce((sum, { first, last }) => sum + last - first + 1, 0);
      expect(covered).toBe(known.filter((has) => !has).length);
      gaps
        .slice(1)
        .forEach(({ first }, index) => expect(first).toBeGreaterThan((gaps[index]?.last ?? 0) + 1));
    }),
  );
});

test("power and volume have their own units, never those of energy", () => {
  expect(loadCurveView(load, spanOfLoad(load), "year", formats).axisUnit).toBe("kW");
  expect(durationView(loadDuration(load), "Wh", formats).axisUnit).toBe("kW");
  expect(monthsView([4e6], monthRows(load).slice(0, 1), load, formats).axisUnit).toBe("kWh");
  expect(rateMeasure(formats, 500, "Wh").unit).toBe("W");
  expect(rateMeasure(formats, 500, "l").unit).toBe("l/h");
  expect(rateMeasure(formats, 5000, "l").unit).toBe("m³/h");
});
