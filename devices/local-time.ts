// Local time without an offset, as old meters and many exports write it, as an instant.
import { MINUTE_MS } from "#devices/time";

/** A wall clock reading; `month` and `day` count from 1. */
export type WallTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

/** A device's clock may run ahead of ours by this much before the earlier of two candidates is taken. */
const AHEAD_MAX_MS = 5 * MINUTE_MS;

/**
 * Milliseconds since 1970 of a wall time in an IANA zone, or `undefined` for 31 February and for a zone nobody knows. The
 * hour that autumn repeats has two candidates: the later one that is not after the arrival of the message.
 */
export function instantOfLocal(wall: WallTime, timezone: string, receivedAtMs: number): number | undefined {
  try {
    const plain = Temporal.PlainDateTime.from(wall, { overflow: "reject" });
    const later = plain.toZonedDateTime(timezone, { disambiguation: "later" }).epochMilliseconds;
    if (later <= receivedAtMs + AHEAD_MAX_MS) return later;
    return plain.toZonedDateTime(timezone, { disambiguation: "earlier" }).epochMilliseconds;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
