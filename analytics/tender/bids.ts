// The rules of a bid, as pure checks with stable codes; texts in three languages come from the dashboard's message files.
import type { EnergyPrice } from "./bill.ts";

/** What a supplier offers, as received. Amounts are without VAT. */
export type BidTerms = {
  /** `null`: the only lot. With several lots each has bids of its own. */
  readonly lotId: number | null;
  readonly price: EnergyPrice;
  /** Micro-units of the currency per supply point and year. */
  readonly annualFeeMicro: bigint;
  /** ISO 4217. */
  readonly currency: string;
  readonly vat: "included" | "excluded";
  readonly termMonths: number;
  /** Certified green share in millionths. */
  readonly greenMillionths: number;
  /** The bid binds before this instant. */
  readonly validUntilMs: number;
};

/**
 * How a bid lies with us until the opening. One form so far: its terms, which the server keeps to itself. Sealed commit and
 * reveal becomes a second form (a hash first, terms and salt after the deadline), which `countingBids` lets through once revealed.
 */
export type BidSubmission = { readonly form: "terms"; readonly terms: BidTerms };

export type StoredBid = {
  readonly bidId: number;
  readonly supplierId: number;
  /** By the server's clock. */
  readonly receivedAtMs: number;
  readonly submission: BidSubmission;
};

/** What a bid must fit. */
export type BidRules = {
  readonly lotIds: readonly number[];
  readonly currency: string;
  readonly termMonths: number;
  /** Bids received before this instant count. */
  readonly deadlineMs: number;
  /** How long after the deadline a bid must bind at least, for the evaluation and the decision. */
  readonly bindingMs: number;
  readonly bounds: BidBounds;
};

/** Beyond these, somebody mistook the unit: cents or € per MWh for € per kWh. Both ends are allowed. */
export type BidBounds = {
  readonly priceMinNano: bigint;
  readonly priceMaxNano: bigint;
  readonly annualFeeMaxMicro: bigint;
};

/** 0.001 to 2 per kWh, at most 100,000 per supply point and year. */
export const DEFAULT_BID_BOUNDS: BidBounds = {
  priceMinNano: 1_000_000n,
  priceMaxNano: 2_000_000_000n,
  annualFeeMaxMicro: 100_000_000_000n,
};

export const BID_REFUSALS = [
  "bid_too_late",
  "bid_lot_unknown",
  "bid_currency_other",
  "bid_vat_included",
  "bid_price_negative",
  "bid_price_absurd",
  "bid_fee_negative",
  "bid_fee_absurd",
  "bid_term_other",
  "bid_green_share_impossible",
  "bid_validity_too_short",
] as const;
export type BidRefusal = (typeof BID_REFUSALS)[number];

/** All that is wrong, in the order of `BID_REFUSALS`; empty when the bid stands. */
export function bidRefusals(terms: BidTerms, receivedAtMs: number, rules: BidRules): BidRefusal[] {
  const broken = brokenRules(terms, receivedAtMs, rules);
  return BID_REFUSALS.filter((code) => broken[code]);
}

function brokenRules(
  terms: BidTerms,
  receivedAtMs: number,
  rules: BidRules,
): Readonly<Record<BidRefusal, boolean>> {
  const { nanoPerKwh } = terms.price;
  const { bounds } = rules;
  return {
    bid_too_late: receivedAtMs >= rules.deadlineMs,
    bid_lot_unknown: terms.lotId === null ? rules.lotIds.length > 1 : !rules.lotIds.includes(terms.lotId),
    bid_currency_other: terms.currency !== rules.currency,
    bid_vat_included: terms.vat !== "excluded",
    bid_price_negative: nanoPerKwh < 0n,
    bid_price_absurd:
      nanoPerKwh >= 0n && (nanoPerKwh < bounds.priceMinNano || nanoPerKwh > bounds.priceMaxNano),
    bid_fee_negative: terms.annualFeeMicro < 0n,
    bid_fee_absurd: terms.annualFeeMicro > bounds.annualFeeMaxMicro,
    bid_term_other: terms.termMonths !== rules.termMonths,
    bid_green_share_impossible: !isShare(terms.greenMillionths),
    bid_validity_too_short: !(terms.validUntilMs >= rules.deadlineMs + rules.bindingMs),
  };
}

function isShare(millionths: number): boolean {
  return Number.isInteger(millionths) && millionths >= 0 && millionths <= 1_000_000;
}

/**
 * Of each supplier and lot the last bid received before the deadline; of one instant, the higher identifier. Ordered by
 * identifier. The others stay on record.
 */
export function countingBids(bids: readonly StoredBid[], deadlineMs: number): StoredBid[] {
  const inTime = bids
    .filter(({ receivedAtMs }) => receivedAtMs < deadlineMs)
    .toSorted((left, right) => left.receivedAtMs - right.receivedAtMs || left.bidId - right.bidId);
  const last = new Map(inTime.map((bid) => [`${bid.supplierId} ${bid.submission.terms.lotId}`, bid]));
  return [...last.values()].sort((left, right) => left.bidId - right.bidId);
}

export const AWARD_REFUSALS = ["bid_not_counting", "bid_expired", "cohort_too_small"] as const;
export type AwardRefusal = (typeof AWARD_REFUSALS)[number];

/**
 * Why a bid cannot be awarded now; empty when it can. `participants`: those of the dossier whose consent still stands.
 * Withdrawals may leave fewer than the bid was made for: then the tender is cancelled, not awarded.
 */
export function awardRefusals(
  bidId: number,
  award: {
    readonly counting: readonly StoredBid[];
    readonly atMs: number;
    readonly participants: number;
    readonly minimumCohort: number;
  },
): AwardRefusal[] {
  const bid = award.counting.find((one) => one.bidId === bidId);
  const broken: Readonly<Record<AwardRefusal, boolean>> = {
    bid_not_counting: bid === undefined,
    bid_expired: bid !== undefined && award.atMs >= bid.submission.terms.validUntilMs,
    cohort_too_small: award.participants < award.minimumCohort,
  };
  return AWARD_REFUSALS.filter((code) => broken[code]);
}
