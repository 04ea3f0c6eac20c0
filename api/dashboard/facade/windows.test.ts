// The façade: one window per quarter-hour, also on the nights of the clocks.
import { expect, test } from "vitest";
import { barsOf, type LoadPoint } from "../energy/bars.ts";
import type { CivilDate } from "../time/civil.ts";
import { periodOf, spanOf } from "../time/period.ts";
import { columnsOf, roofOf, ROOFS, skyAt, windowsOf } from "./windows.ts";

const ZONE = "Europe/Brussels";

function facadeOf(day: CivilDate, values: readonly (number | null)[]) {
  const span = spanOf(periodOf("day", day), ZONE);
  const points: LoadPoint[] = values.map((value, index) => ({
    from: new Date(span.fromMs + index * 900_000).toISOString(),
    to: new Date(span.fromMs + (index + 1) * 900_000).toISOString(),
    value,
    maxPowerW: null,
    quality: { measured: 0, estimated: 0, missing: 0, [value === null ? "missing" : "measured"]: 1 },
  }));
  return windowsOf(barsOf(points, span, "quarter-hour", ZONE, span.fromMs + values.length * 900_000));
}

test("a day has 24 columns of four, the nights of the clocks 23 and 25", () => {
  expect(columnsOf(facadeOf("2026-06-01", []))).toBe(24);
  expect(columnsOf(facadeOf("2026-03-29", []))).toBe(23);
  expect(columnsOf(facadeOf("2026-10-25", []))).toBe(25);
  expect(facadeOf("2026-06-01", []).at(-1)).toMatchObject({ column: 23, floor: 3 });
});

test("the strongest quarter-hour shines brightest, a missing one is shut, the rest of the day is dark", () => {
  const windows = facadeOf("2026-06-01", [50, null, 100, 0]);
  expect(windows.slice(0, 5).map(({ state, level }) => [state, level])).toEqual([
    ["lit", 0.5],
    ["shut", 0],
    ["lit", 1],
    ["lit", 0],
    ["dark", 0],
  ]);
});

test("a building keeps its roof, and every roof is used", () => {
  const roofs = Array.from({ length: 40 }, (_, id) => roofOf(String(id)));
  expect(new Set(roofs).size).toBe(ROOFS.length);
  expect(roofOf("17")).toBe(roofOf("17"));
});

test("the sky follows the building's hour", () => {
  expect([3, 7, 13, 20, 23].map(skyAt)).toEqual(["night", "dawn", "day", "dusk", "night"]);
});
