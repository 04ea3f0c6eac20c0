// The evaluation: every bid that counts on every supply point that still does, from the frozen snapshot alone.
import { loadBids, loadTenderPoints, type BidRow, type Db, type TenderPointRow } from "#store";
import { countingBids, type StoredBid } from "../tender/bids.ts";
import { evaluateOffers, type BidResult } from "../tender/evaluation.ts";
import type { TenderStep } from "./tender-step.ts";

export type TenderEvaluation = {
  /** All supply points of the dossier; those that no longer count too. */
  readonly points: readonly TenderPointRow[];
  /** Of each supplier the last bid before the deadline. */
  readonly bids: readonly BidRow[];
  /** Of the points that count, in order of rank. */
  readonly results: readonly BidResult[];
};

export async function evaluateTender(
  db: Db,
  tender: { readonly id: number; readonly bidDeadline: Date },
  atMs: number,
): Promise<TenderEvaluation> {
  const points = await loadTenderPoints(db, tender.id, atMs);
  const bids = await loadCountingBids(db, tender);
  const counting = points.filter((point) => point.counts);
  return { points, bids, results: rankedBids(bids, counting) };
}

export function rankedBids(bids: readonly BidRow[], points: readonly TenderPointRow[]): BidResult[] {
  return evaluateOffers(
    bids.map((bid) => ({
      bidId: bid.id,
      price: { kind: "flat", nanoPerKwh: bid.priceNanoPerKwh },
      annualFeeMicro: bid.annualFeeMicro,
      greenMillionths: bid.greenMillionths,
      receivedAtMs: bid.receivedAt.getTime(),
    })),
    points.map((point) => ({
      participantId: point.buildingId,
      supplyPointId: point.supplyPointId,
      annualWh: point.annualWh,
      current: {
        price: { kind: "flat", nanoPerKwh: point.priceNanoPerKwh },
        annualFeeMicro: point.annualFeeMicro,
        vatMillionths: point.vatMillionths,
      },
    })),
  );
}

export async function loadCountingBids(
  db: Db,
  tender: { readonly id: number; readonly bidDeadline: Date },
): Promise<BidRow[]> {
  const bids = await loadBids(db, tender.id);
  const counting = new Set(
    countingBids(bids.map(storedBid), tender.bidDeadline.getTime()).map((bid) => bid.bidId),
  );
  return bids.filter((bid) => counting.has(bid.id));
}

export function storedBid(bid: BidRow): StoredBid {
  return {
    bidId: bid.id,
    supplierId: bid.supplierId,
    receivedAtMs: bid.receivedAt.getTime(),
    submission: {
      form: "terms",
      terms: {
        lotId: null,
        price: { kind: "flat", nanoPerKwh: bid.priceNanoPerKwh },
        annualFeeMicro: bid.annualFeeMicro,
        currency: bid.currency,
        vat: "excluded",
        termMonths: bid.termMonths,
        greenMillionths: bid.greenMillionths,
        validUntilMs: bid.validUntil.getTime(),
      },
    },
  };
}

/** Buildings with a supply point that counts. */
export function participantsIn(points: readonly TenderPointRow[]): number[] {
  return [...new Set(points.filter((point) => point.counts).map((point) => point.buildingId))];
}

/**
 * Into the log goes who came where, not at what cost: two evaluations before and after a withdrawal, side by side, would tell
 * what the one who withdrew uses in a year.
 */
export async function recordEvaluation(step: TenderStep): Promise<TenderEvaluation> {
  const evaluation = await evaluateTender(step.client, step.tender, step.atMs);
  await step.record("evaluate", {
    participants: participantsIn(evaluation.points).length,
    ranking: evaluation.results.map((result) => String(result.bidId)),
  });
  return evaluation;
}
