// Kilograms of CO₂ on the grid of the energy bars: the API's where it has them, its yearly factor for anything finer.
import type { Emissions } from "../data/effects.ts";
import { civilDateAt } from "../time/civil.ts";
import type { Resolution } from "../time/period.ts";
import type { Bar } from "./bars.ts";

const G_PER_KG = 1000;
const WH_PER_KWH = 1000;

/** The resolution at which the API is asked; quarter-hours and hours are finer than a yearly factor is true. */
export function emissionResolution(resolution: Resolution): "day" | "month" {
  return resolution === "month" ? "month" : "day";
}

/** Location-based, in kg. The shares of the bars stay those of their energy. */
export function emissionBars(
  bars: readonly Bar[],
  resolution: Resolution,
  { points, factors }: Pick<Emissions, "points" | "factors">,
  zone: string,
): Bar[] {
  if (resolution === "day" || resolution === "month") {
    const locations = new Map(points.map(({ from, location }) => [Date.parse(from), location]));
    return bars.map((bar) => ({ ...bar, value: locations.get(bar.fromMs) ?? null, maxPowerW: null }));
  }
  const gPerKwh = new Map(factors.years.map((year) => [year.year, year.gPerKwh]));
  return bars.map((bar) => {
    const factor = gPerKwh.get(Number(civilDateAt(bar.fromMs, zone).slice(0, 4)));
    const known = bar.value !== null && factor !== undefined;
    return {
      ...bar,
      value: known ? ((bar.value / WH_PER_KWH) * factor) / G_PER_KG : null,
      maxPowerW: null,
    };
  });
}
