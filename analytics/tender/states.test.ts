// The life of a tender: the table is total, and says what the drawing says.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  STATE_REFUSALS,
  TENDER_EVENTS,
  TENDER_STATES,
  transition,
  type TenderEvent,
  type TenderEventKind,
  type TenderState,
} from "./states.ts";

function event(kind: TenderEventKind, reason: string | null = "as decided"): TenderEvent {
  return { kind, atMs: Date.UTC(2026, 2, 1), by: { accountId: 1 }, reason };
}

/** The drawing, arrow by arrow; all that is not here is refused. */
const ARROWS: Readonly<Record<TenderState, Readonly<Partial<Record<TenderEventKind, TenderState>>>>> = {
  draft: { enrol: "enrolling", cancel: "cancelled" },
  enrolling: {
    join: "enrolling",
    leave: "enrolling",
    withdraw: "enrolling",
    publish: "published",
    cancel: "cancelled",
  },
  published: { withdraw: "published", open_bidding: "bidding", cancel: "cancelled" },
  bidding: { bid: "bidding", withdraw: "bidding", open: "opened", cancel: "cancelled" },
  opened: { withdraw: "opened", evaluate: "evaluated", cancel: "cancelled" },
  evaluated: { withdraw: "opened", award: "awarded", cancel: "cancelled" },
  awarded: { enter_into_force: "in_force" },
  in_force: {},
  cancelled: {},
};

test("every state answers every event: along an arrow of the drawing, or with a known refusal", () => {
  for (const state of TENDER_STATES) {
    for (const kind of TENDER_EVENTS) {
      const outcome = transition(state, event(kind));
      const arrow = ARROWS[state][kind];
      if (arrow !== undefined)
        expect([state, kind, outcome]).toEqual([state, kind, { allowed: true, state: arrow }]);
      else expect([state, kind, outcome.allowed]).toEqual([state, kind, false]);
      if (!outcome.allowed) expect(STATE_REFUSALS).toContain(outcome.refusal);
    }
  }
});

test("every refusal has a case", () => {
  const told = TENDER_STATES.flatMap((state) =>
    TENDER_EVENTS.flatMap((kind) => [transition(state, event(kind)), transition(state, event(kind, " "))]),
  ).flatMap((outcome) => (outcome.allowed ? [] : [outcome.refusal]));
  expect(new Set(told)).toEqual(new Set(STATE_REFUSALS));
});

test("cancelling and withdrawing say why; where they cannot happen, that is said first", () => {
  for (const kind of ["cancel", "withdraw"] as const) {
    for (const reason of [null, "", " \n"]) {
      expect(transition("bidding", event(kind, reason))).toEqual({
        allowed: false,
        refusal: "reason_missing",
      });
      expect(transition("awarded", event(kind, reason))).toEqual({
        allowed: false,
        refusal: "already_awarded",
      });
    }
  }
  expect(transition("enrolling", event("join", null))).toEqual({ allowed: true, state: "enrolling" });
});

/** How far a tender has come, and that it only goes back where an evaluation is made again. */
test("whatever happens, nobody joins or leaves after publication, no bid after the opening, and no end is left", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...TENDER_EVENTS), { maxLength: 60 }), (kinds) => {
      let state: TenderState = "draft";
      const past = new Set<TenderState>();
      for (const kind of kinds) {
        const outcome = transition(state, event(kind));
        if (outcome.allowed) {
          expect(past.has("published") && (kind === "join" || kind === "leave")).toBe(false);
          expect(past.has("opened") && kind === "bid").toBe(false);
          expect(["in_force", "cancelled"]).not.toContain(state);
          state = outcome.state;
        }
        past.add(state);
      }
      if (past.has("in_force")) expect(past.size).toBe(TENDER_STATES.length - 1);
    }),
  );
});

test("from every state an end can be reached", () => {
  for (const state of TENDER_STATES) {
    const reached = new Set<TenderState>([state]);
    for (const from of reached) for (const to of Object.values(ARROWS[from])) reached.add(to);
    expect(reached.has("in_force") || reached.has("cancelled")).toBe(true);
  }
});
