// Which UTC days of a register's profile a reading can change: the one rule that the journal's writer and reader share.
import { DAY_MS, SECOND_MS } from "#devices/time";

/**
 * The days, counted from 1970 (UTC), both inclusive, whose quarter-hours depend on a reading at this instant: its own, and
 * a neighbour whose edge is near. A reading bridges silences of up to `interpolateMaxS`, and bears witness about a step
 * that far beyond (analytics/profile): twice that on either side. What it changes further away, the worker follows up.
 */
export function staleDays(
  observedAtMs: number,
  interpolateMaxS: number,
): { readonly fromDay: number; readonly toDay: number } {
  const reachMs = 2 * interpolateMaxS * SECOND_MS;
  return {
    // At midnight itself the reading ends the last quarter-hour of the day before.
    fromDay: Math.ceil((observedAtMs - reachMs) / DAY_MS) - 1,
    toDay: Math.floor((observedAtMs + reachMs) / DAY_MS),
  };
}
