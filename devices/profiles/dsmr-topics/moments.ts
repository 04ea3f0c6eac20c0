// What a sender's topics of time said last, remembered while the process runs: the topics of the values have no place for a time.
import type { DecodeContext } from "#devices/reading";
import { SECOND_MS } from "#devices/time";
import type { Meter } from "./topics.ts";

/** A telegram's topics come within a second; later ones may be of another telegram whose time was lost. */
const VALID_MS = 30 * SECOND_MS;
const KEY = "dsmr-topics";
/** A device has one prefix, or a few. */
const SENDERS_MAX = 16;

type Moment = {
  readonly observedAtMs: number;
  readonly receivedAtMs: number;
  /** What was read at that instant, by register. */
  readonly values: Map<string, string>;
};
type Moments = Map<string, Moment>;

/** `observedAtMs` undefined: the sender gave a time that is none, and what it said before is not of now either. */
export function rememberMoment(
  context: DecodeContext,
  prefix: string,
  meter: Meter,
  observedAtMs: number | undefined,
): void {
  const { recent, receivedAtMs } = context;
  if (recent === undefined) return;
  const moments = momentsOf(recent);
  const key = `${meter} ${prefix}`;
  const known = moments.get(key);
  if (observedAtMs === undefined) {
    moments.delete(key);
    return;
  }
  if (known === undefined && moments.size >= SENDERS_MAX * 3) moments.clear();
  // The same instant again, as a gas meter's stays for an hour: what was read at it holds.
  const values = known?.observedAtMs === observedAtMs ? known.values : new Map<string, string>();
  moments.set(key, { observedAtMs, receivedAtMs, values });
}

/**
 * The instant of a value that comes now, or `undefined`. An instant has one value of a register: where the sender's topics come
 * in another order, the new value would be told as of the instant before.
 */
export function momentOf(
  context: DecodeContext,
  prefix: string,
  meter: Meter,
  register: string,
  value: string,
): number | undefined {
  if (context.recent === undefined) return undefined;
  const moment = momentsOf(context.recent).get(`${meter} ${prefix}`);
  if (moment === undefined) return undefined;
  const ageMs = context.receivedAtMs - moment.receivedAtMs;
  if (ageMs < 0 || ageMs > VALID_MS) return undefined;
  const before = moment.values.get(register);
  if (before !== undefined && before !== value) return undefined;
  moment.values.set(register, value);
  return moment.observedAtMs;
}

function momentsOf(recent: Map<string, unknown>): Moments {
  const known = recent.get(KEY);
  if (known instanceof Map) return known as Moments;
  const fresh: Moments = new Map();
  recent.set(KEY, fresh);
  return fresh;
}
