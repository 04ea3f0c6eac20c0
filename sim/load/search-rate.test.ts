// The search finds what holds, whatever the machine.
import fc from "fast-check";
import { expect, test } from "vitest";
import { searchRate } from "./search-rate.ts";

const SEARCH = { firstPerS: 1000, halvings: 4, stepsMax: 20 };

async function found(holdsUpTo: number, search = SEARCH) {
  const tried: number[] = [];
  const { best, limit } = await searchRate(search, (ratePerS) => {
    tried.push(ratePerS);
    return Promise.resolve({ holds: ratePerS <= holdsUpTo, outcome: undefined });
  });
  return { best: best?.ratePerS, limit: limit?.ratePerS, tried };
}

test("it is doubled, then closed in on", async () => {
  expect(await found(5000)).toEqual({
    best: 5000,
    limit: 5250,
    tried: [1000, 2000, 4000, 8000, 6000, 5000, 5500, 5250],
  });
});

test("what was found holds, and lies within a sixteenth of the doubled rate of what does not", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1000, max: 500_000 }), async (holdsUpTo) => {
      const { best = 0, limit = 0 } = await found(holdsUpTo);
      expect(best).toBeLessThanOrEqual(holdsUpTo);
      expect(limit).toBeGreaterThan(holdsUpTo);
      expect(limit - best).toBeLessThanOrEqual(best / 16 + 1);
    }),
  );
});

test("where the first rate is too much it looks below, and may find nothing", async () => {
  expect((await found(600)).best).toBe(562.5);
  expect(await found(0)).toEqual({ best: undefined, limit: 62.5, tried: [1000, 500, 250, 125, 62.5] });
});

test("it never goes beyond what it was given, nor on for ever", async () => {
  expect((await found(1e9, { ...SEARCH, highestPerS: 3000 } as typeof SEARCH)).tried).toEqual([
    1000, 2000, 3000,
  ]);
  expect((await found(1e9, { ...SEARCH, stepsMax: 3 })).tried).toEqual([1000, 2000, 4000]);
});
