// The date to which a value of the past belongs, from the other fields of its telegram.
import { instantOfLocal } from "#devices/local-time";
import { DAY_MS, OLDEST_INSTANT_MS } from "#devices/time";

type DateFields = (number: string) => readonly string[];

/** Which fields may date a stem, in the words that drivers use; the first that holds is asked. */
const DATES: readonly (readonly [stem: RegExp, fields: DateFields])[] = [
  [/(?:^|_)set_date_(\d+)$/, (number) => [`set_date_${number}`]],
  [/(?:^|_)set_date$/, () => ["set_date", "set_datetime"]],
  [/(?:^|_)history_(\d+)$/, (number) => [`history_${number}_date`]],
  [/^target_year$/, () => ["target_year_date"]],
  [/^target_(\d+)$/, (number) => [`target_${number}_date`]],
  [/(?:^|_)target(?:_|$)/, () => ["target_date", "target_datetime", "prev_date"]],
  [/^due(?:_|$)/, () => ["due_date"]],
  [/^prev_(\d+)_month$/, (number) => [`prev_${number}_month_date`]],
  [/^prev$/, () => ["prev_date"]],
  [/^previous$/, () => ["previous_date"]],
  [/(?:^|_)last_month(?:_|$)/, () => ["last_month_measure_date", "last_month_date"]],
  [/(?:^|_)last_year(?:_|$)/, () => ["last_year_date"]],
  [/^historic$/, () => ["historic_datetime", "historic_date"]],
  [/(?:^|_)at_date$/, () => ["at_date"]],
  [/(?:^|_)reporting_date$/, () => ["reporting_date"]],
  [/(?:^|_)old_date$/, () => ["old_date"]],
  [/^base$/, () => ["base_date"]],
  [/(?:^|_)month_period$/, () => ["meter_month_period_end_datetime", "meter_month_period_end_date"]],
  [/(?:^|_)year_period$/, () => ["meter_year_period_end_date", "meter_year_period_end_datetime"]],
];

/**
 * Milliseconds since 1970 of the date that belongs to a stem, in the building's zone; `undefined` where the telegram has none,
 * or one that cannot be the past's: not set yet (2000-01-01 and before), or still to come (the next set date).
 */
export function pastDateOf(
  stem: string,
  fields: Readonly<Record<string, unknown>>,
  timezone: string,
  receivedAtMs: number,
): number | undefined {
  for (const name of dateFieldsOf(stem)) {
    const text = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const instantMs = typeof text === "string" ? localInstantOf(text, timezone, receivedAtMs) : undefined;
    if (instantMs !== undefined) {
      const possible = instantMs > OLDEST_INSTANT_MS + DAY_MS && instantMs <= receivedAtMs;
      return possible ? instantMs : undefined;
    }
  }
  return undefined;
}

/** Some drivers give the date under the very stem (`consumption_1`, `due_2_date`). */
function dateFieldsOf(stem: string): readonly string[] {
  for (const [pattern, fields] of DATES) {
    const match = pattern.exec(stem);
    if (match !== null) return [stem, `${stem}_date`, ...fields(match[1] ?? "")];
  }
  return [stem, `${stem}_date`];
}

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;

function localInstantOf(text: string, timezone: string, receivedAtMs: number): number | undefined {
  const match = LOCAL.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour, minute, second = 0] = match
    .slice(1)
    .map((part: string | undefined) => (part === undefined ? undefined : Number(part)));
  const time = hour === undefined ? timeOfDate(year, month, day) : { hour, minute: minute ?? 0, second };
  return instantOfLocal({ year, month, day, ...time }, timezone, receivedAtMs);
}

/**
 * A date alone: drivers pass on both habits of manufacturers, 31 December for its end and 1 January for its beginning. The last
 * day of a month is taken at its last second, so that the instant still bears the date; any other day at its first.
 */
function timeOfDate(year: number, month: number, day: number) {
  const lastOfMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return day === lastOfMonth ? { hour: 23, minute: 59, second: 59 } : { hour: 0, minute: 0, second: 0 };
}
