// Folding says what was and what is, by civil day, supply point and cause, and keeps every Wh of the difference.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoadChange } from "../data/meters.ts";
import { causeKey } from "./change-view.ts";
import { foldChanges } from "./fold-changes.ts";

const ZONE = "Europe/Brussels";
const QUARTER_MS = 900_000;
const MIDNIGHT = Date.UTC(2026, 0, 14, 23);

type Short = Partial<Omit<LoadChange, "before" | "after">> & {
  quarter?: number;
  atMinute?: number;
  was?: number | null;
  is?: number | null;
};
function change({ quarter = 0, atMinute = 0, was = 100, is = 120, ...rest }: Short = {}): LoadChange {
  const fromMs = MIDNIGHT + quarter * QUARTER_MS;
  const status = (value: number | null) => (value === null ? "missing" : "measured");
  return {
    supplyPointId: "1",
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + QUARTER_MS).toISOString(),
    at: new Date(Date.UTC(2026, 1, 1, 0, atMinute)).toISOString(),
    layer: "measured",
    cause: "readings",
    registerId: "9",
    importId: null,
    revision: null,
    before: { value: was, status: status(was) },
    after: { value: is, status: status(is) },
    ...rest,
  };
}

test("quarter-hours of one civil day are one line, those before midnight on the wall another", () => {
  const folded = foldChanges(
    [change({ quarter: -1 }), change({ quarter: 0 }), change({ quarter: 95 })],
    ZONE,
  );
  expect(folded.map(({ day, quarters, before, after }) => [day, quarters, before, after])).toEqual([
    ["2026-01-15", 2, 200, 240],
    ["2026-01-14", 1, 100, 120],
  ]);
});

test("supply points and causes are told apart, the latest change comes first", () => {
  const folded = foldChanges(
    [
      change({ atMinute: 1 }),
      change({ atMinute: 3, cause: "ruling" }),
      change({ atMinute: 2, supplyPointId: "2" }),
    ],
    ZONE,
  );
  expect(folded.map(({ supplyPointId, cause }) => [supplyPointId, cause])).toEqual([
    ["1", "ruling"],
    ["2", "readings"],
    ["1", "readings"],
  ]);
});

test("changed twice: what it was at first, what it is at last; changed and back is nothing", () => {
  const twice = [change({ atMinute: 2, was: 120, is: 130 }), change({ atMinute: 1 })];
  expect(foldChanges(twice, ZONE)).toMatchObject([{ before: 100, after: 130, quarters: 1 }]);
  expect(foldChanges([...twice, change({ atMinute: 3, was: 130, is: 100 })], ZONE)).toEqual([]);
});

test("two registers of a supply point add up in the same quarter-hour", () => {
  const folded = foldChanges([change(), change({ registerId: "10", was: 5, is: 7 })], ZONE);
  expect(folded).toMatchObject([{ quarters: 1, before: 105, after: 127 }]);
});

test("where the sums are the same, the quarter-hour that changed most says what changed", () => {
  const [moved] = foldChanges(
    [change({ was: 200, is: 40 }), change({ quarter: 1, was: 200, is: 360 }), change({ quarter: 2, is: 99 })],
    ZONE,
  );
  expect(moved?.largest).toEqual({
    fromMs: MIDNIGHT,
    toMs: MIDNIGHT + QUARTER_MS,
    before: 200,
    after: 40,
  });
});

test("a value that is lost is unknown, not nought", () => {
  const [lost] = foldChanges([change({ is: null })], ZONE);
  expect(lost).toMatchObject({ before: 100, afterStatuses: ["missing"] });
  expect(lost?.after).toBeUndefined();
});

test("a measurement that came for an estimate is told as that", () => {
  const told = (
    cause: LoadChange["cause"],
    before: LoadChange["before"]["status"],
    after: LoadChange["before"]["status"],
  ) => causeKey({ cause, beforeStatuses: [before], afterStatuses: [after] });
  expect(told("readings", "substituted", "measured")).toBe("changes.measured");
  expect(told("readings", "measured", "measured")).toBe("changes.readings");
  expect(told("readings", "measured", "interpolated")).toBe("changes.readings");
  expect(told("estimate", "substituted", "interpolated")).toBe("changes.estimate");
  expect(told("import", "substituted", "measured")).toBe("changes.import");
});

test("whatever the order in which they came, the same lines; their sum is that of all steps", () => {
  const drawn = fc.array(
    fc.record({ quarter: fc.integer({ min: 0, max: 200 }), delta: fc.integer({ min: 1, max: 50 }) }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(drawn, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (steps, dice) => {
      const shown = new Map<number, number>();
      const changes = steps.map(({ quarter, delta }, atMinute) => {
        const was = shown.get(quarter) ?? 1000;
        shown.set(quarter, was + delta);
        return change({ quarter, atMinute, was, is: was + delta });
      });
      const folded = foldChanges(changes, ZONE);
      const gained = folded.reduce((sum, { before = 0, after = 0 }) => sum + after - before, 0);
      expect(gained).toBe(steps.reduce((sum, { delta }) => sum + delta, 0));
      const mixed = changes
        .map((one) => ({ one, place: dice.next().value ?? 0 }))
        .toSorted((left, right) => left.place - right.place)
        .map(({ one }) => one);
      expect(foldChanges(mixed, ZONE)).toEqual(folded);
    }),
  );
});
