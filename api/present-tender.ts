// A tender and what it names as the API answers them: identifiers and money as text, and of sealed bids only to some how many.
import {
  genesisHash,
  type PreviewView,
  type PublicationFault,
  type TenderMissingCondition,
  type TenderState,
} from "#analytics";
import type { AwardRow, BidRow, Scope, TenderRow } from "#store";
import { showMoney, showRate, showShare } from "./amount.ts";

/** Who runs tenders is told how many bid while the bids are sealed. */
function runsTenders(scope: Scope): boolean {
  return scope.role === "admin" || scope.role === "coordinator";
}

export function presentTender(row: TenderRow, scope: Scope) {
  return {
    id: String(row.id),
    organisationId: String(row.organisationId),
    organisation: row.organisation,
    name: row.name,
    carrier: row.carrier,
    regions: [...row.regions],
    timezone: row.timezone,
    currency: row.currency,
    deliveryStart: row.deliveryStartsOn,
    termMonths: row.termMonths,
    minimumCohort: row.minimumCohort,
    bidDeadline: row.bidDeadline.toISOString(),
    state: row.state as TenderState,
    createdAt: row.createdAt.toISOString(),
    publishedAt: row.publishedAt?.toISOString() ?? null,
    openedAt: row.openedAt?.toISOString() ?? null,
    participants: row.participants,
    sealedBids: runsTenders(scope) ? row.bidders : null,
    dossierHash: row.dossierHash,
    logHead: row.logHead ?? genesisHash(row.id),
    award: row.award === null ? null : presentAward(row.award),
  };
}

function presentAward(row: AwardRow) {
  return {
    bidId: String(row.bidId),
    ...presentOffer(row),
    awardedAt: row.awardedAt.toISOString(),
    reason: row.reason,
  };
}

/** What bids, awards and ranked bids have in common. */
export function presentOffer(
  row: Pick<BidRow, "supplierId" | "supplier" | "priceNanoPerKwh" | "annualFeeMicro" | "greenMillionths">,
) {
  return {
    supplierId: String(row.supplierId),
    supplier: row.supplier,
    pricePerKwh: showRate(row.priceNanoPerKwh),
    annualFee: showMoney(row.annualFeeMicro),
    greenShare: showShare(row.greenMillionths),
  };
}

type About = { readonly supplyPointId?: number; readonly tenderId?: number };

/** A condition with what it is about, its identifiers as text. */
export function presentMissing(condition: TenderMissingCondition) {
  const { supplyPointId, tenderId, ...rest }: TenderMissingCondition & About = condition;
  return {
    ...rest,
    ...(supplyPointId === undefined ? {} : { supplyPointId: String(supplyPointId) }),
    ...(tenderId === undefined ? {} : { tenderId: String(tenderId) }),
  };
}

export function presentPreview({ asOfMs, lot, refusals }: PreviewView) {
  return {
    asOf: new Date(asOfMs).toISOString(),
    lot: lot && { ...lot, supplyPoints: [...lot.supplyPoints], monthlyWh: [...lot.monthlyWh] },
    refusals: refusals.map(presentRefusal),
  };
}

function presentRefusal(fault: PublicationFault) {
  if (fault.code === "conditions_missing") {
    const participants = fault.participants.map(({ buildingId, missing }) => ({
      buildingId: String(buildingId),
      missing: missing.map(presentMissing),
    }));
    return { code: fault.code, participants };
  }
  const { code, scope, month, participantIds } = fault;
  return { code, scope, month, buildingIds: participantIds.map(String) };
}
