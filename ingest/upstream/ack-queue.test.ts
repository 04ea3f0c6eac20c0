// Identifiers leave in order of arrival, each once, and none before its own commit.
import fc from "fast-check";
import { expect, test } from "vitest";
import { AckQueue } from "./ack-queue.ts";

/** Places in which a thousand and more messages are committed. */
const commits = fc
  .integer({ min: 1, max: 3000 })
  .chain((count) =>
    fc
      .shuffledSubarray(Array.from({ length: count }, (_, place) => place))
      .map((places) => ({ count, places })),
  );

test("whatever is committed when, what has left is the beginning of what came, as far as it is committed", () => {
  fc.assert(
    fc.property(commits, ({ count, places }) => {
      const left: number[] = [];
      const queue = new AckQueue((packetId) => left.push(packetId));
      const settle = Array.from({ length: count }, (_, place) => queue.hold(place));
      const settled = new Set<number>();
      for (const place of places) {
        settle[place]?.();
        settle[place]?.();
        settled.add(place);
      }
      let expected = 0;
      while (settled.has(expected)) expected++;
      expect(left).toEqual(Array.from({ length: expected }, (_, place) => place));
      expect(queue.count).toBe(count - expected);
    }),
    { numRuns: 50 },
  );
});

test("after the end nothing leaves, whether it was held before or is held after", () => {
  const left: number[] = [];
  const queue = new AckQueue((packetId) => left.push(packetId));
  const before = queue.hold(1);
  queue.drop();
  before();
  queue.hold(2)();
  expect(left).toEqual([]);
  expect(queue.count).toBe(0);
});
