// How many days of each supply point are measured, loaded for many at once and from their statuses alone.
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import { loadStatusDays, type Db } from "#store";
import {
  civilDaysOfLines,
  measuredDatesOf,
  measuredDaysOf,
  mergedStatuses,
  yearOfPeriod,
  type MeasuredDays,
  type StatusLine,
} from "../tender/measured-days.ts";
import type { TenderPeriod } from "../tender/tender-calendar.ts";

export type MeasuredPoint = MeasuredDays & {
  /** Civil dates, ascending, as far back as was looked. */
  readonly dates: readonly string[];
  /** The first date that was looked at whole, rows or none. */
  readonly lookedFrom: string;
};

export const NOT_MEASURED: MeasuredPoint = {
  measuredDays: 0,
  lastMeasuredDay: null,
  dates: [],
  lookedFrom: "0000-01-01",
};

/**
 * A year, and a month more: for the rest of a month after a dossier's year, or for rows at the end in which nothing is measured.
 * After a longer such end the count is of fewer than 365 days, which concerns no device's supply point (it is stale by then).
 */
const DAYS_BACK = 400;
/** So many years of statuses keep the process for some milliseconds. */
const BATCH = 25;

/** Up to each one's last measured day. Of whom nothing is known is not in the answer: `NOT_MEASURED`. */
export function measuredPoints(
  db: Db,
  supplyPointIds: readonly number[],
  timezone: string,
): Promise<Map<number, MeasuredPoint>> {
  return inBatches(db, supplyPointIds, timezone, { daysBack: DAYS_BACK }, pointOf);
}

function pointOf(line: StatusLine, dates: readonly string[]): MeasuredPoint {
  const endDay = line.firstDay + line.statuses.length / QUARTERS_PER_UTC_DAY;
  // In its zone the first UTC day may be the end of a civil day.
  const lookedFrom = utcDay((endDay - DAYS_BACK + 1) * DAY_MS);
  return { ...measuredDaysOf(dates), dates, lookedFrom };
}

/** How many of the last 365 days of a period are measured; read again only where `measuredPoints` did not look so far back. */
export async function measuredWithin(
  db: Db,
  points: ReadonlyMap<number, Pick<MeasuredPoint, "dates" | "lookedFrom">>,
  period: TenderPeriod,
): Promise<Map<number, number>> {
  const year = yearOfPeriod(period);
  const countOf = (dates: readonly string[]) =>
    dates.filter((date) => date >= year.from && date < year.to).length;
  const counts = new Map([...points].map(([id, { dates }]) => [id, countOf(dates)]));
  const further = [...points].filter(([, { lookedFrom }]) => lookedFrom > year.from).map(([id]) => id);
  const span = utcDaysOf(year);
  const read = (_line: StatusLine, dates: readonly string[]) => countOf(dates);
  for (const [id, count] of await inBatches(db, further, period.timezone, span, read)) counts.set(id, count);
  return counts;
}

/** A civil day begins up to a day before or after the UTC day of its name. Both are half-open. */
export function utcDaysOf(civil: Pick<TenderPeriod, "from" | "to">): { fromDay: string; toDay: string } {
  return {
    fromDay: Temporal.PlainDate.from(civil.from).subtract({ days: 1 }).toString(),
    toDay: Temporal.PlainDate.from(civil.to).add({ days: 1 }).toString(),
  };
}

async function inBatches<T>(
  db: Db,
  ids: readonly number[],
  timezone: string,
  span: Parameters<typeof loadStatusDays>[2],
  read: (line: StatusLine, dates: readonly string[]) => T,
): Promise<Map<number, T>> {
  const all = new Map<number, T>();
  for (let from = 0; from < ids.length; from += BATCH) {
    const lines = await loadLines(db, ids.slice(from, from + BATCH), span);
    const days = civilDaysOfLines([...lines.values()], timezone);
    for (const [id, line] of lines) all.set(id, read(line, measuredDatesOf(line, days)));
  }
  return all;
}

async function loadLines(
  db: Db,
  ids: readonly number[],
  span: Parameters<typeof loadStatusDays>[2],
): Promise<Map<number, StatusLine>> {
  const rows = await loadStatusDays(db, ids, span);
  const lines = new Map<number, StatusLine>();
  for (const [supplyPointId, sources] of Map.groupBy(rows, (row) => row.supplyPointId)) {
    const line = mergedStatuses(sources.map((row) => ({ ...row, imported: row.registerId === 0 })));
    if (line !== undefined) lines.set(supplyPointId, line);
  }
  return lines;
}
