// A tender's period in civil time: where its days, months and weekday daytimes lie among the quarter-hours.
import { QUARTER_MS } from "#devices/time";
import { civilCuts } from "../load/civil-cuts.ts";

/** Civil dates `YYYY-MM-DD` of a zone, half-open. */
export type TenderPeriod = { readonly from: string; readonly to: string; readonly timezone: string };

/** Quarter-hours [first, end), counted from the period's beginning. */
export type SlotRange = { readonly first: number; readonly end: number };

export type TenderCalendar = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Quarter-hours in the period. */
  readonly slots: number;
  /** The civil days: 92 to 100 quarter-hours each. */
  readonly days: readonly SlotRange[];
  /** The civil months, `YYYY-MM`; the first and the last may be parts of one. */
  readonly months: readonly (SlotRange & { readonly month: string })[];
  /** Monday to Friday from 08:00 to 20:00 by the zone's clock, holidays included. */
  readonly peaks: readonly SlotRange[];
};

const PEAK_FROM = Temporal.PlainTime.from("08:00");
const PEAK_TO = Temporal.PlainTime.from("20:00");
const FRIDAY = 5;

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
    fromMs,
    toMs,
    slots: slotOf(toMs),
    days,
    months: monthsOf(from, to, timezone, slotOf),
    peaks: peaksOf(from, days.length, timezone, slotOf),
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
