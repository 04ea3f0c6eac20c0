// Faults on the way between a device and its broker, as steps over the stream of what is sent; pure and seeded.
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import { chance, createRandom, derive } from "../world/random.ts";

export const FAULTS = ["gaps", "duplicates", "reorder"] as const;
export type Fault = (typeof FAULTS)[number];

/** One publish of one device. */
export type Sending = {
  readonly deviceId: string;
  readonly observedAtMs: number;
  /** Sent once before. */
  readonly repeated: boolean;
};

/** The stream as it leaves with these faults, whatever their order in the list: lost first, then doubled, then shuffled. */
export function withFaults(
  sendings: Iterable<Sending>,
  faults: ReadonlySet<Fault>,
  seed: number,
): Iterable<Sending> {
  let stream = sendings;
  if (faults.has("gaps")) stream = withGaps(stream, derive(seed, "gaps"));
  if (faults.has("duplicates")) stream = withDuplicates(stream, derive(seed, "duplicates"));
  if (faults.has("reorder")) stream = withReorder(stream, derive(seed, "reorder"));
  return stream;
}

const GAP_EVERY_MS = 8 * HOUR_MS;
const GAP_ODDS = 0.35;

/** Never sent: now and then a device is dead for 20 minutes to 4 hours, on both sides of what may be bridged. */
export function* withGaps(sendings: Iterable<Sending>, seed: number): Generator<Sending> {
  for (const sending of sendings) if (!inGap(sending, seed)) yield sending;
}

function inGap({ deviceId, observedAtMs }: Sending, seed: number): boolean {
  const own = derive(seed, deviceId);
  const period = Math.floor(observedAtMs / GAP_EVERY_MS);
  if (chance(own, 3 * period) > GAP_ODDS) return false;
  const startMs = period * GAP_EVERY_MS + chance(own, 3 * period + 1) * 4 * HOUR_MS;
  const lengthMs = 20 * MINUTE_MS + chance(own, 3 * period + 2) * 220 * MINUTE_MS;
  return observedAtMs >= startMs && observedAtMs < startMs + lengthMs;
}

const DUPLICATE_ODDS = 0.1;
const DUPLICATE_LATER_MAX = 50;

/** Sent again, up to so many sendings later. */
export function* withDuplicates(sendings: Iterable<Sending>, seed: number): Generator<Sending> {
  const random = createRandom(seed);
  const due = createDelay();
  for (const sending of sendings) {
    yield sending;
    if (random.next() < DUPLICATE_ODDS) {
      due.hold({ ...sending, repeated: true }, random.below(DUPLICATE_LATER_MAX));
    }
    yield* due.step();
  }
  yield* due.rest();
}

const REORDER_ODDS = 0.2;
const REORDER_LATER_MAX = 200;

/** Held back for up to so many sendings: later ones arrive before. */
export function* withReorder(sendings: Iterable<Sending>, seed: number): Generator<Sending> {
  const random = createRandom(seed);
  const due = createDelay();
  for (const sending of sendings) {
    if (random.next() < REORDER_ODDS) due.hold(sending, 1 + random.below(REORDER_LATER_MAX));
    else yield sending;
    yield* due.step();
  }
  yield* due.rest();
}

/** Holds sendings back for a number of steps. */
function createDelay() {
  let held: { readonly at: number; readonly sending: Sending }[] = [];
  let now = 0;
  return {
    hold: (sending: Sending, steps: number) => held.push({ at: now + steps, sending }),
    step: () => {
      now++;
      const ready = held.filter(({ at }) => at <= now);
      if (ready.length > 0) held = held.filter(({ at }) => at > now);
      return ready.map(({ sending }) => sending);
    },
    rest: () => held.map(({ sending }) => sending),
  };
}
