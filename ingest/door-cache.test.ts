// The door cache against a plain list, under any sequence of calls.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DoorCache } from "./door-cache.ts";

const row = fc.record({
  observedAtMs: fc.integer({ min: 0, max: 20 }).map((n) => Date.UTC(2026, 0, 1) + n * 1000),
  fingerprint: fc.bigInt({ min: -3n, max: 3n }),
});
const step = fc.oneof(
  { weight: 50, arbitrary: row.map((value) => ({ add: value })) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

test("a row is found with its carrier exactly while it is among the last 32 new ones", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: "max" }), row, (steps, probe) => {
      const cache = new DoorCache<number>();
      let model: { observedAtMs: number; fingerprint: bigint; carrier: number }[] = [];
      const inModel = (wanted: { observedAtMs: number; fingerprint: bigint }) =>
        model.find((r) => r.observedAtMs === wanted.observedAtMs && r.fingerprint === wanted.fingerprint)
          ?.carrier;
      for (const [carrier, next] of steps.entries()) {
        if ("clear" in next) {
          cache.clear();
          model = [];
          continue;
        }
        const { observedAtMs, fingerprint } = next.add;
        expect(cache.find(observedAtMs, fingerprint)).toBe(inModel(next.add));
        if (inModel(next.add) !== undefined) continue;
        cache.add(observedAtMs, fingerprint, carrier);
        model = [...model, { observedAtMs, fingerprint, carrier }].slice(-32);
      }
      expect(cache.find(probe.observedAtMs, probe.fingerprint)).toBe(inModel(probe));
    }),
  );
});

test("the same instant with another fingerprint is a correction, not a repeat", () => {
  const cache = new DoorCache<string>();
  cache.add(1, 1n, "first");
  expect(cache.find(1, 2n)).toBeUndefined();
  expect(cache.find(2, 1n)).toBeUndefined();
});
