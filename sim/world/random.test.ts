// Chance that is the same for the same seed, and evenly spread.
import fc from "fast-check";
import { expect, test } from "vitest";
import { chance, createRandom, derive, drift } from "./random.ts";

test("a draw depends on seed and counter alone and lies within [0, 1)", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed, counter) => {
      const drawn = chance(seed, counter);
      expect(drawn).toBe(chance(seed, counter));
      expect(drawn).toBeGreaterThanOrEqual(0);
      expect(drawn).toBeLessThan(1);
    }),
  );
});

test("draws of neighbouring counters fill every tenth of the range about equally", () => {
  for (const draw of [(n: number) => chance(7, n), (n: number) => chance(n, 7)]) {
    const counts = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 20_000; n++) {
      const tenth = Math.floor(draw(n) * 10);
      counts[tenth] = (counts[tenth] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  }
});

test("a sequence repeats with its seed and differs with another", () => {
  const drawn = (seed: number) => {
    const random = createRandom(seed);
    return Array.from({ length: 50 }, () => random.next());
  };
  expect(drawn(3)).toEqual(drawn(3));
  expect(drawn(3)).not.toEqual(drawn(4));
});

test("a part's seed depends on its name", () => {
  expect(derive(1, "lift")).toBe(derive(1, "lift"));
  expect(new Set(["lift", "lift 1", "lift 2", "fil t"].map((part) => derive(1, part))).size).toBe(4);
});

test("a drift has no jumps", () => {
  fc.assert(
    fc.property(fc.nat(), fc.double({ min: -1e4, max: 1e4, noNaN: true }), (seed, x) => {
      expect(Math.abs(drift(seed, x + 0.001) - drift(seed, x))).toBeLessThan(0.002);
    }),
  );
});
