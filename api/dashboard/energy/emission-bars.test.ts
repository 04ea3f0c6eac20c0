// CO₂ on the bars: the API's kilograms where it has them, its yearly factor for hours, never a factor of another year.
import { expect, test } from "vitest";
import type { Emissions } from "../data/effects.ts";
import { periodOf, spanOf, slotsOf } from "../time/period.ts";
import { barsOf, type Bar } from "./bars.ts";
import { emissionBars, emissionResolution } from "./emission-bars.ts";

const ZONE = "Europe/Brussels";
/** From 28 December 2026 to 3 January 2027. */
const WEEK = spanOf(periodOf("week", "2026-12-28"), ZONE);

function barsFor(resolution: "day" | "hour", value: number | null): Bar[] {
  const points = slotsOf(WEEK, resolution, ZONE).map(({ fromMs, toMs }) => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    value,
    maxPowerW: 1,
    quality: { measured: 1, estimated: 0, missing: 0 },
  }));
  return barsOf(points, WEEK, resolution, ZONE, WEEK.toMs);
}
const factors = (years: readonly { year: number; gPerKwh: number }[]): Emissions["factors"] => ({
  version: "test",
  zone: "BE",
  method: "mean",
  source: "made up",
  years: years.map((year) => ({ zone: "BE", ...year, carriedFrom: null })),
  residual: null,
});

test("days and months are the API's own kilograms", () => {
  const bars = barsFor("day", 1000);
  const points = bars.slice(1).map(({ fromMs, toMs }, index) => ({
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    energyWh: 1000,
    location: index,
    market: null,
    coveredShare: 1,
  }));
  const shown = emissionBars(bars, "day", { points, factors: factors([]) }, ZONE);
  expect(shown.map(({ value }) => value)).toEqual([null, 0, 1, 2, 3, 4, 5]);
});

test("hours take the factor of the civil year that they lie in", () => {
  const bars = barsFor("hour", 2000);
  const both = factors([
    { year: 2026, gPerKwh: 200 },
    { year: 2027, gPerKwh: 100 },
  ]);
  const shown = emissionBars(bars, "hour", { points: [], factors: both }, ZONE);
  expect(shown.slice(0, 96).every(({ value }) => value === 0.4)).toBe(true);
  expect(shown.slice(96).every(({ value }) => value === 0.2)).toBe(true);
});

test("no energy, or no factor, is no kilogram", () => {
  const only2026 = { points: [], factors: factors([{ year: 2026, gPerKwh: 200 }]) };
  expect(
    emissionBars(barsFor("hour", null), "hour", only2026, ZONE).some(({ value }) => value !== null),
  ).toBe(false);
  expect(emissionBars(barsFor("hour", 1), "hour", only2026, ZONE).at(-1)?.value).toBeNull();
});

test("the API is asked no finer than a yearly factor is true", () => {
  expect(["quarter-hour", "hour", "day", "month"].map((one) => emissionResolution(one as "day"))).toEqual([
    "day",
    "day",
    "day",
    "month",
  ]);
});
