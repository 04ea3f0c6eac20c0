// Timestamps of P1: YYMMDDhhmmssX, where X says summer or winter; without X (DSMR 2.2 and 3) it is the building's local time.
import { instantOfLocal } from "#devices/local-time";
import { HOUR_MS } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";

export type P1Instant = { readonly observedAtMs: number; readonly clock: ClockSource };

const WINTER = 87;
const SUMMER = 83;

/** Whether the text has the form of a timestamp, possible or not. */
export function isTimestamp(text: string): boolean {
  if (text.length !== 12 && text.length !== 13) return false;
  for (let at = 0; at < 12; at++) if (digitAt(text, at) > 9) return false;
  const suffix = text.charCodeAt(12);
  return text.length === 12 || suffix === WINTER || suffix === SUMMER;
}

/**
 * The instant, or `undefined` where the calendar has none, as in the `632525252525W` of a clock that was never set. S is
 * +02:00 and W is +01:00: the suffix alone tells the two hours of the autumn night apart, no zone is asked. Years from 70
 * are those of the last century: `700101…` is a meter's 1970, refused later as too old.
 */
export function instantOf(text: string, timezone: string, receivedAtMs: number): P1Instant | undefined {
  if (!isTimestamp(text)) return undefined;
  const shortYear = pairAt(text, 0);
  const year = shortYear < 70 ? 2000 + shortYear : 1900 + shortYear;
  const month = pairAt(text, 2);
  const day = pairAt(text, 4);
  const hour = pairAt(text, 6);
  const minute = pairAt(text, 8);
  const second = pairAt(text, 10);
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  if (text.length === 12) {
    const local = instantOfLocal({ year, month, day, hour, minute, second }, timezone, receivedAtMs);
    return local === undefined ? undefined : { observedAtMs: local, clock: ClockSource.payloadLocal };
  }
  const offsetMs = text.charCodeAt(12) === SUMMER ? 2 * HOUR_MS : HOUR_MS;
  const observedAtMs = Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs;
  return { observedAtMs, clock: ClockSource.payloadOffset };
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function pairAt(text: string, at: number): number {
  return digitAt(text, at) * 10 + digitAt(text, at + 1);
}

/** The digit, or a number above 9 for any other character. */
function digitAt(text: string, at: number): number {
  return (text.charCodeAt(at) - 48) >>> 0;
}
