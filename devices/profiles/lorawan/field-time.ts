// The time that a decoded object carries itself: with an offset, or in seconds or milliseconds since 1970.
import { JsonNumber } from "#devices/json";
import { DAY_MS, OLDEST_INSTANT_MS, parseInstant, SECOND_MS } from "#devices/time";

/** `LogTimestamp`, `timestamp_unix`, `date`, `DataloggerTimestamp`: what stands before the word is whose time it is. */
const NAME =
  /^(?:(.*?)(?:[_\s-]|(?<=[a-z0-9])(?=[A-Z])))?(?:[Tt]ime[Ss]tamp|TIMESTAMP|[Dd]ate[_\s-]?[Tt]ime|DATETIME|[Tt]ime|TIME|[Dd]ate|DATE|[Tt]s|TS)(?:[_\s-]?(?:unix|utc|UTC|epoch|iso|s|ms|Ms))?$/;
/** What says nothing but that it is the message's own. */
const OWN = /^(?:|current|device|datalogger|measure(?:ment)?|sample|meter|reading|record|unix|utc|epoch)$/;

export type TimeField = {
  /** In small letters, "" for the time of the whole object. */
  readonly prefix: string;
  readonly instantMs: number;
};

/** Whether a field is a time by its name; its value may still be none that can be used. */
export function isTimeName(name: string): boolean {
  return NAME.test(name) && !/(?:up|run|on|air|operating|interval|life)[_\s-]?time$/i.test(name);
}

/**
 * The time of a field, or `undefined`: no time by its name, no offset, before 2000 (a clock that was never set), or later than
 * a day after the server heard it.
 */
export function timeFieldOf(name: string, value: unknown, heardAtMs: number): TimeField | undefined {
  if (!isTimeName(name)) return undefined;
  const instantMs = instantOf(value);
  if (instantMs === undefined || instantMs < OLDEST_INSTANT_MS || instantMs > heardAtMs + DAY_MS) {
    return undefined;
  }
  const prefix = (NAME.exec(name)?.[1] ?? "").toLowerCase();
  return { prefix: OWN.test(prefix) ? "" : prefix, instantMs };
}

/** From here on a number counts milliseconds: as seconds it would be the year 5138. */
const MILLISECONDS_FROM = 1e11;

function instantOf(value: unknown): number | undefined {
  if (typeof value === "string" && value.length <= 40) return parseInstant(value);
  if (!(value instanceof JsonNumber)) return undefined;
  const number = Number(value.text);
  return Math.round(number >= MILLISECONDS_FROM ? number : number * SECOND_MS);
}
