// When people are up: the daily shape of everything that somebody switches on, with mean 1 over a day.
import { CLOCK_SLOTS, type WallTime } from "./calendar.ts";

const bump = (hour: number, at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2) / 2);

const weekday = shape(
  (hour) => 0.1 + 0.9 * bump(hour, 7.6, 0.9) + 0.3 * bump(hour, 12.6, 1.4) + 1.15 * bump(hour, 19.4, 1.8),
);
const weekend = shape(
  (hour) => 0.1 + 0.7 * bump(hour, 10, 1.6) + 0.5 * bump(hour, 13.2, 1.6) + bump(hour, 19.2, 2.1),
);

/** Activity against the day's mean: two peaks on a weekday, a late and longer morning at the weekend. */
export function activity(wall: WallTime): number {
  return (wall.weekend ? weekend : weekday)[wall.slot] ?? 1;
}

/** 1 in the depth of winter, -1 at midsummer. */
export function winter(wall: WallTime): number {
  return Math.cos(2 * Math.PI * (wall.yearShare - 0.03));
}

function shape(curve: (hour: number) => number): Float64Array {
  const raw = Float64Array.from({ length: CLOCK_SLOTS }, (_, slot) =>
    curve(((slot + 0.5) / CLOCK_SLOTS) * 24),
  );
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  return raw.map((value) => value / mean);
}
