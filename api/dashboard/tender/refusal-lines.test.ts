// Twelve months of one reason are one sentence.
import { expect, test } from "vitest";
import { refusalLines } from "./refusal-lines.ts";

const beside = (month: string, buildingIds: string[]) => ({
  code: "cohort_too_small" as const,
  scope: "difference" as const,
  month,
  buildingIds,
});

test("the same buildings in several months are told once, with the months in order", () => {
  const lines = refusalLines([beside("2026-03", ["7"]), beside("2026-02", ["7"]), beside("2026-02", ["8"])]);
  expect(lines).toEqual([
    { kind: "tooFewBeside", buildingIds: ["7"], months: ["2026-02", "2026-03"] },
    { kind: "tooFewBeside", buildingIds: ["8"], months: ["2026-02"] },
  ]);
});

test("the whole period, single months and what is incomplete are told apart", () => {
  const whole = { scope: "publication" as const, month: null, buildingIds: ["7"] };
  const lines = refusalLines([
    { code: "cohort_too_small", ...whole },
    { code: "conditions_missing", participants: [{ buildingId: "9", missing: [] }] },
    { code: "dominant_participant", ...whole },
    { code: "dominant_participant", ...whole, month: "2026-05" },
  ]);
  expect(lines.map(({ kind }) => kind)).toEqual(["tooFew", "incomplete", "dominant", "dominantInMonths"]);
  expect(lines[1]?.buildingIds).toEqual(["9"]);
});

test("the annual volume is no month; those who left are not named, and told apart from who may be talked to", () => {
  const lines = refusalLines([
    { code: "dominant_participant", scope: "publication", month: "year", buildingIds: ["7"] },
    beside("year", ["8"]),
    beside("2026-02", ["8"]),
    beside("2026-02", []),
    beside("year", []),
  ]);
  expect(lines).toEqual([
    { kind: "dominant", buildingIds: ["7"], months: [] },
    { kind: "tooFewBeside", buildingIds: ["8"], months: ["2026-02"] },
    { kind: "tooFewLeft", buildingIds: [], months: ["2026-02"] },
  ]);
});
