// Trace ids: short, readable, and no two alike in a process.
import fc from "fast-check";
import { expect, test } from "vitest";
import { traceId, TraceNumbers } from "./trace.ts";

test("numbers follow each other, and a message without one has no id", () => {
  const numbers = new TraceNumbers();
  expect([numbers.next(), numbers.next()]).toEqual([1, 2]);
  expect(traceId("b3f9a1", 2)).toBe("b3f9a1-2");
  expect(traceId("b3f9a1", undefined)).toBeUndefined();
});

test("different numbers have different ids", () => {
  const number = fc.integer({ min: 1, max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(traceId("x", a) === traceId("x", b)).toBe(a === b);
    }),
  );
});
