// What can be done about a refusal, in a sentence for whoever reads the answer itself; people get theirs from the message files.
import type { AwardRefusal, BidRefusal } from "../tender/bids.ts";
import type { StateRefusal } from "../tender/states.ts";

export type Reason =
  | StateRefusal
  | AwardRefusal
  | "bid_too_late"
  | "deadline_not_reached"
  | "deadline_passed"
  | "contract_conflict";

const ADVICE: Readonly<Record<Reason, string>> = {
  enrolment_not_open: "Open its enrolment first.",
  enrolment_closed:
    "Enrolment ended with the publication; a building that must go out can withdraw, with a reason.",
  already_enrolling: "Its enrolment is open already.",
  not_published: "Publish it first.",
  already_published: "Its dossier is published and stays as it is.",
  bidding_not_open: "Bids are taken from the publication on.",
  bidding_closed: "The bids are opened; none is taken any more.",
  already_bidding: "It takes bids already.",
  not_opened: "Open the bids first, after the deadline.",
  already_opened: "Its bids are opened already.",
  not_evaluated: "Open the bids first, after the deadline: opening evaluates them.",
  already_evaluated: "Its bids are evaluated already.",
  not_awarded: "Award a bid first.",
  already_awarded: "A bid is awarded already; its contracts end as they say.",
  already_in_force: "Its contracts are in force already.",
  tender_cancelled: "It was cancelled, and stays so; call for bids anew.",
  reason_missing: "Say why, in words.",
  bid_too_late: "The deadline has passed by the server's clock.",
  deadline_not_reached: "Wait for the deadline.",
  deadline_passed: "Nobody could bid any more: cancel it, and call anew with a later deadline.",
  bid_not_counting: "Choose a bid of its evaluation: the last of its supplier before the deadline.",
  bid_expired: "It binds no more; choose a bid that is still valid.",
  cohort_too_small: "Too few participants are left; cancel it.",
  contract_conflict: "Correct the contracts that begin within the term, or exclude their buildings.",
};

/** What to do about a state that forbids a step. */
export function adviceOn(reason: Reason): string {
  return ADVICE[reason];
}

const BID_ADVICE: Readonly<Record<BidRefusal, string>> = {
  bid_too_late: "the deadline has passed",
  bid_lot_unknown: "leave out lotId, there is one lot",
  bid_currency_other: "use the tender's currency",
  bid_vat_included: "give amounts without VAT",
  bid_price_negative: "the price must be above zero",
  bid_price_absurd: "the price is per kWh, in whole units of the currency: 0.001 to 2",
  bid_fee_negative: "the fee must not be below zero",
  bid_fee_absurd: "the fee is per supply point and year, at most 100000",
  bid_term_other: "the term must be the tender's",
  bid_green_share_impossible: "the green share is between 0 and 1",
  bid_validity_too_short: "the bid must be valid beyond the deadline",
};

/** What to change in a bid, for each rule that it breaks. */
export function adviceOnBid(reasons: readonly BidRefusal[]): string {
  return reasons.map((reason) => BID_ADVICE[reason]).join("; ");
}
