// The meter's horodate as teleinfo2mqtt writes it: legal time of France, labelled with a Z that it does not deserve.
//
//   on the port   E250414145438                                          E: summer, 14:54:38 on the clock
//   published     {"dst":"summer","date":"2025-04-14T14:54:38.000Z"}     the same digits
//
// The program hands the digits of the horodate to Date.UTC and prints them as ISO text (its app/teleinfo/TicMode.js in
// the three versions that were looked at, and the tests beside it). So the date is a wall clock, and `dst` is its offset: +02:00 in summer, +01:00 in winter.
import { isJsonObject } from "#devices/json";
import { instantOfLocal } from "#devices/local-time";
import type { DecodeContext, Observation } from "#devices/reading";
import { HOUR_MS, parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";

export type Horodate = Pick<Observation, "observedAtMs" | "clock">;

const WALL = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?)Z?$/;
const OFFSETS_H: ReadonlyMap<unknown, number> = new Map([
  ["summer", 2],
  ["winter", 1],
]);

/** The instant of an entry's `timestamp`; `undefined` where it has none, or one that no calendar holds. */
export function horodateOf(timestamp: unknown, context: DecodeContext): Horodate | undefined {
  if (!isJsonObject(timestamp) || typeof timestamp["date"] !== "string") return undefined;
  const digits = WALL.exec(timestamp["date"])?.[1];
  const wallMs = digits === undefined ? undefined : parseInstant(`${digits}Z`);
  if (wallMs === undefined) return undefined;
  const offsetH = OFFSETS_H.get(timestamp["dst"]);
  if (offsetH !== undefined) {
    return { observedAtMs: wallMs - offsetH * HOUR_MS, clock: ClockSource.payloadOffset };
  }
  const { year, month, day, hour, minute, second } =
    Temporal.Instant.fromEpochMilliseconds(wallMs).toZonedDateTimeISO("UTC");
  const wall = { year, month, day, hour, minute, second };
  const observedAtMs = instantOfLocal(wall, context.timezone, context.receivedAtMs);
  return observedAtMs === undefined ? undefined : { observedAtMs, clock: ClockSource.payloadLocal };
}
