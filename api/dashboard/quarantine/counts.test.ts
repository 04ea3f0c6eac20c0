// What waits is counted for what is chosen: everything, a reason, a device, or both.
import { expect, test } from "vitest";
import type { QuarantineSummary, ReasonCount } from "../data/quarantine.ts";
import { requestedIn, waitingIn } from "./counts.ts";

const AT = "2026-01-01T00:00:00Z";
const reason = (fields: Partial<ReasonCount>): ReasonCount => ({
  reason: "reading_malformed",
  waiting: 0,
  requested: 0,
  replayed: 0,
  bytes: 0,
  oldestAt: AT,
  newestAt: AT,
  ...fields,
});
const summary: QuarantineSummary = {
  reasons: [
    reason({ waiting: 5, requested: 2 }),
    reason({ reason: "time_missing", waiting: 3, requested: 1 }),
  ],
  items: [
    {
      deviceId: "7",
      buildingId: "1",
      name: "Cellar",
      waiting: 4,
      replayed: 9,
      bytes: 0,
      reasons: { reading_malformed: 3, time_missing: 1 },
    },
  ],
  nextCursor: null,
};

test("what waits is counted by what is chosen", () => {
  expect(waitingIn(summary, {})).toBe(8);
  expect(waitingIn(summary, { reason: "time_missing" })).toBe(3);
  expect(waitingIn(summary, { deviceId: "7" })).toBe(4);
  expect(waitingIn(summary, { deviceId: "7", reason: "time_missing" })).toBe(1);
  expect(waitingIn(summary, { deviceId: "7", reason: "unit_unknown" })).toBe(0);
  expect(waitingIn(summary, { deviceId: "8" })).toBe(0);
});

test("what is marked is counted by reason, of all devices", () => {
  expect(requestedIn(summary, undefined)).toBe(3);
  expect(requestedIn(summary, "time_missing")).toBe(1);
});
