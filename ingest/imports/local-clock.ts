// Wall times of a zone as instants, a civil day at a time: exports write millions of them, and only two days a year are special.

/** A civil day: its midnight as if it were UTC, and how far the zone is ahead of UTC in it. */
export type CivilDay = {
  readonly midnightWallMs: number;
  readonly offsetMs: number;
  /** On a day on which the clock is changed: from which instant on which offset holds. */
  readonly change: { readonly atMs: number; readonly offsetMs: number } | undefined;
};

export type LocalClock = {
  /** `undefined` for 31 February. */
  readonly dayOf: (year: number, month: number, day: number) => CivilDay | undefined;
};

const DAYS_MAX = 20_000;

export function createLocalClock(timezone: string): LocalClock {
  const days = new Map<number, CivilDay | undefined>();
  return {
    dayOf: (year, month, day) => {
      const key = year * 10_000 + month * 100 + day;
      if (days.has(key)) return days.get(key);
      if (days.size >= DAYS_MAX) days.clear();
      const found = civilDay(year, month, day, timezone);
      days.set(key, found);
      return found;
    },
  };
}

function civilDay(year: number, month: number, day: number, timezone: string): CivilDay | undefined {
  let start: Temporal.ZonedDateTime;
  try {
    start = Temporal.PlainDate.from({ year, month, day }, { overflow: "reject" }).toZonedDateTime(timezone);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const end = start.add({ days: 1 });
  const offsetMs = start.offsetNanoseconds / 1e6;
  const laterMs = end.offsetNanoseconds / 1e6;
  const next = laterMs === offsetMs ? undefined : start.getTimeZoneTransition("next");
  return {
    midnightWallMs: Date.UTC(year, month - 1, day),
    offsetMs,
    change: next ? { atMs: next.epochMilliseconds, offsetMs: laterMs } : undefined,
  };
}

/** One clock a zone, shared by all files that are read: a civil day is what it is. */
export function clocksByZone(): (timezone: string) => LocalClock {
  const clocks = new Map<string, LocalClock>();
  return (timezone) => {
    const known = clocks.get(timezone) ?? createLocalClock(timezone);
    clocks.set(timezone, known);
    return known;
  };
}

/**
 * The instants at which the clock shows this wall time: none in the hour that spring leaves out, two in the one that autumn
 * repeats, the earlier one first.
 *
 * @param wallMs From the day's midnight on; may be the midnight at its end.
 */
export function instantsAt(day: CivilDay, wallMs: number): readonly number[] {
  const atMs = day.midnightWallMs + wallMs - day.offsetMs;
  const { change } = day;
  if (change === undefined) return [atMs];
  const afterMs = day.midnightWallMs + wallMs - change.offsetMs;
  const both = [atMs < change.atMs ? atMs : undefined, afterMs >= change.atMs ? afterMs : undefined];
  return both.filter((one) => one !== undefined);
}
