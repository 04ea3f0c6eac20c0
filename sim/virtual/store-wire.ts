// The way of one process to the store in virtual time: as slow as the spell says, cut before or after the effect, or at a statement.
import type { Wire } from "#memory-store";
import type { Random } from "../world/random.ts";
import type { StoreSpell } from "./process-faults.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type WireOptions = {
  readonly clock: VirtualClock;
  readonly spells: readonly StoreSpell[];
  readonly random: Random;
  /** Called before each statement. */
  readonly onStatement?: () => void;
};

/** As the driver says it of a connection, and nothing else: the data are not to blame. */
export class WireCut extends Error {
  override readonly name = "WireCut";
}

/** A connection that is refused says so after some time, not at once. */
const REFUSED_AFTER_MS = 100;

export function storeWire({ clock, spells, random, onStatement }: WireOptions): Wire {
  const current = () => {
    const nowMs = clock.now();
    return spells.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
  };
  const wait = async (spell: StoreSpell) => {
    if (spell.kind === "slow") return clock.sleep(random.below(Math.ceil(spell.callMaxMs / 2)));
    await clock.sleep(REFUSED_AFTER_MS);
    throw new WireCut("connect ECONNREFUSED: the store is away");
  };
  return {
    there: async () => {
      onStatement?.();
      const spell = current();
      if (spell !== undefined) await wait(spell);
    },
    back: async () => {
      const spell = current();
      if (spell === undefined) return;
      if (random.next() < spell.lostShare) throw new WireCut("Connection terminated unexpectedly");
      if (spell.kind === "slow") await wait(spell);
    },
  };
}
