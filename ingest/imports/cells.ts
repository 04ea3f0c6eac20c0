// The texts of a cell as exports write them: numbers with a point or a comma, dates of several countries, codes in armour.
import { quoted } from "#devices/quote";
import { MINUTE_MS } from "#devices/time";
import { rowFault, type RowFault } from "./row-fault.ts";

const NUMBER = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)$/;
/** Beyond so many digits a product of binary fractions may fall on the wrong side of a half. */
const EXACT_DECIMALS = 3;
const SIGNIFICANT_DIGITS = 15;

/**
 * A value in whole units of 1/`scale`, each by itself rounded half up: 1.0005 kWh with the scale 1000 is 1001 Wh. Comma and
 * point are both the decimal separator; thousands are never separated in these exports.
 */
export function wholeOf(text: string, scale: number, column: string): number | RowFault {
  if (!NUMBER.test(text)) {
    return rowFault(
      column,
      "energy_not_a_number",
      `${quoted(text)} is not a number: export the file again without changing it, or correct the cell.`,
    );
  }
  const at = Math.max(text.indexOf("."), text.indexOf(","));
  const value = Number(at < 0 ? text : `${text.slice(0, at)}.${text.slice(at + 1)}`) * scale;
  if (value < 0) {
    return rowFault(
      column,
      "energy_negative",
      `${quoted(text)} is negative: what is fed in has a column, or a register, of its own.`,
    );
  }
  const isExact = at < 0 || text.length - at - 1 <= EXACT_DECIMALS;
  return Math.round(isExact ? value : Number(value.toPrecision(SIGNIFICANT_DIGITS)));
}

export type CivilDate = { readonly year: number; readonly month: number; readonly day: number };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_FIRST = /^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})$/;
const YEAR_FIRST = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/;
const NAMED_MIDDLE = /^(\d{1,2})[ -]([a-z]{3})[a-z]*[ -](\d{4}|\d{2})$/i;
const NAMED_FIRST = /^([a-z]{3})[a-z]* +(\d{1,2}),? +(\d{4})$/i;

/** 31-01-2026, 31/01/2026, 31/01/26, 2026-01-31, 31 Jan 2026, Jan 31 2026: the day before the month, as in Europe. */
export function dateOf(text: string): CivilDate | undefined {
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst !== null) return dated(dayFirst[3], Number(dayFirst[2]), dayFirst[1]);
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst !== null) return dated(yearFirst[1], Number(yearFirst[2]), yearFirst[3]);
  const middle = NAMED_MIDDLE.exec(text);
  if (middle !== null) return dated(middle[3], monthOf(middle[2]), middle[1]);
  const first = NAMED_FIRST.exec(text);
  if (first !== null) return dated(first[3], monthOf(first[1]), first[2]);
  return undefined;
}

function monthOf(name: string | undefined): number {
  return MONTHS.indexOf((name ?? "").toLowerCase()) + 1;
}

function dated(year: string | undefined, month: number, day: string | undefined): CivilDate | undefined {
  if (month < 1 || month > 12) return undefined;
  const full = Number(year) + ((year ?? "").length === 2 ? 2000 : 0);
  return { year: full, month, day: Number(day) };
}

const TIME = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/;
const HOUR_MINUTES = 60;
const LAST_HOUR = 24;

/** Since midnight, ms; 24:00 is the midnight at the end. */
export function timeOfDay(text: string): number | undefined {
  const match = TIME.exec(text);
  if (match === null || Number(match[3] ?? 0) !== 0) return undefined;
  const [hour, minute] = [Number(match[1]), Number(match[2])];
  if (minute >= HOUR_MINUTES || hour > LAST_HOUR || (hour === LAST_HOUR && minute > 0)) return undefined;
  return (hour * HOUR_MINUTES + minute) * MINUTE_MS;
}

const ACCENTS = /\p{M}/gu;
const NOT_ALPHANUMERIC = /[^a-z0-9]/g;

/** A name for comparing: lower case, without accents, blanks and punctuation. */
export function plainName(text: string): string {
  return text.normalize("NFD").replace(ACCENTS, "").toLowerCase().replace(NOT_ALPHANUMERIC, "");
}

/** As codes are kept: upper case, without blanks, without the armour `="…"` and the apostrophe that guard digits in a spreadsheet. */
export function cleanCode(text: string): string {
  const bare = text.startsWith('="') && text.endsWith('"') ? text.slice(2, -1) : text.replace(/^'/, "");
  return bare.replaceAll(" ", "").toUpperCase();
}
