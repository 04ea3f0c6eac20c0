// Percentiles out of counts.
import fc from "fast-check";
import { expect, test } from "vitest";
import { LatencyCounts } from "./latency-counts.ts";

const latencies = fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 300 });

test("a percentile is the exact one, or up to 4.5 % above it", () => {
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const counts = new LatencyCounts();
      for (const ms of all) counts.add(ms);
      const sorted = all.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(share * all.length - 1e-9) - 1] ?? 0;
      const said = counts.percentileMs(share);
      expect(said).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
      expect(said).toBeLessThanOrEqual(exact * 1.045);
    }),
  );
});

test("what is taken from several and added to one is what one would have counted", () => {
  fc.assert(
    fc.property(latencies, latencies, (one, other) => {
      const [a, b, all, sum] = [1, 2, 3, 4].map(() => new LatencyCounts()) as [
        LatencyCounts,
        LatencyCounts,
        LatencyCounts,
        LatencyCounts,
      ];
      for (const ms of one) a.add(ms);
      for (const ms of other) b.add(ms);
      for (const ms of [...one, ...other]) all.add(ms);
      sum.addTaken(a.take());
      sum.addTaken(b.take());
      expect(a.total).toBe(0);
      expect(sum.total).toBe(one.length + other.length);
      expect(sum.take()).toEqual(all.take());
    }),
  );
});

test("without a latency there is no percentile", () => {
  expect(new LatencyCounts().percentileMs(0.99)).toBe(0);
});
