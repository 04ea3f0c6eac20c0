// What a bid means for each building: its supply points summed, winners and losers apart, exact to the micro-unit.
import type { EvaluatedParticipant } from "../data/tender-api.ts";
import { moneyIn } from "../bid/bid-cost.ts";

export type Outcome = {
  readonly buildingId: string;
  readonly building: string;
  readonly supplyPoints: number;
  readonly annualWh: number;
  /** Micro-units of the currency a year, without VAT. A negative saving is a loss. */
  readonly currentMicro: bigint;
  readonly offeredMicro: bigint;
  readonly savingMicro: bigint;
};

/** One for each building, the greatest saving first, then by name. */
export function outcomesOf(participants: readonly EvaluatedParticipant[]): Outcome[] {
  const byBuilding = new Map<string, Outcome>();
  for (const { buildingId, building, annualWh, currentCost, offeredCost, saving } of participants) {
    const before = byBuilding.get(buildingId);
    byBuilding.set(buildingId, {
      buildingId,
      building,
      supplyPoints: (before?.supplyPoints ?? 0) + 1,
      annualWh: (before?.annualWh ?? 0) + annualWh,
      currentMicro: (before?.currentMicro ?? 0n) + moneyIn(currentCost),
      offeredMicro: (before?.offeredMicro ?? 0n) + moneyIn(offeredCost),
      savingMicro: (before?.savingMicro ?? 0n) + moneyIn(saving),
    });
  }
  return [...byBuilding.values()].sort(bySaving);
}

function bySaving(left: Outcome, right: Outcome): number {
  if (left.savingMicro !== right.savingMicro) return left.savingMicro > right.savingMicro ? -1 : 1;
  return left.building < right.building ? -1 : left.building > right.building ? 1 : 0;
}

/** A saving as a signed share of what is paid now; `undefined` where nothing is paid. */
export function savingShare(savingMicro: bigint, currentMicro: bigint): number | undefined {
  return currentMicro === 0n ? undefined : Number(savingMicro) / Number(currentMicro);
}
