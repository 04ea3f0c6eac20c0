// Twelve supply points without a contract are one sentence, with the worst figure of each kind.
import { expect, test } from "vitest";
import { missingKinds } from "./missing-conditions.ts";

test("conditions of one kind are told once, in the order given", () => {
  const kinds = missingKinds([
    { code: "in_other_tender", tenderId: "9" },
    { code: "contract_missing", supplyPointId: "1" },
    { code: "contract_missing", supplyPointId: "2" },
    { code: "profile_too_short", supplyPointId: "1", measuredDays: 12, neededDays: 28 },
    { code: "profile_too_short", supplyPointId: "2", measuredDays: 3, neededDays: 28 },
    { code: "profile_stale", supplyPointId: "3", lastMeasuredDay: "2026-02-03" },
    { code: "profile_stale", supplyPointId: "4", lastMeasuredDay: "2026-01-09" },
  ]);
  expect(kinds.map(({ code, points }) => [code, points])).toEqual([
    ["in_other_tender", 0],
    ["contract_missing", 2],
    ["profile_too_short", 2],
    ["profile_stale", 2],
  ]);
  expect(kinds[0]?.tenderIds).toEqual(["9"]);
  expect(kinds[2]).toMatchObject({ measuredDays: 3, neededDays: 28 });
  expect(kinds[3]?.lastMeasuredDay).toBe("2026-01-09");
  expect(missingKinds([])).toEqual([]);
});
