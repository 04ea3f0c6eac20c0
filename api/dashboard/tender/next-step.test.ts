// What comes next: everybody is told something in every state, and only those who can act are asked to.
import { TENDER_STATES } from "#analytics";
import { expect, test } from "vitest";
import french from "../messages/fr.json" with { type: "json" };
import { isDeadlinePassed, nextStep } from "./next-step.ts";

const ROLES = ["admin", "coordinator", "manager", "resident", "supplier"] as const;
const DEADLINE_MS = Date.parse("2026-03-01T12:00:00Z");
const TENDER = {
  id: "7",
  state: "enrolling" as (typeof TENDER_STATES)[number],
  participants: 4,
  minimumCohort: 10,
  bidDeadline: "2026-03-01T12:00:00Z",
  award: null,
};
const as = (role: (typeof ROLES)[number]) => ({ role, organisationId: "3" });

test.each(ROLES)("a %s is told something in every state, before and after the deadline", (role) => {
  for (const state of TENDER_STATES) {
    for (const nowMs of [DEADLINE_MS - 1, DEADLINE_MS]) {
      const step = nextStep({ ...TENDER, state }, as(role), nowMs);
      expect(Object.keys(french), state).toContain(step.text);
      expect(step.href).toMatch(/^\/tenders\/7(\/offers|\/bid)?$/);
      if (role === "resident") expect(step.mine).toBe(false);
    }
  }
});

test("the coordinator gathers, then publishes, then opens, and not before the deadline", () => {
  const step = (change: Partial<typeof TENDER>, nowMs = DEADLINE_MS - 1) =>
    nextStep({ ...TENDER, ...change }, as("coordinator"), nowMs).text;
  expect(step({})).toBe("tenders.next.run.gather");
  expect(step({ participants: 10 })).toBe("tenders.next.run.publish");
  expect(step({ participants: 10 }, DEADLINE_MS)).toBe("tenders.next.run.tooLate");
  expect(step({ state: "bidding" })).toBe("tenders.next.run.wait");
  expect(step({ state: "bidding" }, DEADLINE_MS)).toBe("tenders.next.run.open");
});

test("a bid may be given until the deadline; whoever lost is not told that it won", () => {
  const bidding = { ...TENDER, state: "bidding" as const };
  expect(nextStep(bidding, as("supplier"), DEADLINE_MS - 1)).toMatchObject({
    href: "/tenders/7/bid",
    mine: true,
  });
  expect(nextStep(bidding, as("supplier"), DEADLINE_MS).mine).toBe(false);
  expect(isDeadlinePassed(TENDER, DEADLINE_MS)).toBe(true);
  const award = { supplierId: "3" } as never;
  const awarded = { ...TENDER, state: "awarded" as const, award };
  expect(nextStep(awarded, as("supplier"), DEADLINE_MS).text).toBe("tenders.next.supplier.won");
  expect(nextStep(awarded, { role: "supplier", organisationId: "4" }, DEADLINE_MS).text).toBe(
    "tenders.next.supplier.other",
  );
});
