// The life of a tender: what may happen in which state, and why not otherwise.
//
//           join leave             bid          withdraw
//           withdraw    withdraw   withdraw       ┌─┐
//             ┌─┐          ┌─┐        ┌─┐         │ ▼  evaluate
// draft ──▶ enrolling ──▶ published ──▶ bidding ──▶ opened ──▶ evaluated ──▶ awarded ──▶ in_force
//   │  enrol    │ publish    │ open_       │ open     │ ◀────────  │  award   enter_into_force
//   │           │            │  bidding    │          │  withdraw  │
//   └───────────┴────────────┴─────────────┴──────────┴────────────┴──▶ cancelled

export const TENDER_STATES = [
  "draft",
  "enrolling",
  "published",
  "bidding",
  "opened",
  "evaluated",
  "awarded",
  "in_force",
  "cancelled",
] as const;
export type TenderState = (typeof TENDER_STATES)[number];

/**
 * `withdraw` is the withdrawal of a consent: a right that no deadline ends, unlike `leave`. It takes the participant out of
 * what follows; the published dossier stays as it is (I6).
 */
export const TENDER_EVENTS = [
  "enrol",
  "join",
  "leave",
  "publish",
  "open_bidding",
  "bid",
  "withdraw",
  "open",
  "evaluate",
  "award",
  "enter_into_force",
  "cancel",
] as const;
export type TenderEventKind = (typeof TENDER_EVENTS)[number];

/** Why an event cannot happen. The API answers `state_forbidden` with one of these as its reason. */
export const STATE_REFUSALS = [
  "enrolment_not_open",
  "enrolment_closed",
  "already_enrolling",
  "not_published",
  "already_published",
  "bidding_not_open",
  "bidding_closed",
  "already_bidding",
  "not_opened",
  "already_opened",
  "not_evaluated",
  "already_evaluated",
  "not_awarded",
  "already_awarded",
  "already_in_force",
  "tender_cancelled",
  "reason_missing",
] as const;
export type StateRefusal = (typeof STATE_REFUSALS)[number];

/** What happened, when by the server's clock, by whom (`null`: the server itself, at a deadline or a delivery start), and why. */
export type TenderEvent = {
  readonly kind: TenderEventKind;
  readonly atMs: number;
  readonly by: { readonly accountId: number } | null;
  /** Free text; must be given for `cancel` and `withdraw`. */
  readonly reason: string | null;
};

export type Transition =
  | { readonly allowed: true; readonly state: TenderState }
  | { readonly allowed: false; readonly refusal: StateRefusal };

/** Every pair of state and event has an entry; what else an event needs (cohort, deadline, validity) its own file checks. */
export function transition(state: TenderState, event: TenderEvent): Transition {
  const outcome = TRANSITIONS[state][event.kind];
  if (!isState(outcome)) return { allowed: false, refusal: outcome };
  if (NEEDS_REASON.has(event.kind) && (event.reason ?? "").trim() === "") {
    return { allowed: false, refusal: "reason_missing" };
  }
  return { allowed: true, state: outcome };
}

const NEEDS_REASON: ReadonlySet<TenderEventKind> = new Set(["cancel", "withdraw"]);

function isState(outcome: TenderState | StateRefusal): outcome is TenderState {
  return (TENDER_STATES as readonly string[]).includes(outcome);
}

type Row = Readonly<Record<TenderEventKind, TenderState | StateRefusal>>;

/** For a state in which nothing happens any more. */
function closed(refusal: StateRefusal): Row {
  return Object.fromEntries(TENDER_EVENTS.map((kind) => [kind, refusal])) as Row;
}

const TRANSITIONS: Readonly<Record<TenderState, Row>> = {
  draft: {
    enrol: "enrolling",
    join: "enrolment_not_open",
    leave: "enrolment_not_open",
    publish: "enrolment_not_open",
    open_bidding: "not_published",
    bid: "bidding_not_open",
    withdraw: "enrolment_not_open",
    open: "bidding_not_open",
    evaluate: "not_opened",
    award: "not_evaluated",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  enrolling: {
    enrol: "already_enrolling",
    join: "enrolling",
    leave: "enrolling",
    publish: "published",
    open_bidding: "not_published",
    bid: "bidding_not_open",
    withdraw: "enrolling",
    open: "bidding_not_open",
    evaluate: "not_opened",
    award: "not_evaluated",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  published: {
    enrol: "enrolment_closed",
    join: "enrolment_closed",
    leave: "enrolment_closed",
    publish: "already_published",
    open_bidding: "bidding",
    bid: "bidding_not_open",
    withdraw: "published",
    open: "bidding_not_open",
    evaluate: "not_opened",
    award: "not_evaluated",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  bidding: {
    enrol: "enrolment_closed",
    join: "enrolment_closed",
    leave: "enrolment_closed",
    publish: "already_published",
    open_bidding: "already_bidding",
    bid: "bidding",
    withdraw: "bidding",
    open: "opened",
    evaluate: "not_opened",
    award: "not_evaluated",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  opened: {
    enrol: "enrolment_closed",
    join: "enrolment_closed",
    leave: "enrolment_closed",
    publish: "already_published",
    open_bidding: "bidding_closed",
    bid: "bidding_closed",
    withdraw: "opened",
    open: "already_opened",
    evaluate: "evaluated",
    award: "not_evaluated",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  evaluated: {
    enrol: "enrolment_closed",
    join: "enrolment_closed",
    leave: "enrolment_closed",
    publish: "already_published",
    open_bidding: "bidding_closed",
    bid: "bidding_closed",
    // An evaluation counts the participants it was made for: without one of them it is made again.
    withdraw: "opened",
    open: "already_opened",
    evaluate: "already_evaluated",
    award: "awarded",
    enter_into_force: "not_awarded",
    cancel: "cancelled",
  },
  awarded: {
    enrol: "enrolment_closed",
    join: "enrolment_closed",
    leave: "enrolment_closed",
    publish: "already_published",
    open_bidding: "bidding_closed",
    bid: "bidding_closed",
    // From here on there is a contract of supply for each participant, and it ends as that contract says.
    withdraw: "already_awarded",
    open: "already_opened",
    evaluate: "already_awarded",
    award: "already_awarded",
    enter_into_force: "in_force",
    cancel: "already_awarded",
  },
  in_force: closed("already_in_force"),
  cancelled: closed("tender_cancelled"),
};
