// Bids: each rule has a case, limits are exact, and the last one before the deadline counts.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  AWARD_REFUSALS,
  awardRefusals,
  BID_REFUSALS,
  bidRefusals,
  countingBids,
  DEFAULT_BID_BOUNDS,
  type BidRefusal,
  type BidRules,
  type BidTerms,
  type StoredBid,
} from "./bids.ts";
import { DAY_MS } from "#devices/time";

const DEADLINE = Date.UTC(2026, 5, 1, 12);
const RULES: BidRules = {
  lotIds: [1],
  currency: "EUR",
  termMonths: 24,
  deadlineMs: DEADLINE,
  bindingMs: 14 * DAY_MS,
  bounds: DEFAULT_BID_BOUNDS,
};
const TERMS: BidTerms = {
  lotId: null,
  price: { kind: "flat", nanoPerKwh: 123_363_000n },
  annualFeeMicro: 60_000_000n,
  currency: "EUR",
  vat: "excluded",
  termMonths: 24,
  greenMillionths: 1_000_000,
  validUntilMs: DEADLINE + 14 * DAY_MS,
};
const flat = (nanoPerKwh: bigint) => ({ price: { kind: "flat", nanoPerKwh } }) as const;

const CASES: Readonly<Record<Exclude<BidRefusal, "bid_too_late">, readonly Partial<BidTerms>[]>> = {
  bid_lot_unknown: [{ lotId: 2 }],
  bid_currency_other: [{ currency: "CHF" }, { currency: "eur" }],
  bid_vat_included: [{ vat: "included" }],
  bid_price_negative: [flat(-1n)],
  bid_price_absurd: [flat(0n), flat(999_999n), flat(2_000_000_001n), flat(12_336_300_000n)],
  bid_fee_negative: [{ annualFeeMicro: -1n }],
  bid_fee_absurd: [{ annualFeeMicro: 100_000_000_001n }],
  bid_term_other: [{ termMonths: 12 }, { termMonths: Number.NaN }],
  bid_green_share_impossible: [
    { greenMillionths: -1 },
    { greenMillionths: 1_000_001 },
    { greenMillionths: 0.5 },
  ],
  bid_validity_too_short: [{ validUntilMs: DEADLINE + 14 * DAY_MS - 1 }, { validUntilMs: Number.NaN }],
};

test("a bid within every rule, and exactly on every limit, stands", () => {
  expect(bidRefusals(TERMS, DEADLINE - 1, RULES)).toEqual([]);
  for (const edge of [
    flat(1_000_000n),
    flat(2_000_000_000n),
    { annualFeeMicro: 0n },
    { annualFeeMicro: 100_000_000_000n },
    { greenMillionths: 0 },
    { lotId: 1 },
  ]) {
    expect(bidRefusals({ ...TERMS, ...edge }, DEADLINE - 1, RULES)).toEqual([]);
  }
});

test("each rule broken alone tells its code alone", () => {
  for (const [code, changes] of Object.entries(CASES)) {
    for (const change of changes) {
      expect(bidRefusals({ ...TERMS, ...change }, DEADLINE - 1, RULES)).toEqual([code]);
    }
  }
  expect(bidRefusals(TERMS, DEADLINE, RULES)).toEqual(["bid_too_late"]);
  expect([...Object.keys(CASES), "bid_too_late"].toSorted()).toEqual([...BID_REFUSALS].toSorted());
});

test("all that is wrong is told at once", () => {
  const terms = { ...TERMS, ...flat(-5n), currency: "USD", termMonths: 1 };
  expect(bidRefusals(terms, DEADLINE + 1, RULES)).toEqual([
    "bid_too_late",
    "bid_currency_other",
    "bid_price_negative",
    "bid_term_other",
  ]);
});

test("where there are several lots, a bid names its own", () => {
  expect(bidRefusals(TERMS, DEADLINE - 1, { ...RULES, lotIds: [1, 2] })).toEqual(["bid_lot_unknown"]);
  expect(bidRefusals({ ...TERMS, lotId: 2 }, DEADLINE - 1, { ...RULES, lotIds: [1, 2] })).toEqual([]);
});

function stored(
  bidId: number,
  supplierId: number,
  receivedAtMs: number,
  change: Partial<BidTerms> = {},
): StoredBid {
  return { bidId, supplierId, receivedAtMs, submission: { form: "terms", terms: { ...TERMS, ...change } } };
}

test("of a supplier's bids the last before the deadline counts, for each lot by itself", () => {
  const counting = countingBids(
    [
      stored(1, 7, DEADLINE - 30),
      stored(2, 7, DEADLINE - 10),
      stored(3, 7, DEADLINE),
      stored(4, 8, DEADLINE - 20),
      stored(5, 8, DEADLINE - 20),
      stored(6, 8, DEADLINE - 25, { lotId: 2 }),
      stored(7, 9, DEADLINE + 1),
    ],
    DEADLINE,
  );
  expect(counting.map(({ bidId }) => bidId)).toEqual([2, 5, 6]);
});

test("whatever the order of arrival in the list, the same bids count, one a supplier", () => {
  const bids = fc.uniqueArray(
    fc
      .tuple(fc.nat(40), fc.nat(4), fc.integer({ min: -5, max: 2 }))
      .map(([bidId, supplierId, offset]) => stored(bidId, supplierId, DEADLINE + offset)),
    { selector: ({ bidId }) => bidId },
  );
  fc.assert(
    fc.property(bids, (some) => {
      const counting = countingBids(some, DEADLINE);
      expect(countingBids(some.toReversed(), DEADLINE)).toEqual(counting);
      expect(new Set(counting.map(({ supplierId }) => supplierId)).size).toBe(counting.length);
      for (const bid of some.filter(({ receivedAtMs }) => receivedAtMs < DEADLINE)) {
        const counts = counting.find(({ supplierId }) => supplierId === bid.supplierId);
        expect(counts?.receivedAtMs).toBeGreaterThanOrEqual(bid.receivedAtMs);
      }
    }),
  );
});

test("an award needs a bid that counts and still binds, and enough participants", () => {
  const award = {
    counting: [stored(2, 7, DEADLINE - 1)],
    atMs: DEADLINE,
    participants: 10,
    minimumCohort: 10,
  };
  expect(awardRefusals(2, award)).toEqual([]);
  expect(awardRefusals(1, award)).toEqual(["bid_not_counting"]);
  expect(awardRefusals(2, { ...award, atMs: TERMS.validUntilMs - 1 })).toEqual([]);
  expect(awardRefusals(2, { ...award, atMs: TERMS.validUntilMs })).toEqual(["bid_expired"]);
  expect(awardRefusals(2, { ...award, participants: 9 })).toEqual(["cohort_too_small"]);
  const told = [1, 2].flatMap((bidId) => awardRefusals(bidId, { ...award, atMs: Infinity, participants: 0 }));
  expect(new Set(told)).toEqual(new Set(AWARD_REFUSALS));
});
