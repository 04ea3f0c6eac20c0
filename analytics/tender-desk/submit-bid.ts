// A supplier bids: judged by the rules and by the server's clock, kept from everybody else, answered with a receipt.
import { randomBytes } from "node:crypto";
import { KoproError } from "#devices/error";
import { DAY_MS } from "#devices/time";
import { insertBid, type BidRow, type Scope } from "#store";
import { bidRefusals, DEFAULT_BID_BOUNDS, type BidRules, type BidTerms } from "../tender/bids.ts";
import { canonicalHash } from "../tender/canonical-json.ts";
import { adviceOnBid } from "./advice.ts";
import type { BidInput, BidReceipt, Desk } from "./desk.ts";
import { BIDDERS, inStep, stateForbidden, type TenderStep } from "./tender-step.ts";

const VALIDITY_DEFAULT_MS = 60 * DAY_MS;
/** How long a bid binds is the supplier's offer, as its price is; only one that ends before the opening is none. */
const BINDING_MS = 0;
/** The one lot that a tender has so far. */
const LOT_IDS = [1];
const SALT_BYTES = 16;

type NewBidRow = Omit<BidRow, "id" | "supplierId" | "supplier">;

/** @throws KoproError `bid_refused` with all reasons; `state_forbidden` before and after the time for bids. */
export function submitBid(desk: Desk, scope: Scope, id: number, input: BidInput): Promise<BidReceipt> {
  return inStep(desk, scope, id, BIDDERS, async (step) => {
    step.mustAllow("bid");
    const terms = termsOf(step, input);
    mustFit(step, terms);
    const bid = await insertBid(step.client, scope, withReceipt(step, scope, terms));
    if (bid === undefined) throw new KoproError("forbidden", "Only suppliers bid.");
    // The receipt, not the bid: the log is read by others, and whoever keeps the receipt can show what was offered.
    const logHead = await step.record("bid", { bidId: String(bid.id), receipt: bid.receipt });
    return { ...bid, counts: true, logHead };
  });
}

function termsOf({ tender }: TenderStep, input: BidInput): BidTerms {
  return {
    lotId: input.lotId,
    price: { kind: "flat", nanoPerKwh: input.priceNanoPerKwh },
    annualFeeMicro: input.annualFeeMicro,
    currency: input.currency,
    vat: input.vat,
    termMonths: input.termMonths,
    greenMillionths: input.greenMillionths,
    validUntilMs: input.validUntilMs ?? tender.bidDeadline.getTime() + VALIDITY_DEFAULT_MS,
  };
}

function mustFit({ tender, atMs }: TenderStep, terms: BidTerms): void {
  const rules: BidRules = {
    lotIds: LOT_IDS,
    currency: tender.currency,
    termMonths: tender.termMonths,
    deadlineMs: tender.bidDeadline.getTime(),
    bindingMs: BINDING_MS,
    bounds: DEFAULT_BID_BOUNDS,
  };
  const reasons = bidRefusals(terms, atMs, rules);
  if (reasons.includes("bid_too_late")) {
    const what = `a bid at ${new Date(atMs).toISOString()}, after the deadline of ${tender.bidDeadline.toISOString()},`;
    throw stateForbidden(tender.id, what, "bid_too_late");
  }
  if (reasons.length === 0) return;
  const detail = `The bid does not fit tender ${tender.id}: ${adviceOnBid(reasons)}.`;
  throw new KoproError("bid_refused", detail, { extra: { reasons } });
}

function withReceipt({ tender, at }: TenderStep, scope: Scope, terms: BidTerms): NewBidRow {
  const salt = randomBytes(SALT_BYTES).toString("base64url");
  const validUntil = new Date(terms.validUntilMs);
  const bid: Omit<NewBidRow, "receipt"> = {
    tenderId: tender.id,
    receivedAt: at,
    priceNanoPerKwh: terms.price.nanoPerKwh,
    annualFeeMicro: terms.annualFeeMicro,
    currency: terms.currency,
    termMonths: terms.termMonths,
    greenMillionths: terms.greenMillionths,
    validUntil,
    salt,
  };
  return { ...bid, receipt: receiptOf({ ...bid, supplierId: scope.organisationId }) };
}

/** SHA-256 of the bid's canonical JSON: anyone who knows the bid and its salt can recompute it. */
export function receiptOf(bid: Omit<BidRow, "id" | "supplier" | "receipt">): string {
  return canonicalHash({
    tenderId: String(bid.tenderId),
    supplierId: String(bid.supplierId),
    receivedAt: bid.receivedAt.toISOString(),
    priceNanoPerKwh: bid.priceNanoPerKwh.toString(),
    annualFeeMicro: bid.annualFeeMicro.toString(),
    currency: bid.currency,
    vat: "excluded",
    termMonths: bid.termMonths,
    greenMillionths: bid.greenMillionths,
    validUntil: bid.validUntil.toISOString(),
    salt: bid.salt,
  });
}
