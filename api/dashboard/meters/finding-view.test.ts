// Findings go by supply point, in the order in which the API told them: the gravest first.
import { expect, test } from "vitest";
import type { FindingGroup } from "../data/meters.ts";
import { byPoint } from "./finding-view.ts";

const group = (supplyPointId: string, rule: FindingGroup["rule"]): FindingGroup => ({
  supplyPointId,
  direction: "import",
  rule,
  severity: "warning",
  count: 1,
  from: "2026-01-15T10:00:00.000Z",
  to: "2026-01-15T11:00:00.000Z",
  latest: {
    rule,
    severity: "warning",
    from: "2026-01-15T10:00:00.000Z",
    to: "2026-01-15T11:00:00.000Z",
    value: 4,
    limit: 0,
    unit: "quarter_hours",
  },
});

test("a supply point stands where its gravest finding stands, with all of its own", () => {
  const points = byPoint([group("2", "sum"), group("1", "high"), group("2", "zero")]);
  expect(points.map(({ supplyPointId, groups }) => [supplyPointId, groups.map(({ rule }) => rule)])).toEqual([
    ["2", ["sum", "zero"]],
    ["1", ["high"]],
  ]);
});
