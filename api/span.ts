// The span of time that a request asks for: instants, or civil dates in the building's zone.
import { KoproError } from "#devices/error";
import { DAY_MS, parseInstant } from "#devices/time";
import { invalid } from "./identifier.ts";

export type Span = { readonly fromMs: number; readonly toMs: number };

/** The day after it has a year of five digits, which is no date in an answer. */
const LAST_DAY_MS = Date.UTC(9999, 11, 31);

/**
 * @throws KoproError `request_invalid` naming the bound at fault; `span_too_long` naming the maximum in days.
 */
export function spanOf(query: { from: string; to: string }, timezone: string, daysMax: number): Span {
  const fromMs = boundOf(query.from, timezone, "/from");
  const toMs = boundOf(query.to, timezone, "/to");
  if (toMs <= fromMs) throw invalid("/to", "must come after from");
  if (toMs > LAST_DAY_MS) throw invalid("/to", "must not come after the beginning of 9999-12-31");
  // A civil year of 366 days may have an hour more.
  if (toMs - fromMs > daysMax * DAY_MS + DAY_MS / 24) {
    throw new KoproError(
      "span_too_long",
      `The span from ${query.from} to ${query.to} is longer than the ${daysMax} days that are answered at once.`,
      { extra: { maximumDays: daysMax } },
    );
  }
  return { fromMs, toMs };
}

function boundOf(text: string, timezone: string, pointer: string): number {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return startOfCivilDay(text, timezone, pointer);
  // A plus sign that was not escaped in the address arrives as a space.
  const instantMs = parseInstant(text.replace(/ (?=\d\d:\d\d$)/, "+"));
  if (instantMs === undefined) {
    throw invalid(pointer, `${JSON.stringify(text.slice(0, 40))} is neither an RFC 3339 instant nor a date`);
  }
  return instantMs;
}

function startOfCivilDay(date: string, timezone: string, pointer: string): number {
  try {
    return Temporal.PlainDate.from(date).toZonedDateTime(timezone).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) throw invalid(pointer, `${date} is not a date`);
    throw error;
  }
}

/** An instant in a body, whose form the schema has checked. */
export function instantIn(text: string, pointer: string): number {
  const instantMs = parseInstant(text);
  if (instantMs === undefined) throw invalid(pointer, `${JSON.stringify(text)} is not an RFC 3339 instant`);
  return instantMs;
}
