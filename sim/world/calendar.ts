// Wall-clock time in a zone for every quarter-hour: what people do follows it, what the sun does not.
import { DAY_MS, QUARTER_MS } from "#devices/time";

/** Quarter-hours on a clock's face. A civil day may pass 92 or 100 of them; the face has always these. */
export const CLOCK_SLOTS = DAY_MS / QUARTER_MS;

export type WallTime = {
  /** Civil days since 1970-01-01. */
  readonly day: number;
  /** Quarter-hour on the clock's face, 0 at midnight. */
  readonly slot: number;
  readonly weekend: boolean;
  /** 0 at New Year, towards 1 at the next. */
  readonly yearShare: number;
};

/** `quarter` counts quarter-hours since 1970 UTC. */
export type Calendar = (quarter: number) => WallTime;

const DAYS_PER_YEAR = 365.2425;
const FIRST_YEAR = 2015;
const LAST_YEAR = 2050;

/** The calendar of an IANA zone whose offsets are whole quarter-hours. */
export function createCalendar(timezone: string): Calendar {
  const offsets = offsetsOf(timezone);
  return (quarter) => {
    const wall = quarter + offsetAt(offsets, quarter);
    const day = Math.floor(wall / CLOCK_SLOTS);
    // 1970-01-01 was a Thursday.
    const weekday = (((day + 4) % 7) + 7) % 7;
    return {
      day,
      slot: wall - day * CLOCK_SLOTS,
      weekend: weekday === 0 || weekday === 6,
      yearShare: (day / DAYS_PER_YEAR) % 1,
    };
  };
}

type Offset = { readonly from: number; readonly quarters: number };

function offsetsOf(timezone: string): Offset[] {
  const start = Temporal.Instant.from(`${FIRST_YEAR}-01-01T00:00:00Z`).toZonedDateTimeISO(timezone);
  const found: Offset[] = [{ from: Number.NEGATIVE_INFINITY, quarters: quartersOf(start) }];
  let next = start.getTimeZoneTransition("next");
  while (next !== null && next.year <= LAST_YEAR) {
    found.push({ from: Math.ceil(next.epochMilliseconds / QUARTER_MS), quarters: quartersOf(next) });
    next = next.getTimeZoneTransition("next");
  }
  return found;
}

function quartersOf(moment: Temporal.ZonedDateTime): number {
  return Math.round(moment.offsetNanoseconds / 1e6 / QUARTER_MS);
}

function offsetAt(offsets: readonly Offset[], quarter: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((offsets[middle]?.from ?? 0) <= quarter) low = middle;
    else high = middle - 1;
  }
  return offsets[low]?.quarters ?? 0;
}
