// What the group draws on an average hour of the week, by the clocks of the tender's zone.
import { utcMidnightMs, wallTime } from "../time/civil.ts";
import { daysOf, powerOf, QUARTERS_PER_HOUR, slotSpan, type GroupLoad } from "./profile.ts";

export const WEEKDAYS = 7;
export const HOURS = 24;

export type WeekHours = {
  /** Mean power of each cell, `weekday × 24 + hour` with Monday as 0; NaN where nothing is known. W, or l/h of a volume. */
  readonly means: Float64Array;
  /** Quarter-hours behind each mean. */
  readonly counts: Uint32Array;
};

/**
 * The hour that the clocks show twice in autumn counts twice for its cell, the one that they skip in spring not at all:
 * each mean is over the quarter-hours that there were.
 */
export function weekHours(load: GroupLoad): WeekHours {
  const sums = new Float64Array(WEEKDAYS * HOURS);
  const counts = new Uint32Array(WEEKDAYS * HOURS);
  for (const { date, first, end } of daysOf(load)) {
    const weekday = (new Date(utcMidnightMs(date)).getUTCDay() + 6) % WEEKDAYS;
    const whole = end - first === HOURS * QUARTERS_PER_HOUR;
    for (let slot = first; slot < end; slot += 1) {
      const energy = load.energies[slot] ?? Number.NaN;
      if (Number.isNaN(energy)) continue;
      const hour = whole
        ? Math.floor((slot - first) / QUARTERS_PER_HOUR)
        : wallTime(slotSpan(load, slot).fromMs, load.timezone).hour;
      const cell = weekday * HOURS + hour;
      sums[cell] = (sums[cell] ?? 0) + energy;
      counts[cell] = (counts[cell] ?? 0) + 1;
    }
  }
  const means = sums.map((sum, cell) => powerOf(sum / (counts[cell] ?? 0)));
  return { means, counts };
}
