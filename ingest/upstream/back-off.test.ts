// Waits between attempts grow to a bound and are spread.
import fc from "fast-check";
import { expect, test } from "vitest";
import { backOffMs } from "./back-off.ts";

const LIMITS = { backOffFirstMs: 250, backOffMaxMs: 30_000 };

test("a wait is between half of its step and all of it, and no step is beyond the bound", () => {
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fraction, (attempt, random) => {
      const waitMs = backOffMs(attempt, LIMITS, random);
      const stepMs = Math.min(250 * 2 ** (attempt - 1), 30_000);
      expect(waitMs).toBeGreaterThanOrEqual(stepMs / 2);
      expect(waitMs).toBeLessThanOrEqual(stepMs);
    }),
  );
});
