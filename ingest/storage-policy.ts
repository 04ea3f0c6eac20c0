// Which rows are kept: one in so many seconds, and both sides of every quarter-hour boundary.
import { QUARTER_MS, SECOND_MS } from "#devices/time";

/** How long before a boundary every row is kept, where the device's interval is shorter or unknown. */
export const BOUNDARY_MS = 10 * SECOND_MS;

/**
 * Whether a row at `observedAtMs` is kept, given the row of the same layout that was kept last.
 *
 * Kept are: everything where `keepEveryS` is 0; the first row seen in its bucket of `keepEveryS` seconds and in its
 * quarter-hour; and whatever lies within one interval of the device (at least ten seconds) before a boundary, so that
 * the last row before it and the first at or after it are there to interpolate from. So is another value of the very instant that
 * was kept: which of the two counts must not depend on which came first (I2).
 */
export function policyKeeps(
  keepEveryS: number,
  expectedIntervalS: number | null,
  lastKeptMs: number | undefined,
  observedAtMs: number,
): boolean {
  if (keepEveryS === 0 || lastKeptMs === undefined || lastKeptMs === observedAtMs) return true;
  const bucketMs = keepEveryS * SECOND_MS;
  if (Math.floor(observedAtMs / bucketMs) !== Math.floor(lastKeptMs / bucketMs)) return true;
  if (Math.floor(observedAtMs / QUARTER_MS) !== Math.floor(lastKeptMs / QUARTER_MS)) return true;
  const untilBoundaryMs = QUARTER_MS - (observedAtMs % QUARTER_MS);
  return untilBoundaryMs <= Math.max(BOUNDARY_MS, (expectedIntervalS ?? 0) * SECOND_MS);
}
