// Which bid costs the group least: each bid on each participant's own year, against its present contract, losers included.
import { billOf, compareAmounts, comparePrices, type EnergyPrice, type Tariff } from "./bill.ts";
import { YEAR_DAYS } from "./tender-calendar.ts";

/** A bid that counts (`bids.ts`), of one lot. Its amounts are without VAT. */
export type Offer = {
  readonly bidId: number;
  readonly price: EnergyPrice;
  readonly annualFeeMicro: bigint;
  /** Certified green share in millionths. */
  readonly greenMillionths: number;
  readonly receivedAtMs: number;
};

/** A supply point of the frozen dossier, all in the tender's currency. */
export type EvaluatedPoint = {
  /** The building. */
  readonly participantId: number;
  readonly supplyPointId: number;
  /** The sum of its annual quarter-hours (`SupplyPointVolume`). */
  readonly annualWh: number;
  /** The contract that it has now. */
  readonly current: Tariff;
};

/** Micro-units of the currency for 365 days, without VAT. */
export type PointResult = {
  readonly participantId: number;
  readonly supplyPointId: number;
  readonly annualWh: number;
  readonly currentCostMicro: bigint;
  readonly offeredCostMicro: bigint;
  /** Negative for who would pay more than now. */
  readonly savingMicro: bigint;
};

export type BidResult = {
  readonly bidId: number;
  /** From 1; no two bids share one. */
  readonly rank: number;
  /** The sum of the supply points' bills (I9). */
  readonly annualCostMicro: bigint;
  readonly savingMicro: bigint;
  /** Participants with all their supply points: who pays less than now, who more. The rest pays the same. */
  readonly winners: number;
  readonly losers: number;
  /** By participant and supply point. */
  readonly points: readonly PointResult[];
};

/** In order of rank. The order of offers and points changes nothing; an identifier that comes twice is a `RangeError`. */
export function evaluateOffers(offers: readonly Offer[], points: readonly EvaluatedPoint[]): BidResult[] {
  refuseTwins(
    "bid",
    offers.map(({ bidId }) => bidId),
  );
  refuseTwins(
    "supply point",
    points.map(({ supplyPointId }) => supplyPointId),
  );
  const costed = points
    .toSorted(
      (left, right) => left.participantId - right.participantId || left.supplyPointId - right.supplyPointId,
    )
    .map((point) => ({ point, currentCostMicro: annualCostMicro(point.current, point.annualWh) }));
  return offers
    .map((offer) => ({
      offer,
      points: costed.map(({ point, currentCostMicro }) => resultOf(offer, point, currentCostMicro)),
    }))
    .map(({ offer, points }) => ({ offer, points, ...totalsOf(points) }))
    .toSorted(byCost)
    .map(({ offer, ...result }, index) => ({ bidId: offer.bidId, rank: index + 1, ...result }));
}

function annualCostMicro(tariff: Tariff, annualWh: number): bigint {
  return billOf(tariff, { wh: annualWh, days: YEAR_DAYS }).totalMicro;
}

function resultOf(offer: Offer, point: EvaluatedPoint, currentCostMicro: bigint): PointResult {
  const { participantId, supplyPointId, annualWh } = point;
  const { price, annualFeeMicro } = offer;
  const offeredCostMicro = annualCostMicro({ price, annualFeeMicro, vatMillionths: 0 }, annualWh);
  const savingMicro = currentCostMicro - offeredCostMicro;
  return { participantId, supplyPointId, annualWh, currentCostMicro, offeredCostMicro, savingMicro };
}

function totalsOf(
  points: readonly PointResult[],
): Pick<BidResult, "annualCostMicro" | "savingMicro" | "winners" | "losers"> {
  let cost = 0n;
  let saving = 0n;
  const byParticipant = new Map<number, bigint>();
  for (const { participantId, offeredCostMicro, savingMicro } of points) {
    cost += offeredCostMicro;
    saving += savingMicro;
    byParticipant.set(participantId, (byParticipant.get(participantId) ?? 0n) + savingMicro);
  }
  const savings = [...byParticipant.values()];
  return {
    annualCostMicro: cost,
    savingMicro: saving,
    winners: savings.filter((one) => one > 0n).length,
    losers: savings.filter((one) => one < 0n).length,
  };
}

type Ranked = { readonly offer: Offer; readonly annualCostMicro: bigint };

/**
 * The annual cost decides. Of equal ones: the lower price, then the lower fee (so that a bid cheaper in both never comes
 * second), the greener one, the earlier one, the lower identifier.
 */
function byCost(left: Ranked, right: Ranked): number {
  return (
    compareAmounts(left.annualCostMicro, right.annualCostMicro) ||
    comparePrices(left.offer.price, right.offer.price) ||
    compareAmounts(left.offer.annualFeeMicro, right.offer.annualFeeMicro) ||
    right.offer.greenMillionths - left.offer.greenMillionths ||
    left.offer.receivedAtMs - right.offer.receivedAtMs ||
    left.offer.bidId - right.offer.bidId
  );
}

function refuseTwins(what: string, ids: readonly number[]): void {
  const seen = new Set<number>();
  const twin = ids.find((id) => seen.size === seen.add(id).size);
  if (twin !== undefined) throw new RangeError(`Evaluating a tender: ${what} ${twin} is there twice.`);
}
