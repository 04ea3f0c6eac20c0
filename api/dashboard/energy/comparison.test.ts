// Comparing is fair or it is not done: whole bars on both sides, never a part of a day with a whole one.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Bar } from "./bars.ts";
import { compareBars, type Placed } from "./comparison.ts";

const HOUR_MS = 3_600_000;

function bar(index: number, value: number | null, missing = value === null ? 1 : 0): Bar {
  return {
    fromMs: index * HOUR_MS,
    toMs: (index + 1) * HOUR_MS,
    phase: "past",
    value,
    maxPowerW: null,
    quality: { measured: 1 - missing, estimated: 0, missing },
  };
}
const placed = (bars: readonly Bar[]): Placed => ({ bars, places: bars.map((_, index) => `place ${index}`) });
const END_MS = 100 * HOUR_MS;

test("only bars that are whole on both sides count", () => {
  const shown = placed([bar(0, 100), bar(1, 200), bar(2, null), bar(3, 400, 0.2)]);
  const other = placed([bar(0, 80), bar(1, null), bar(2, 50), bar(3, 90)]);
  expect(compareBars(shown, other, END_MS)).toEqual({
    ghost: [80, null, 50, 90],
    pairs: 1,
    past: 4,
    now: 100,
    before: 80,
    change: 0.25,
  });
});

test("a bar that is still running is not compared", () => {
  const shown = placed([bar(0, 100), bar(1, 10)]);
  const other = placed([bar(0, 100), bar(1, 100)]);
  const { change, pairs, past } = compareBars(shown, other, 1.5 * HOUR_MS);
  expect({ change, pairs, past }).toEqual({ change: 0, pairs: 1, past: 1 });
});

test("nothing in common, or nothing to divide by, is no change at all", () => {
  expect(compareBars(placed([bar(0, 5)]), placed([]), END_MS).change).toBeUndefined();
  expect(compareBars(placed([bar(0, 5)]), placed([bar(0, 0)]), END_MS).change).toBeUndefined();
});

test("places, not positions, stand side by side", () => {
  const other = { bars: [bar(0, 1), bar(1, 2)], places: ["place 1", "place 0"] };
  expect(compareBars(placed([bar(0, 10), bar(1, 20)]), other, END_MS).ghost).toEqual([2, 1]);
});

test("a period compared with itself has not changed, and swapping sides swaps the totals", () => {
  const values = fc.array(fc.option(fc.nat(9000)), { maxLength: 30 });
  fc.assert(
    fc.property(values, values, (some, others) => {
      const left = placed(some.map((value, index) => bar(index, value)));
      const right = placed(others.map((value, index) => bar(index, value)));
      const forth = compareBars(left, right, END_MS);
      const back = compareBars(right, left, END_MS);
      expect([forth.now, forth.before, forth.pairs]).toEqual([back.before, back.now, back.pairs]);
      expect(compareBars(left, left, END_MS).change ?? 0).toBe(0);
    }),
  );
});
