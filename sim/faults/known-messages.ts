// What a device says, known in advance: message n of a seed, what must come of it, and the profile that it adds up to.
import { DAY_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import { chance, createRandom, derive } from "../world/random.ts";

/** One message a minute of the device's own time. */
const STEP_MS = MINUTE_MS;
export const STEPS_PER_QUARTER = QUARTER_MS / STEP_MS;
/** An hour of each day is told, then the next day's: no later message makes up for the lost work of a day before. */
export const STEPS_PER_DAY = 60;
/** Where a story ends, if nobody stops it before. */
export const MESSAGES_MAX = 1500;
export const DAYS_MAX = MESSAGES_MAX / STEPS_PER_DAY;

/** So long before now that its last message is no news, on a quarter-hour. */
export const storyStartMs = (nowMs: number): number =>
  Math.floor((nowMs - (DAYS_MAX + 2) * DAY_MS) / QUARTER_MS) * QUARTER_MS;

export const TOPIC = "telegram";

export type KnownMessage = {
  readonly payload: string;
  /** What is stored of it, as `register instant value`. */
  readonly readings: readonly string[];
  /** Something of it cannot be used: the whole message waits in quarantine, too. */
  readonly quarantined: boolean;
};

export type Story = {
  /** Instant of message 0, on a quarter-hour. */
  readonly firstMs: number;
  /** When the device says message n, by its own clock. */
  readonly atMs: (n: number) => number;
  readonly messageOf: (n: number) => KnownMessage;
  /** Which message is sent as the nth: a permutation of every so many. */
  readonly orderOf: (nth: number) => number;
  /** The index in Wh at message n. */
  readonly indexWh: (n: number) => number;
};

const UNREADABLE_ODDS = 0.04;
const CONTRADICTING_ODDS = 0.03;
const CORRECTING_ODDS = 0.05;

/** `device` tells stories of one seed apart: no two messages of them are alike. */
export function createStory(options: {
  readonly seed: number;
  readonly device: string;
  readonly firstMs: number;
  readonly shuffledWithin: number;
}): Story {
  const { seed, device, firstMs, shuffledWithin } = options;
  const own = derive(seed, device);
  const atMs = (n: number) =>
    firstMs + Math.floor(n / STEPS_PER_DAY) * DAY_MS + (n % STEPS_PER_DAY) * STEP_MS;
  const indexWh = (n: number) => 1_000_000 + 6 * n + Math.floor(5 * chance(derive(own, "index"), n));
  const powerW = (n: number) => Math.floor(1000 * chance(derive(own, "power"), n));

  const messageOf = (n: number): KnownMessage => {
    const kind = n % STEPS_PER_QUARTER === 0 ? 1 : chance(derive(own, "kind"), n);
    if (kind < UNREADABLE_ODDS) {
      return { payload: `not readable: ${device} ${n}`, readings: [], quarantined: true };
    }
    const energy = { n: "import", u: "kWh", v: indexWh(n) / 1000, t: atMs(n) / 1000 };
    const readings = [`import ${atMs(n)} ${indexWh(n) / 1000}`];
    if (kind < UNREADABLE_ODDS + CONTRADICTING_ODDS) {
      // The register was seen in watts first: what is good of the message is stored, and all of it kept.
      const wrong = { n: "power", u: "A", v: n, t: atMs(n) / 1000 };
      return { payload: JSON.stringify([energy, wrong]), readings, quarantined: true };
    }
    // A correction is a second value of an instant that has one: both are kept, in whatever order they come.
    const corrects = n > 0 && kind < UNREADABLE_ODDS + CONTRADICTING_ODDS + CORRECTING_ODDS;
    const powerAtMs = atMs(corrects ? n - 1 : n);
    const watts = corrects ? 5000 + n : powerW(n);
    const power = { n: "power", u: "W", v: watts, t: powerAtMs / 1000 };
    return {
      payload: JSON.stringify([energy, power]),
      readings: [...readings, `power ${powerAtMs} ${watts}`],
      quarantined: false,
    };
  };

  return { firstMs, atMs, messageOf, orderOf: shuffled(derive(own, "order"), shuffledWithin), indexWh };
}

/** A permutation of the whole numbers that moves none by `within` or more; 0 stays first, so that units are declared. */
function shuffled(seed: number, within: number): (nth: number) => number {
  const blocks = new Map<number, readonly number[]>();
  return (nth) => {
    if (nth === 0) return 0;
    const block = Math.floor((nth - 1) / within);
    let order = blocks.get(block);
    if (order === undefined) {
      order = permutation(derive(seed, block), within);
      blocks.set(block, order);
    }
    return 1 + block * within + (order[(nth - 1) % within] ?? 0);
  };
}

/** Fisher and Yates. */
function permutation(seed: number, length: number): number[] {
  const random = createRandom(seed);
  const order = Array.from({ length }, (_, at) => at);
  for (let at = length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
  }
  return order;
}
