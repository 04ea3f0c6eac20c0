// A span as civil days, and the energy of a supply point in each: what has a value counts, and how much of the day that is.
import { QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { addQuarters } from "./add-quarters.ts";
import { civilCuts } from "./civil-cuts.ts";

export type CivilDay = {
  /** `YYYY-MM-DD` in the zone. */
  readonly date: string;
  readonly fromMs: number;
  readonly toMs: number;
};

/** Days end to end over [fromMs, toMs), which are boundaries of quarter-hours. */
export type CivilCalendar = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly days: readonly CivilDay[];
};

export type DayEnergy = {
  /** Wh of the quarter-hours that have a value. */
  readonly wh: number;
  /** How many have one. */
  readonly valued: number;
  /** 92 to 100 in a whole day. */
  readonly quarters: number;
};

/** The whole quarter-hours of [fromMs, toMs); the first and the last day may be parts of one. */
export function civilCalendar(fromMs: number, toMs: number, timezone: string): CivilCalendar {
  const firstMs = Math.ceil(fromMs / QUARTER_MS) * QUARTER_MS;
  const endMs = Math.floor(toMs / QUARTER_MS) * QUARTER_MS;
  if (!(firstMs < endMs)) return { fromMs: firstMs, toMs: firstMs, days: [] };
  const cuts = civilCuts(firstMs, endMs, "day", timezone);
  const days = cuts.slice(1).map((cutMs, index) => ({
    date: dateOf(cuts[index] ?? cutMs, timezone),
    fromMs: Math.max(firstMs, cuts[index] ?? cutMs),
    toMs: Math.min(endMs, cutMs),
  }));
  return { fromMs: firstMs, toMs: endMs, days };
}

/** Only days that lie wholly in [fromMs, toMs). */
export function wholeDays(fromMs: number, toMs: number, timezone: string): CivilCalendar {
  const days = civilCalendar(fromMs, toMs, timezone).days.filter(
    (day) => startMs(day.date, timezone, 0) === day.fromMs && startMs(day.date, timezone, 1) === day.toMs,
  );
  return { fromMs: days[0]?.fromMs ?? fromMs, toMs: days.at(-1)?.toMs ?? fromMs, days };
}

function dateOf(instantMs: number, timezone: string): string {
  const instant = Temporal.Instant.fromEpochMilliseconds(instantMs);
  return instant.toZonedDateTimeISO(timezone).toPlainDate().toString();
}

function startMs(date: string, timezone: string, days: number): number {
  return Temporal.PlainDate.from(date).add({ days }).toZonedDateTime(timezone).epochMilliseconds;
}

/**
 * One entry for each day of the calendar. `registers`: the main registers of one supply point. A quarter-hour in which one
 * of them is missing has no value: half of a supply point is not its load.
 */
export function energyByDay(registers: readonly RegisterDays[], calendar: CivilCalendar): DayEnergy[] {
  const { energies, worst } = addQuarters(registers, calendar.fromMs, calendar.toMs);
  return calendar.days.map((day) => {
    const first = (day.fromMs - calendar.fromMs) / QUARTER_MS;
    const end = (day.toMs - calendar.fromMs) / QUARTER_MS;
    let wh = 0;
    let valued = 0;
    for (let slot = first; slot < end; slot++) {
      if (worst[slot] === QuarterCode.missing) continue;
      wh += energies[slot] ?? 0;
      valued++;
    }
    return { wh, valued, quarters: end - first };
  });
}
