// What the period picker walks through: a civil day, week, month or year, and the bars that each is drawn with.
import {
  addDays,
  addMonths,
  civilDateAt,
  parseCivilDate,
  startOfDayMs,
  startOfMonth,
  startOfWeek,
  startOfYear,
  wallTime,
  type CivilDate,
} from "./civil.ts";

export const PERIOD_UNITS = ["day", "week", "month", "year"] as const;
export type PeriodUnit = (typeof PERIOD_UNITS)[number];

/** The API's resolutions. */
export type Resolution = "quarter-hour" | "hour" | "day" | "month";

/** `start` is always the first date of the unit: a Monday, a first of the month, a first of January. */
export type Period = { readonly unit: PeriodUnit; readonly start: CivilDate };

/** Half-open `[fromMs, toMs)`, milliseconds since 1970. */
export type Span = { readonly fromMs: number; readonly toMs: number };

/** One bar each: quarter-hours of a day, hours of a week, days of a month, months of a year. */
export const BAR_RESOLUTION = {
  day: "quarter-hour",
  week: "hour",
  month: "day",
  year: "month",
} as const satisfies Record<PeriodUnit, Resolution>;

const START_OF = {
  day: (date: CivilDate) => date,
  week: startOfWeek,
  month: startOfMonth,
  year: startOfYear,
} as const satisfies Record<PeriodUnit, (date: CivilDate) => CivilDate>;

const STEP = {
  day: (date: CivilDate, count: number) => addDays(date, count),
  week: (date: CivilDate, count: number) => addDays(date, 7 * count),
  month: addMonths,
  year: (date: CivilDate, count: number) => addMonths(date, 12 * count),
} as const satisfies Record<PeriodUnit, (date: CivilDate, count: number) => CivilDate>;

const FINER = { year: "month", month: "day", week: "day", day: "day" } as const satisfies Record<
  PeriodUnit,
  PeriodUnit
>;

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;

export function periodOf(unit: PeriodUnit, date: CivilDate): Period {
  return { unit, start: START_OF[unit](date) };
}

/** `count` units later, or earlier where negative. */
export function stepPeriod(period: Period, count: number): Period {
  return periodOf(period.unit, STEP[period.unit](period.start, count));
}

/** The first date after the period. */
export function periodEnd(period: Period): CivilDate {
  return STEP[period.unit](period.start, 1);
}

/** The instants of a period in a zone. A day may be 23, 24 or 25 hours long. */
export function spanOf(period: Period, zone: string): Span {
  return { fromMs: startOfDayMs(period.start, zone), toMs: startOfDayMs(periodEnd(period), zone) };
}

export function periodAt(unit: PeriodUnit, instantMs: number, zone: string): Period {
  return periodOf(unit, civilDateAt(instantMs, zone));
}

/**
 * Another unit around what the reader looks at: today where the old period holds it, else its first date. Going from a
 * month to a day in the past must not jump to today.
 */
export function changeUnit(period: Period, unit: PeriodUnit, today: CivilDate): Period {
  const holdsToday = period.start <= today && today < periodEnd(period);
  return periodOf(unit, holdsToday ? today : period.start);
}

/** What a click on a bar opens: a month of the year, a day of the month or week; `undefined` where nothing is finer. */
export function drillDown(period: Period, instantMs: number, zone: string): Period | undefined {
  return period.unit === "day" ? undefined : periodAt(FINER[period.unit], instantMs, zone);
}

/** The civil grid of a span: where the bars of a resolution begin and end, in order, without hole or overlap. */
export function slotsOf(span: Span, resolution: Resolution, zone: string): Span[] {
  const slots: Span[] = [];
  for (let fromMs = span.fromMs; fromMs < span.toMs;) {
    const toMs = Math.min(nextBoundaryMs(fromMs, resolution, zone), span.toMs);
    slots.push({ fromMs, toMs });
    fromMs = toMs;
  }
  return slots;
}

function nextBoundaryMs(fromMs: number, resolution: Resolution, zone: string): number {
  switch (resolution) {
    case "quarter-hour":
      return Math.floor(fromMs / QUARTER_MS) * QUARTER_MS + QUARTER_MS;
    case "hour":
      return nextHourMs(fromMs, zone);
    case "day":
      return startOfDayMs(addDays(civilDateAt(fromMs, zone), 1), zone);
    case "month":
      return startOfDayMs(addMonths(startOfMonth(civilDateAt(fromMs, zone)), 1), zone);
  }
}

/** A quarter-hour always begins a local hour's quarter, so the next local full hour is at most four quarters away. */
function nextHourMs(fromMs: number, zone: string): number {
  const wall = wallTime(fromMs, zone);
  return fromMs - (fromMs % 1000) + HOUR_MS - (wall.minute * 60 + wall.second) * 1000;
}

/** A period from an address such as `?period=month&date=2026-01-01`; the current day where it says nothing usable. */
export function parsePeriod(unit: string | null, date: string | null, today: CivilDate): Period {
  const known = PERIOD_UNITS.find((candidate) => candidate === unit) ?? "day";
  return periodOf(known, parseCivilDate(date) ?? today);
}
