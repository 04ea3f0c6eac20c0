// What is due when.
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPacer, dueBy, lengthMs, sharedPlan, steadyPlan, type RatePlan } from "./rate-plan.ts";

const plan = fc.array(
  fc.record({
    fromPerS: fc.integer({ min: 0, max: 20_000 }),
    toPerS: fc.integer({ min: 0, max: 20_000 }),
    lastsMs: fc.integer({ min: 1, max: 600_000 }),
  }),
  { minLength: 1, maxLength: 5 },
);

test("a steady rate is due evenly, and nothing more after its end", () => {
  const steady = steadyPlan(1000, 10_000);
  expect([-1, 0, 500, 10_000, 99_000].map((ms) => dueBy(steady, ms))).toEqual([0, 0, 500, 10_000, 10_000]);
});

test("a ramp brings half of what its end would have brought", () => {
  const ramped = steadyPlan(1000, 10_000, 4000);
  expect(lengthMs(ramped)).toBe(14_000);
  expect(dueBy(ramped, 2000)).toBe(500);
  expect(dueBy(ramped, 4000)).toBe(2000);
  expect(dueBy(ramped, 14_000)).toBe(12_000);
});

test("what is due never becomes less, and the parts of a plan are due together what it is due alone", () => {
  fc.assert(
    fc.property(plan, fc.nat(2_000_000), fc.nat(10_000), (steps: RatePlan, atMs, laterMs) => {
      expect(dueBy(steps, atMs + laterMs)).toBeGreaterThanOrEqual(dueBy(steps, atMs) - 1e-6);
      const parts = 3 * dueBy(sharedPlan(steps, 3), atMs);
      expect(Math.abs(parts - dueBy(steps, atMs))).toBeLessThan(1e-3);
    }),
  );
});

test("whenever the pacer is asked, it gives each message once, in order, at its time", () => {
  fc.assert(
    fc.property(plan, fc.array(fc.nat(5000), { maxLength: 50 }), (steps: RatePlan, pausesMs) => {
      const slow = steps.map((step) => ({
        ...step,
        fromPerS: step.fromPerS / 100,
        toPerS: step.toPerS / 100,
      }));
      const pace = createPacer(slow);
      const moments: number[] = [];
      let elapsedMs = 0;
      for (const pauseMs of pausesMs) {
        elapsedMs += pauseMs;
        moments.push(...pace(elapsedMs));
      }
      expect(moments).toHaveLength(Math.floor(dueBy(slow, elapsedMs)));
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      for (const moment of moments) expect(moment).toBeLessThanOrEqual(elapsedMs);
    }),
  );
});

test("a steady pace is even to the microsecond, however uneven its ticks", () => {
  const pace = createPacer(steadyPlan(100, 1000));
  const moments = [1, 3, 100, 101, 555, 1000].flatMap(pace);
  expect(moments.map((ms) => Math.round(ms * 1000))).toEqual(
    Array.from({ length: 100 }, (_, index) => 10_000 * (index + 1)),
  );
});
