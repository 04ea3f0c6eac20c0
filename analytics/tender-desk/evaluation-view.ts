// The evaluation as each viewer is shown it.
import {
  listBids,
  seenTenderPoints,
  type BidRow,
  type Scope,
  type TenderPointRow,
  type TenderRow,
} from "#store";
import type { BidResult } from "../tender/evaluation.ts";
import type { Desk, EvaluatedBid, EvaluationView } from "./desk.ts";
import { evaluateTender, participantsIn, rankedBids, type TenderEvaluation } from "./evaluate-tender.ts";
import { runsTender, stateForbidden, tenderSeen } from "./tender-step.ts";

/**
 * Ranks are those of the points that count now, for everybody. Sums: who runs the tender sees those of now; everybody else those
 * of the frozen dossier's supply points, whoever has withdrawn since, or the difference would be the withdrawn one's year (I7).
 *
 * @throws KoproError `not_found`; `state_forbidden` before the opening.
 */
export async function evaluationOf(desk: Desk, scope: Scope, id: number): Promise<EvaluationView> {
  const asOfMs = desk.time.now();
  const tender = await tenderSeen(desk, scope, id);
  if (tender.openedAt === null) {
    const reason = tender.state === "cancelled" ? "tender_cancelled" : "not_opened";
    throw stateForbidden(id, "the evaluation", reason);
  }
  const evaluation = await evaluateTender(desk.pool, tender, asOfMs);
  const shown = runsTender(scope) ? evaluation.points.filter((point) => point.counts) : evaluation.points;
  const results = runsTender(scope) ? evaluation.results : rankedBids(evaluation.bids, shown);
  const [bids, seen] = await Promise.all([
    listBids(desk.pool, scope, id),
    seenTenderPoints(desk.pool, scope, countingIds(evaluation.points)),
  ]);
  return {
    tender,
    asOfMs,
    participants: new Set(shown.map((point) => point.buildingId)).size,
    annualWh: shown.reduce((sum, point) => sum + point.annualWh, 0),
    bids: evaluatedBids(bids, evaluation, results, seen),
    buildings: new Map(
      evaluation.points
        .filter((point) => seen.has(point.supplyPointId))
        .map((point) => [point.buildingId, point.building]),
    ),
  };
}

/** In order of rank; only bids that the viewer may see. */
function evaluatedBids(
  seenBids: readonly BidRow[],
  evaluation: TenderEvaluation,
  results: readonly BidResult[],
  seenPoints: ReadonlySet<number>,
): EvaluatedBid[] {
  const bids = new Map(seenBids.map((bid) => [bid.id, bid]));
  const sums = new Map(results.map((result) => [result.bidId, result]));
  return evaluation.results.flatMap(({ bidId, rank, points }) => {
    const bid = bids.get(bidId);
    const result = sums.get(bidId);
    if (bid === undefined || result === undefined) return [];
    const currentCostMicro = result.points.reduce((sum, point) => sum + point.currentCostMicro, 0n);
    const shown = points.filter((point) => seenPoints.has(point.supplyPointId));
    return [{ bid, currentCostMicro, result: { ...result, rank, points: shown } }];
  });
}

export function countingIds(points: readonly TenderPointRow[]): number[] {
  return points.filter((point) => point.counts).map((point) => point.supplyPointId);
}

/** What a building would pay, of the supply points that the viewer may see: the awarded bid's, else that of rank 1. */
export async function buildingCosts(
  desk: Desk,
  scope: Scope,
  tender: TenderRow,
  buildingId: number,
): Promise<
  { annualWh: number; currentCostMicro: bigint; offeredCostMicro: bigint; savingMicro: bigint } | undefined
> {
  const bids = await listBids(desk.pool, scope, tender.id);
  if (tender.openedAt === null || bids.length === 0) return undefined;
  const evaluation = await evaluateTender(desk.pool, tender, desk.time.now());
  const chosen = evaluation.results.find((result) => result.bidId === tender.award?.bidId);
  const result = chosen ?? evaluation.results[0];
  if (result === undefined || !participantsIn(evaluation.points).includes(buildingId)) return undefined;
  const seen = await seenTenderPoints(desk.pool, scope, countingIds(evaluation.points));
  const points = result.points.filter(
    (point) => point.participantId === buildingId && seen.has(point.supplyPointId),
  );
  const sum = (read: (point: (typeof points)[number]) => bigint) =>
    points.reduce((total, point) => total + read(point), 0n);
  return {
    annualWh: points.reduce((total, point) => total + point.annualWh, 0),
    currentCostMicro: sum((point) => point.currentCostMicro),
    offeredCostMicro: sum((point) => point.offeredCostMicro),
    savingMicro: sum((point) => point.savingMicro),
  };
}
