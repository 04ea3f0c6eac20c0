// Wall-clock time in a zone for every quarter-hour: what people do follows it, what the sun does not.
import { isHoliday } from "#devices/holidays";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { awayShare, type Country } from "./absences.ts";
import { A_YEAR_DAYS, remembered } from "./remembered.ts";

/** Quarter-hours on a clock's face. A civil day may pass 92 or 100 of them; the face has always these. */
export const CLOCK_SLOTS = DAY_MS / QUARTER_MS;

/** How people spend a day: public holidays are Sundays. */
export type DayKind = "working-day" | "saturday" | "sunday";

export type CivilDay = {
  /** Since 1970-01-01. */
  readonly day: number;
  /** Monday to Friday, holidays included: tariffs ask for it. */
  readonly weekend: boolean;
  readonly kind: DayKind;
  /** Share of households that spend the week of this day elsewhere. */
  readonly away: number;
  /** 0 at New Year, towards 1 at the next. */
  readonly yearShare: number;
  /** 1 in the depth of winter, -1 at midsummer. */
  readonly winter: number;
};

export type WallTime = {
  readonly civil: CivilDay;
  /** Quarter-hour on the clock's face, 0 at midnight. */
  readonly slot: number;
};

/** `quarter` counts quarter-hours since 1970 UTC. */
export type Calendar = (quarter: number) => WallTime;

const DAYS_PER_YEAR = 365.2425;
const DAYS_PER_WEEK = 7;
const FIRST_YEAR = 2015;
const LAST_YEAR = 2050;

/** The calendar of an IANA zone whose offsets are whole quarter-hours, and of the country's holidays. */
export function createCalendar(timezone: string, country: Country): Calendar {
  const offsets = offsetsOf(timezone);
  const timesOf = remembered((day) => {
    const civil = civilDayOf(day, country);
    return Array.from({ length: CLOCK_SLOTS }, (_, slot): WallTime => ({ civil, slot }));
  }, A_YEAR_DAYS);
  return (quarter) => {
    const wall = quarter + offsetAt(offsets, quarter);
    const day = Math.floor(wall / CLOCK_SLOTS);
    return timesOf(day)[wall - day * CLOCK_SLOTS] as WallTime;
  };
}

function civilDayOf(day: number, country: Country): CivilDay {
  const weekday = weekdayOf(day);
  const sunday = weekday === 0 || isHoliday(country, dateOf(day));
  const yearShare = (day / DAYS_PER_YEAR) % 1;
  return {
    day,
    weekend: weekday === 0 || weekday === 6,
    kind: sunday ? "sunday" : weekday === 6 ? "saturday" : "working-day",
    // The middle of the week that began on Saturday decides for all of it.
    away: awayShare(country, weekStart(day) + 3),
    yearShare,
    winter: Math.cos(2 * Math.PI * (yearShare - 0.03)),
  };
}

/** 0 on Sunday. 1970-01-01 was a Thursday. */
const weekdayOf = (day: number) => (((day + 4) % DAYS_PER_WEEK) + DAYS_PER_WEEK) % DAYS_PER_WEEK;

/** The Saturday on which people leave for a week that includes the day. */
export const weekStart = (day: number) => day - ((weekdayOf(day) + 1) % DAYS_PER_WEEK);

const dateOf = (day: number) => new Date(day * DAY_MS).toISOString().slice(0, "2026-01-01".length);

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

/** Whether the zone's clocks are changed within the span, its beginning left out. */
export function clocksChange(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  timezone: string,
): boolean {
  const next = Temporal.Instant.fromEpochMilliseconds(fromMs)
    .toZonedDateTimeISO(timezone)
    .getTimeZoneTransition("next");
  return next !== null && next.epochMilliseconds < toMs;
}
