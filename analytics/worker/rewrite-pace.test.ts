// Whatever there is to write, a worker that can keep up is at work for half of its time, and days wait no longer than that takes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "#devices/time";
import { RewritePace } from "./rewrite-pace.ts";

/** So many growing days, each written again as soon as it may be; returns for how long they wait in the end. */
function paced(costMs: () => number, periodMs: number): { afterMs: number; busy: number } {
  let nowMs = 0;
  const pace = new RewritePace({ now: () => nowMs }, MINUTE_MS);
  let busyMs = 0;
  let begunMs = 0;
  while (nowMs < periodMs) {
    // The second half tells: by then the pace has found itself.
    if (begunMs === 0 && nowMs > periodMs / 2) [begunMs, busyMs] = [nowMs, 0];
    const startedMs = nowMs;
    for (let left = costMs(); left > 0; left -= SECOND_MS) {
      const tookMs = Math.min(left, SECOND_MS);
      nowMs += tookMs;
      busyMs += tookMs;
      pace.worked(tookMs);
    }
    nowMs = Math.max(nowMs, startedMs + pace.afterMs);
  }
  return { afterMs: pace.afterMs, busy: busyMs / (nowMs - begunMs) };
}

test("a worker with little to write writes each day once a minute", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 29 * SECOND_MS }), (costMs) => {
      expect(paced(() => costMs, 60 * MINUTE_MS).afterMs).toBe(MINUTE_MS);
    }),
    { numRuns: 20 },
  );
});

test("with more than half a minute of work the days wait twice as long as writing them takes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 31 * SECOND_MS, max: 7 * MINUTE_MS }), (costMs) => {
      const { afterMs, busy } = paced(() => costMs, 600 * MINUTE_MS);
      expect(afterMs / (2 * costMs)).toBeGreaterThan(0.9);
      expect(afterMs / (2 * costMs)).toBeLessThan(1.1);
      expect(busy).toBeLessThan(0.56);
    }),
    { numRuns: 20 },
  );
});

test("no day waits for more than a quarter of an hour, and the minute is back when the work is gone", () => {
  expect(paced(() => 60 * MINUTE_MS, 600 * MINUTE_MS).afterMs).toBe(15 * MINUTE_MS);
  let rounds = 0;
  expect(paced(() => (rounds++ < 20 ? 5 * MINUTE_MS : SECOND_MS), 600 * MINUTE_MS).afterMs).toBe(MINUTE_MS);
});
