// The mean temperature outside of each day, from a reading an hour.
import { DAY_MS, HOUR_MS } from "#devices/time";
import type { Decimal } from "#devices/decimal";

/** Of one register; several may speak for an hour. */
export type HourReading = { readonly atMs: number; readonly value: Decimal; readonly unit: string };

/** A day of which fewer hours are known has no mean: half a day is the night, or the day. */
export const HOURS_LEAST = 18;
const ZERO_CELSIUS_K = 273.15;

/**
 * °C by UTC day, counted from 1970: the mean of its hours, each the mean of what was read in it. UTC days stand for civil ones: an
 * hour or two of another day moves a mean by some tenths.
 */
export function outsideDays(readings: readonly HourReading[]): ReadonlyMap<number, number> {
  const days = new Map<number, number>();
  const byDay = Map.groupBy(readings, ({ atMs }) => Math.floor(atMs / DAY_MS));
  for (const [day, own] of byDay) {
    const hours = [...Map.groupBy(own, ({ atMs }) => Math.floor(atMs / HOUR_MS)).values()];
    if (hours.length < HOURS_LEAST) continue;
    days.set(day, meanOf(hours.map((hour) => meanOf(hour.map(celsius)))));
  }
  return days;
}

function celsius({ value, unit }: HourReading): number {
  return Number(value) - (unit === "K" ? ZERO_CELSIUS_K : 0);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
