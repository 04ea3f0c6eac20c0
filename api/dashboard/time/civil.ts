// Civil dates without Temporal, which a reader's browser may lack: dates are text, and days are cut in the building's zone.

/** A calendar date `YYYY-MM-DD`, without a zone. Dates compare as text. */
export type CivilDate = `${number}-${number}-${number}`;

/** What a wall clock in a zone shows. */
export type WallTime = {
  readonly date: CivilDate;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

const DAY_MS = 86_400_000;
const CIVIL_DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The date if the text is one that exists, else `undefined`: 31 February is refused. */
export function parseCivilDate(text: string | null | undefined): CivilDate | undefined {
  if (text === null || text === undefined || !CIVIL_DATE.test(text)) return undefined;
  const instantMs = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(instantMs) || toCivilDate(instantMs) !== text ? undefined : toCivilDate(instantMs);
}

export function addDays(date: CivilDate, days: number): CivilDate {
  return toCivilDate(utcMidnightMs(date) + days * DAY_MS);
}

/** The same day of another month, or that month's last day where it is shorter. */
export function addMonths(date: CivilDate, months: number): CivilDate {
  const { year, month, day } = partsOf(date);
  const lastDay = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return toCivilDate(Date.UTC(year, month - 1 + months, Math.min(day, lastDay)));
}

/** Whole days from one date to another. */
export function daysBetween(from: CivilDate, to: CivilDate): number {
  return Math.round((utcMidnightMs(to) - utcMidnightMs(from)) / DAY_MS);
}

/** The Monday of the date's week (ISO 8601). */
export function startOfWeek(date: CivilDate): CivilDate {
  const weekday = (new Date(utcMidnightMs(date)).getUTCDay() + 6) % 7;
  return addDays(date, -weekday);
}

export function startOfMonth(date: CivilDate): CivilDate {
  const { year, month } = partsOf(date);
  return toCivilDate(Date.UTC(year, month - 1, 1));
}

export function startOfYear(date: CivilDate): CivilDate {
  return toCivilDate(Date.UTC(partsOf(date).year, 0, 1));
}

/** The instant that every clock in UTC calls midnight of the date: for formatting a date in UTC, never for spans. */
export function utcMidnightMs(date: CivilDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

/** What a clock on the wall in `zone` (IANA name) shows at an instant. */
export function wallTime(instantMs: number, zone: string): WallTime {
  const fields = new Map<string, number>();
  for (const { type, value } of clockOf(zone).formatToParts(instantMs)) fields.set(type, Number(value));
  const field = (name: string): number => fields.get(name) ?? 0;
  const date = toCivilDate(Date.UTC(field("year"), field("month") - 1, field("day")));
  return { date, hour: field("hour"), minute: field("minute"), second: field("second") };
}

/** The date on the wall in `zone` at an instant. */
export function civilDateAt(instantMs: number, zone: string): CivilDate {
  return wallTime(instantMs, zone).date;
}

/**
 * The first instant of a date in `zone`, in milliseconds since 1970. Where the clocks jump over midnight, the first
 * instant after the jump.
 */
export function startOfDayMs(date: CivilDate, zone: string): number {
  const midnightMs = utcMidnightMs(date);
  for (const probeMs of [midnightMs - DAY_MS, midnightMs + DAY_MS]) {
    const candidateMs = midnightMs - offsetMs(probeMs, zone);
    if (civilDateAt(candidateMs, zone) === date && civilDateAt(candidateMs - 1, zone) < date)
      return candidateMs;
  }
  return firstInstantAfterGap(date, zone);
}

/**
 * The instant at which a wall clock in `zone` shows this time; the earlier of two where the hour is repeated, and where it is
 * skipped, as much later as the clocks jump.
 */
export function instantOfWallMs(date: CivilDate, hour: number, minute: number, zone: string): number {
  const wallMs = utcMidnightMs(date) + (hour * 60 + minute) * 60_000;
  const beforeMs = wallMs - offsetMs(wallMs - DAY_MS, zone);
  const afterMs = wallMs - offsetMs(wallMs + DAY_MS, zone);
  const shows = (instantMs: number): boolean => wallMs - offsetMs(instantMs, zone) === instantMs;
  return [Math.min(beforeMs, afterMs), Math.max(beforeMs, afterMs)].find(shows) ?? beforeMs;
}

function firstInstantAfterGap(date: CivilDate, zone: string): number {
  let beforeMs = utcMidnightMs(date) - 2 * DAY_MS;
  let insideMs = utcMidnightMs(date) + 2 * DAY_MS;
  while (insideMs - beforeMs > 1) {
    const middleMs = Math.floor((beforeMs + insideMs) / 2);
    if (civilDateAt(middleMs, zone) < date) beforeMs = middleMs;
    else insideMs = middleMs;
  }
  return insideMs;
}

function offsetMs(instantMs: number, zone: string): number {
  const wall = wallTime(instantMs, zone);
  const wallMs = utcMidnightMs(wall.date) + ((wall.hour * 60 + wall.minute) * 60 + wall.second) * 1000;
  return wallMs - Math.floor(instantMs / 1000) * 1000;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    clocks.set(zone, clock);
  }
  return clock;
}

function partsOf(date: CivilDate): { year: number; month: number; day: number } {
  return {
    year: Number(date.slice(0, 4)),
    month: Number(date.slice(5, 7)),
    day: Number(date.slice(8, 10)),
  };
}

function toCivilDate(utcMs: number): CivilDate {
  // toISOString gives exactly this form between the years 0 and 9999.
  return new Date(utcMs).toISOString().slice(0, 10) as CivilDate;
}
