// Quarter-hours as people live them: which civil day, which kind of day, and which quarter-hour by the clock on the wall.
import { MINUTE_MS, QUARTER_MS } from "#devices/time";
import { civilCalendar } from "../load/civil-days.ts";
import { isHoliday } from "#devices/holidays";

export type DayType = "working-day" | "saturday" | "sunday-or-holiday";

export type LocalDay = {
  /** `YYYY-MM-DD` in the zone. */
  readonly date: string;
  readonly type: DayType;
  /** Its quarter-hours among those of the span: first, and the one after the last. */
  readonly first: number;
  readonly end: number;
};

export type LocalDays = {
  readonly days: readonly LocalDay[];
  /** For each quarter-hour of the span the place of its day in `days`. */
  readonly dayOf: Int32Array;
  /** And which quarter-hour of a day it is by the clock on the wall, 0 to 95; in autumn four come twice. */
  readonly quarterOf: Uint8Array;
};

const QUARTERS_PER_HOUR = 4;

/** `fromMs` and `toMs` are boundaries of quarter-hours; the zone's changes are on whole quarter-hours. */
export function localDays(fromMs: number, toMs: number, timezone: string, country: string): LocalDays {
  const count = (toMs - fromMs) / QUARTER_MS;
  const dayOf = new Int32Array(count);
  const quarterOf = new Uint8Array(count);
  const days = civilCalendar(fromMs, toMs, timezone).days.map((day, place): LocalDay => {
    const first = (day.fromMs - fromMs) / QUARTER_MS;
    const end = (day.toMs - fromMs) / QUARTER_MS;
    dayOf.fill(place, first, end);
    placeQuarters(quarterOf, first, end, day.fromMs, timezone);
    return { date: day.date, type: typeOf(day.date, country), first, end };
  });
  return { days, dayOf, quarterOf };
}

/** The zone is asked at both ends of the day, and in between only where they differ. */
function placeQuarters(
  quarterOf: Uint8Array,
  first: number,
  end: number,
  fromMs: number,
  timezone: string,
): void {
  const at = (slot: number) => quarterAt(fromMs + (slot - first) * QUARTER_MS, timezone);
  const opening = at(first);
  const isPlain = at(end - 1) - opening === end - 1 - first;
  for (let slot = first; slot < end; slot++) {
    quarterOf[slot] = isPlain ? opening + slot - first : at(slot);
  }
}

function quarterAt(instantMs: number, timezone: string): number {
  const wall = Temporal.Instant.fromEpochMilliseconds(instantMs).toZonedDateTimeISO(timezone);
  return wall.hour * QUARTERS_PER_HOUR + Math.floor((wall.minute * MINUTE_MS) / QUARTER_MS);
}

function typeOf(date: string, country: string): DayType {
  const { dayOfWeek } = Temporal.PlainDate.from(date);
  if (dayOfWeek === 7 || isHoliday(country, date)) return "sunday-or-holiday";
  return dayOfWeek === 6 ? "saturday" : "working-day";
}
