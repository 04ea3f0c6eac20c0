// The faults by the names of the command line, each with its rate: of the way to the broker, of the meter, of its clock, of processes.
import { createRandom } from "../world/random.ts";

/** Between device and broker. The odds of a burst: lost, sent again, overtaken by later ones, unreadable. */
const BURST_FAULTS = ["loss", "duplicates", "reorder", "corruption"] as const;

/** Between device and broker. Times a day: silent with what it counted lost or kept, kept for days, its credential revoked. */
const SPELL_FAULTS = ["gaps", "late", "revoked"] as const;

/** Of the meter's index, times a day: what it shows is not what was used. */
export const METER_FAULTS = ["reset", "rollover", "glitch", "sentinel", "swap", "slip"] as const;

/** Of the device's clock, times a day: wrong by seconds to minutes for hours, by up to two hours until it is set again. */
const CLOCK_FAULTS = ["skew", "step"] as const;

/** Puts the story around a night that changes the clocks: in virtual time so many of the stories, in a run its own. */
const CALENDAR_FAULTS = ["dst"] as const;

/** Of what receives: a process or service killed, a store that is slow, all connections lost at once. */
export const PROCESS_FAULTS = ["kill", "slow", "storm"] as const;

export const STORY_FAULTS = [
  ...BURST_FAULTS,
  ...SPELL_FAULTS,
  ...METER_FAULTS,
  ...CLOCK_FAULTS,
  ...CALENDAR_FAULTS,
] as const;
export const FAULT_KINDS = [...STORY_FAULTS, ...PROCESS_FAULTS] as const;

export type MeterFaultKind = (typeof METER_FAULTS)[number];
export type FaultKind = (typeof FAULT_KINDS)[number];

/** What is not in it does not happen. */
export type FaultRates = ReadonlyMap<FaultKind, number>;

const USUAL_RATES: Readonly<Record<FaultKind, number>> = {
  loss: 0.02,
  duplicates: 0.1,
  reorder: 0.1,
  corruption: 0.02,
  gaps: 1,
  late: 0.5,
  revoked: 0.3,
  reset: 0.3,
  rollover: 0.3,
  glitch: 1,
  sentinel: 0.5,
  swap: 0.3,
  slip: 0.3,
  skew: 0.3,
  step: 0.3,
  dst: 0.3,
  kill: 1,
  slow: 1,
  storm: 1,
};

/** Each as often as usual. */
export function usualRates(kinds: Iterable<FaultKind>): FaultRates {
  return new Map(Array.from(kinds, (kind) => [kind, USUAL_RATES[kind]]));
}

/** So many stories have all faults that there are, one alone, two; of the others each fault with even odds. */
const ALL_OF_THEM = 0.3;
const ONE_ALONE = 0.2;
const A_PAIR = 0.2;

/** Some of the faults, drawn from a seed: among many hardly any is seen for what it does. */
export function drawSome(rates: FaultRates, seed: number): FaultRates {
  const random = createRandom(seed);
  const kinds = [...rates];
  const share = random.next();
  if (share < ALL_OF_THEM) return rates;
  if (share >= ALL_OF_THEM + ONE_ALONE + A_PAIR) return new Map(kinds.filter(() => random.next() < 0.5));
  const count = share < ALL_OF_THEM + ONE_ALONE ? 1 : 2;
  const drawn = new Map<FaultKind, number>();
  while (drawn.size < Math.min(count, kinds.length)) {
    const [kind, rate] = kinds[random.below(kinds.length)] ?? [];
    if (kind !== undefined && rate !== undefined) drawn.set(kind, rate);
  }
  return drawn;
}

/**
 * `all,reorder:0.3,swap:0`: names, each with a rate of its own if need be; `all` are all kinds, and a rate of 0 is none. Answers the
 * words that it does not know beside what it does.
 */
export function readFaults(text: string): {
  readonly rates: FaultRates;
  readonly unknown: readonly string[];
} {
  const rates = new Map<FaultKind, number>();
  const unknown: string[] = [];
  for (const word of text.split(",").map((one) => one.trim())) {
    if (word === "") continue;
    const [name = "", rate] = word.split(":");
    const kinds = name === "all" ? FAULT_KINDS : FAULT_KINDS.filter((kind) => kind === name);
    const value = rate === undefined ? undefined : Number(rate);
    if (kinds.length === 0 || (value !== undefined && !(value >= 0))) unknown.push(word);
    else {
      for (const kind of kinds) {
        if (value === 0) rates.delete(kind);
        else rates.set(kind, value ?? USUAL_RATES[kind]);
      }
    }
  }
  return { rates, unknown };
}
