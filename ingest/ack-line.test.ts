// Acknowledgements leave in the order in which the publishes came, whatever the order of the commits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { AckLine } from "./ack-line.ts";

test("whatever the order of settling, every publish is answered once and in order of arrival", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 3000 }),
      fc.infiniteStream(fc.nat({ max: 2999 })),
      (count, picks) => {
        const line = new AckLine();
        const answered: number[] = [];
        const settles = Array.from({ length: count }, (_, index) =>
          line.hold(() => answered.push(index), 10, index),
        );
        const settled = new Set<number>();
        for (let i = 0; i < 50; i++) {
          const place = (picks.next().value ?? 0) % count;
          settles[place]?.();
          settled.add(place);
        }
        let first = 0;
        while (settled.has(first)) first++;
        expect(answered).toEqual(Array.from({ length: first }, (_, index) => index));
        expect(line.oldestSinceMs).toBe(answered.length < count ? answered.length : undefined);
        for (const settle of settles) settle();
        expect(answered).toEqual(settles.map((_, index) => index));
        expect(line.count).toBe(0);
        expect(line.bytes).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test("a long line that never empties keeps no answered publish", () => {
  const line = new AckLine();
  let answered = 0;
  let settlePrevious = line.hold(() => answered++, 1, 0);
  for (let i = 1; i <= 5000; i++) {
    const settle = line.hold(() => answered++, 1, i);
    settlePrevious();
    settlePrevious = settle;
  }
  expect(answered).toBe(5000);
  expect(line.count).toBe(1);
  expect(line.oldestSinceMs).toBe(5000);
});

test("of a connection that is gone nobody is answered, whether it was held before or is held after", () => {
  const line = new AckLine();
  let answered = 0;
  const settles = [line.hold(() => answered++, 1, 0), line.hold(() => answered++, 1, 0)];
  line.drop();
  for (const settle of settles) settle();
  line.hold(() => answered++, 1)();
  line.hold(() => answered++, 1);
  expect(answered).toBe(0);
  expect(line.count).toBe(0);
  expect(line.bytes).toBe(0);
});

test("an answer that holds another publish does not confuse the line", () => {
  const line = new AckLine();
  const answered: string[] = [];
  const settle = line.hold(() => {
    answered.push("first");
    line.hold(() => answered.push("second"))();
  });
  settle();
  expect(answered).toEqual(["first", "second"]);
  expect(line.count).toBe(0);
});
