// What befalls the product in a story: processes killed, a store that is slow or away, all connections lost. Drawn from the seed. Pure.
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import type { FaultRates } from "../story/fault-kinds.ts";
import { createRandom, derive, type Random } from "../world/random.ts";

export type Kill = {
  readonly atMs: number;
  readonly target: "ingest" | "worker";
  /** Until it is started again. */
  readonly downMs: number;
  /** The worker dies at its so many-th statement after that; where it has none, at its next step. */
  readonly atStatement: number;
};

export type StoreSpell = {
  readonly fromMs: number;
  readonly toMs: number;
  /** `away`: every call fails. */
  readonly kind: "slow" | "away";
  /** Of a slow store: how long a call may take. */
  readonly callMaxMs: number;
  /** How many of the answers are lost, of what happened all the same. */
  readonly lostShare: number;
};

export type Storm = { readonly atMs: number };

export type ProcessFaults = {
  readonly kills: readonly Kill[];
  readonly spells: readonly StoreSpell[];
  readonly storms: readonly Storm[];
};

type Span = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Most messages leave on multiples of it. */
  readonly stepMs: number;
};

export function drawProcessFaults(rates: FaultRates, span: Span, seed: number): ProcessFaults {
  const kills = createRandom(derive(seed, "kill"));
  const spells = createRandom(derive(seed, "slow"));
  const storms = createRandom(derive(seed, "storm"));
  const storeSpells = timesOf(rates.get("slow"), span, spells).map((fromMs) => ({
    fromMs,
    toMs: fromMs + between(spells, 10 * SECOND_MS, HOUR_MS),
    kind: spells.next() < 0.5 ? ("slow" as const) : ("away" as const),
    callMaxMs: between(spells, 10, 5 * SECOND_MS),
    lostShare: spells.next() < 0.5 ? 0 : 0.3 * spells.next(),
  }));
  return {
    kills: timesOf(rates.get("kill"), span, kills).map((atMs) => ({
      atMs: kills.next() < WITHIN_SPELL ? withinOneOf(storeSpells, kills, atMs) : atMs,
      target: kills.next() < 0.5 ? "ingest" : "worker",
      downMs: between(kills, SECOND_MS, 2 * MINUTE_MS),
      atStatement: kills.below(14),
    })),
    spells: storeSpells,
    storms: timesOf(rates.get("storm"), span, storms).map((atMs) => ({ atMs })),
  };
}

/** So many kills meet what waits for a store that is slow or away: else hardly one of them has anything to lose. */
const WITHIN_SPELL = 0.6;

function withinOneOf(spells: readonly StoreSpell[], random: Random, elseMs: number): number {
  const spell = spells[random.below(Math.max(1, spells.length))];
  return spell === undefined ? elseMs : between(random, spell.fromMs, spell.toMs);
}

/** Often upon a message: that is when there is something to lose. */
function timesOf(perDay: number | undefined, { fromMs, toMs, stepMs }: Span, random: Random): number[] {
  const count = Math.floor(((perDay ?? 0) * (toMs - fromMs)) / DAY_MS + random.next());
  return Array.from({ length: count }, () => {
    const step = Math.floor((fromMs + (toMs - fromMs) * random.next()) / stepMs) * stepMs;
    return step + (random.next() < 0.5 ? random.below(200) : random.below(MINUTE_MS));
  }).sort((one, other) => one - other);
}

function between(random: Random, leastMs: number, mostMs: number): number {
  return Math.floor(leastMs + (mostMs - leastMs) * random.next());
}
