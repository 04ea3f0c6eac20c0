// A device's story: no two messages alike, an index that rises, an order that leaves nothing out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createStory } from "./known-messages.ts";

const FIRST_MS = Date.UTC(2026, 0, 5);
const COUNT = 300;
const stories = fc
  .record({ seed: fc.nat(), shuffledWithin: fc.integer({ min: 1, max: 50 }) })
  .map(({ seed, shuffledWithin }) =>
    createStory({ seed, device: "meter 0", firstMs: FIRST_MS, shuffledWithin }),
  );
const numbers = Array.from({ length: COUNT }, (_, n) => n);

test("no two messages have a payload or a reading in common", () => {
  fc.assert(
    fc.property(stories, (story) => {
      const messages = numbers.map(story.messageOf);
      expect(new Set(messages.map(({ payload }) => payload)).size).toBe(COUNT);
      const readings = messages.flatMap((message) => message.readings);
      expect(new Set(readings).size).toBe(readings.length);
    }),
  );
});

test("the index rises, and every quarter-hour's boundary is told readably", () => {
  fc.assert(
    fc.property(stories, (story) => {
      for (const n of numbers) expect(story.indexWh(n + 1)).toBeGreaterThan(story.indexWh(n));
      for (let n = 0; n < COUNT; n += 15) expect(story.messageOf(n).quarantined).toBe(false);
    }),
  );
});

test("the order is a permutation that begins with the first and moves none far", () => {
  fc.assert(
    fc.property(stories, fc.integer({ min: 1, max: 50 }), (_, within) => {
      const story = createStory({ seed: within, device: "a", firstMs: FIRST_MS, shuffledWithin: within });
      const order = Array.from({ length: 1 + 4 * within }, (_unused, nth) => story.orderOf(nth));
      expect(order[0]).toBe(0);
      expect(order.toSorted((a, b) => a - b)).toEqual(order.map((_unused, nth) => nth));
      for (const [nth, n] of order.entries()) expect(Math.abs(n - nth)).toBeLessThan(within);
    }),
  );
});
