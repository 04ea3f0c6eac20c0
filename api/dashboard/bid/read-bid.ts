// What a supplier types, as a bid or as the fields that are not numbers or dates; whether it may stand is the API's to say.
import type { NewBid } from "../data/tender-api.ts";
import { addDays, parseCivilDate, startOfDayMs } from "../time/civil.ts";
import { feeIn, moneyOut, priceIn, priceOut, shareIn } from "./bid-cost.ts";

export const BID_FIELDS = ["price", "fee", "green", "validUntil"] as const;
export type BidField = (typeof BID_FIELDS)[number];
export type TypedBid = Readonly<Record<BidField, string>>;

/** The call's own terms, which a bid repeats. */
export type CallTerms = { readonly currency: string; readonly termMonths: number; readonly timezone: string };

export type ReadBid =
  | { readonly ok: true; readonly bid: NewBid }
  | { readonly ok: false; readonly faults: readonly BidField[] };

/** A bid binds to the end of the date typed, by the clocks of the tender's zone. */
export function readBid(typed: TypedBid, { currency, termMonths, timezone }: CallTerms): ReadBid {
  const price = priceIn(typed.price);
  const fee = feeIn(typed.fee);
  const greenShare = shareIn(typed.green);
  const date = parseCivilDate(typed.validUntil);
  if (price === undefined || fee === undefined || greenShare === undefined || date === undefined) {
    const read = { price, fee, green: greenShare, validUntil: date };
    return { ok: false, faults: BID_FIELDS.filter((field) => read[field] === undefined) };
  }
  const bid: NewBid = {
    pricePerKwh: priceOut(price),
    annualFee: moneyOut(fee),
    currency,
    vat: "excluded",
    termMonths,
    greenShare,
    validUntil: new Date(startOfDayMs(addDays(date, 1), timezone)).toISOString(),
  };
  return { ok: true, bid };
}

/** Which field a refusal is about, so that it can be shown there; `undefined`: the bid as a whole. */
export function fieldOf(refusal: string): BidField | undefined {
  const field = /^bid_(price|fee|green|validity)_/.exec(refusal)?.[1];
  if (field === "validity") return "validUntil";
  return BID_FIELDS.find((one) => one === field);
}
