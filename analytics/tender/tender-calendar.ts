// A tender's period in civil time: where its days, months and weekday daytimes lie among the quarter-hours.
import { QUARTER_MS } from "#devices/time";
import { civilCuts } from "../load/civil-cuts.ts";

/** Civil dates `YYYY-MM-DD` of a zone, half-open. */
export type TenderPeriod = { readonly from: string; readonly to: string; readonly timezone: string };

/** Quarter-hours [first, end), counted from the period's beginning. */
export type SlotRange = { readonly first: number; readonly end: number };

export type TenderCalendar = {
  /** The period's end. */
  readonly to: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Quarter-hours in the period. */
  readonly slots: number;
  /** The civil days: 92 to 100 quarter-hours each. */
  readonly days: readonly SlotRange[];
  /** The 365 civil days before a date, which may lie outside the period; before the period's own end, as many as it has of them. */
  readonly yearUntil: (to: string) => readonly SlotRange[];
  /** The civil months, `YYYY-MM`; the first and the last may be parts of one. */
  readonly months: readonly (SlotRange & { readonly month: string })[];
  /** Monday to Friday from 08:00 to 20:00 by the zone's clock, holidays included. */
  readonly peaks: readonly SlotRange[];
};

const PEAK_FROM = Temporal.PlainTime.from("08:00");
const PEAK_TO = Temporal.PlainTime.from("20:00");
const FRIDAY = 5;

/** Days of the year that a volume, and a yearly fee, is for. */
export const YEAR_DAYS = 365;

export function tenderCalendar(period: TenderPeriod): TenderCalendar {
  const { timezone } = period;
  const from = Temporal.PlainDate.from(period.from);
  const to = Temporal.PlainDate.from(period.to);
  if (Temporal.PlainDate.compare(from, to) >= 0) {
    throw new RangeError(`A tender's period from ${period.from} to ${period.to} is empty.`);
  }
  const fromMs = from.toZonedDateTime(timezone).epochMilliseconds;
  const toMs = to.toZonedDateTime(timezone).epochMilliseconds;
  const slotOf = (instantMs: number) => slotAt(instantMs, fromMs, timezone);
  const days = rangesBetween(civilCuts(fromMs, toMs, "day", timezone).map(slotOf));
  return {
    to: period.to,
    fromMs,
    toMs,
    slots: slotOf(toMs),
    days,
    yearUntil: yearsOf(period, days, slotOf),
    months: monthsOf(from, to, timezone, slotOf),
    peaks: peaksOf(from, days.length, timezone, slotOf),
  };
}

/** Many supply points end on the same day: each year is cut once. */
function yearsOf(
  { to: periodTo, timezone }: TenderPeriod,
  days: readonly SlotRange[],
  slotOf: (instantMs: number) => number,
): TenderCalendar["yearUntil"] {
  const years = new Map([[periodTo, days.slice(-YEAR_DAYS)]]);
  return (to) => {
    const known = years.get(to);
    if (known !== undefined) return known;
    const end = Temporal.PlainDate.from(to);
    const startMs = (date: Temporal.PlainDate) => date.toZonedDateTime(timezone).epochMilliseconds;
    const cuts = civilCuts(startMs(end.subtract({ days: YEAR_DAYS })), startMs(end), "day", timezone);
    const year = rangesBetween(cuts.map(slotOf));
    years.set(to, year);
    return year;
  };
}

function slotAt(instantMs: number, fromMs: number, timezone: string): number {
  const slot = (instantMs - fromMs) / QUARTER_MS;
  if (!Number.isInteger(slot)) {
    throw new RangeError(
      `In ${timezone} ${new Date(instantMs).toISOString()} is not on a quarter-hour of the period.`,
    );
  }
  return slot;
}

function rangesBetween(cuts: readonly number[]): SlotRange[] {
  return cuts.slice(1).map((end, index) => ({ first: cuts[index] ?? end, end }));
}

function monthsOf(
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
  timezone: string,
  slotOf: (instantMs: number) => number,
): (SlotRange & { month: string })[] {
  const startOf = (date: Temporal.PlainDate) => slotOf(date.toZonedDateTime(timezone).epochMilliseconds);
  const months: (SlotRange & { month: string })[] = [];
  for (let date = from; Temporal.PlainDate.compare(date, to) < 0;) {
    const next = date.with({ day: 1 }).add({ months: 1 });
    const end = Temporal.PlainDate.compare(next, to) < 0 ? next : to;
    months.push({ month: date.toPlainYearMonth().toString(), first: startOf(date), end: startOf(end) });
    date = end;
  }
  return months;
}

function peaksOf(
  from: Temporal.PlainDate,
  days: number,
  timezone: string,
  slotOf: (instantMs: number) => number,
): SlotRange[] {
  const clock = (date: Temporal.PlainDate, plainTime: Temporal.PlainTime) =>
    slotOf(date.toZonedDateTime({ timeZone: timezone, plainTime }).epochMilliseconds);
  return Array.from({ length: days }, (_, index) => from.add({ days: index }))
    .filter((date) => date.dayOfWeek <= FRIDAY)
    .map((date) => ({ first: clock(date, PEAK_FROM), end: clock(date, PEAK_TO) }));
}
