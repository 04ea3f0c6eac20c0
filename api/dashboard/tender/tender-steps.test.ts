// Where a tender stands: every state has its step, and a cancelled one stops where it was.
import { TENDER_STATES } from "#analytics";
import { expect, test } from "vitest";
import { STEPS, stepsOf } from "./tender-steps.ts";

const TENDER = { createdAt: "2026-01-01T00:00:00Z", publishedAt: null, openedAt: null, award: null };
const phases = (steps: ReturnType<typeof stepsOf>): string => steps.map(({ phase }) => phase[0]).join("");

test.each(TENDER_STATES.filter((state) => state !== "cancelled"))(
  "%s is one step, done before, ahead after",
  (state) => {
    expect(phases(stepsOf({ ...TENDER, state }))).toMatch(/^d*ha*$/);
  },
);

test("publication and bidding are one step, and so are opening and evaluation", () => {
  const at = (state: (typeof TENDER_STATES)[number]): string => phases(stepsOf({ ...TENDER, state }));
  expect(at("published")).toBe(at("bidding"));
  expect(at("opened")).toBe(at("evaluated"));
  expect(at("in_force")).toBe("dddddh");
});

test("dates are those of the log, and without one those of the tender", () => {
  const tender = { ...TENDER, state: "bidding" as const, publishedAt: "2026-02-02T00:00:00Z" };
  const dates = (log: Parameters<typeof stepsOf>[1]) =>
    stepsOf(tender, log).map(({ reachedAt }) => reachedAt);
  expect(dates([])).toEqual([
    TENDER.createdAt,
    undefined,
    tender.publishedAt,
    undefined,
    undefined,
    undefined,
  ]);
  const log = [
    { state: "enrolling" as const, at: "2026-01-05T00:00:00Z" },
    { state: "enrolling" as const, at: "2026-01-09T00:00:00Z" },
    { state: "published" as const, at: "2026-02-01T00:00:00Z" },
  ];
  expect(dates(log).slice(0, 3)).toEqual([TENDER.createdAt, log[0]?.at, log[2]?.at]);
});

test("a cancelled tender stops at the step it had reached", () => {
  const cancelled = { ...TENDER, state: "cancelled" as const };
  const log = [
    { state: "bidding" as const, at: "2026-02-01T00:00:00Z" },
    { state: "cancelled" as const, at: "2026-02-03T00:00:00Z" },
  ];
  expect(phases(stepsOf(cancelled, log))).toBe("ddsaaa");
  expect(phases(stepsOf(cancelled))).toBe("dsaaaa");
  expect(phases(stepsOf({ ...cancelled, publishedAt: "2026-02-01T00:00:00Z" }))).toBe("ddsaaa");
  expect(stepsOf(cancelled)).toHaveLength(STEPS.length);
});
