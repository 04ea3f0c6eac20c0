// Instants, quarter-hours and UTC days; the one place that asks the machine for the time.

/** The clock as a parameter: tests and the simulator bring their own. */
export type TimeSource = { readonly now: () => number };

export const systemTime: TimeSource = { now: () => Date.now() };

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const QUARTER_MS = 15 * MINUTE_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/**
 * Whether a period is over that began at `sinceMs`. A clock that was set back before its beginning ends it too: what is
 * due every minute must not wait for the hour to come again.
 */
export function hasPassed(periodMs: number, sinceMs: number, nowMs: number): boolean {
  return nowMs < sinceMs || nowMs - sinceMs >= periodMs;
}

/** A UTC day has this many quarter-hours; a civil day may have 92 or 100. */
export const QUARTERS_PER_UTC_DAY = 96;

/** Readings older than this are refused: a clock that was never set. */
export const OLDEST_INSTANT_MS = Date.UTC(2000, 0, 1);

/** The UTC day of an instant, `YYYY-MM-DD`. */
export function utcDay(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 10);
}

/** The first instant of a UTC day `YYYY-MM-DD`, in milliseconds since 1970. */
export function utcDayStartMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** The number of whole UTC days since 1970: cheap to compare and to count. */
export function utcDayNumber(instantMs: number): number {
  return Math.floor(instantMs / DAY_MS);
}

const RFC3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Milliseconds since 1970 of an RFC 3339 instant, or `undefined` for any other text, 31 February included. */
export function parseInstant(text: string): number | undefined {
  if (!RFC3339.test(text)) return undefined;
  try {
    return Temporal.Instant.from(text).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
