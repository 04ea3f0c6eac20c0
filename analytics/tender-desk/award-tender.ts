// The award: one bid wins, and each supply point that still counts has its contract from the delivery start on.
import { KoproError } from "#devices/error";
import {
  conflictingContracts,
  storeAward,
  storeAwardedContracts,
  type BidRow,
  type Scope,
  type TenderRow,
} from "#store";
import { awardRefusals } from "../tender/bids.ts";
import { enterIntoForce } from "./advance-tenders.ts";
import type { Desk } from "./desk.ts";
import { evaluateTender, participantsIn, storedBid, type TenderEvaluation } from "./evaluate-tender.ts";
import { RUNNERS, stateForbidden, tenderAfter, type TenderStep } from "./tender-step.ts";

export type AwardInput = { readonly bidId: number; readonly reason: string | undefined };

/** @throws KoproError `cohort_too_small` when withdrawals left too few; `state_forbidden` with the reason. */
export function awardTender(desk: Desk, scope: Scope, id: number, award: AwardInput): Promise<TenderRow> {
  return tenderAfter(desk, scope, id, RUNNERS, async (step) => {
    step.mustAllow("award");
    const evaluation = await evaluateTender(step.client, step.tender, step.atMs);
    const bid = winnerOf(step, evaluation, award.bidId);
    const reason = award.reason?.trim() ?? "";
    await storeAward(step.client, {
      tenderId: id,
      bidId: bid.id,
      awardedAt: step.at,
      awardedBy: scope.accountId,
      reason,
    });
    await writeContracts(step, evaluation, bid);
    await step.record(
      "award",
      { bidId: String(bid.id), receipt: bid.receipt },
      reason === "" ? null : reason,
    );
    await enterIntoForce(step);
  });
}

function winnerOf({ tender, atMs }: TenderStep, evaluation: TenderEvaluation, bidId: number): BidRow {
  const participants = participantsIn(evaluation.points);
  const { minimumCohort } = tender;
  const counting = evaluation.bids.map(storedBid);
  const refusals = awardRefusals(bidId, {
    counting,
    atMs,
    participants: participants.length,
    minimumCohort,
  });
  if (refusals.includes("cohort_too_small")) {
    throw new KoproError(
      "cohort_too_small",
      `Tender ${tender.id}: ${participants.length} of at least ${minimumCohort} participants are left.`,
      { extra: { scope: "award", month: null, buildingIds: participants.map(String) } },
    );
  }
  const bid = evaluation.bids.find((one) => one.id === bidId);
  const [refusal] = refusals;
  if (refusal !== undefined || bid === undefined) {
    throw stateForbidden(tender.id, `the award of bid ${bidId}`, refusal ?? "bid_not_counting");
  }
  return bid;
}

/**
 * A contract that begins within the term would be written over, or would end the new one early: whoever recorded it decides, so
 * the award is refused and says where.
 */
async function writeContracts(
  { client, tender, at }: TenderStep,
  { points }: TenderEvaluation,
  bid: BidRow,
): Promise<void> {
  const supplyPointIds = points.filter((point) => point.counts).map((point) => point.supplyPointId);
  const startsOn = tender.deliveryStartsOn;
  const endsOn = Temporal.PlainDate.from(startsOn).add({ months: tender.termMonths }).toString();
  const conflicts = await conflictingContracts(client, supplyPointIds, startsOn, endsOn);
  if (conflicts.length > 0) {
    throw stateForbidden(tender.id, "the award", "contract_conflict", {
      supplyPointIds: conflicts.map(String),
    });
  }
  await storeAwardedContracts(client, {
    tenderId: tender.id,
    supplyPointIds,
    startsOn,
    endsOn,
    bid,
    recordedAt: at,
  });
}
