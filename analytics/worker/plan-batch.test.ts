// What is computed now, and what waits.
import { expect, test } from "vitest";
import type { StaleDay } from "#store";
import { planBatch } from "./plan-batch.ts";

const LIMITS = { pairsMax: 2, rewriteAfterMs: 60_000, rewriteLateAfterMs: 5_000 };

function stale(over: Partial<StaleDay>): StaleDay {
  return {
    deviceId: 1,
    registerId: 1,
    day: 20_000,
    carrier: "electricity",
    quantity: "energy",
    unit: "kWh",
    interpolateMaxS: 7200,
    maxPerHour: null,
    connectionKva: null,
    late: false,
    cause: "readings",
    computedAgoMs: null,
    ...over,
  };
}

const never = (): number => 0;

test("a day that was never computed is computed now", () => {
  expect(planBatch([stale({})], LIMITS, never)).toEqual({ compute: [stale({})], wait: [] });
});

test("a day that grows at its head waits out its minute, one that late readings change only five seconds", () => {
  const live = stale({ registerId: 1, computedAgoMs: 20_000 });
  const late = stale({ registerId: 2, late: true, computedAgoMs: 20_000 });
  const plan = planBatch([live, late], LIMITS, never);
  expect(plan.compute).toEqual([late]);
  expect(plan.wait).toEqual([{ delayMs: 40_000, pairs: [live] }]);
});

test("a register that failed waits as long as it is held, whatever its day", () => {
  const plan = planBatch([stale({}), stale({ registerId: 2 })], LIMITS, (id) => (id === 2 ? 30_000 : 0));
  expect(plan.compute.map((pair) => pair.registerId)).toEqual([1]);
  expect(plan.wait).toEqual([{ delayMs: 30_000, pairs: [stale({ registerId: 2 })] }]);
});

test("what exceeds the batch is put back whole, due at once", () => {
  const pairs = [1, 2, 3].map((deviceId) => stale({ deviceId, registerId: deviceId }));
  const plan = planBatch(pairs, LIMITS, never);
  expect(plan.compute.map((pair) => pair.deviceId)).toEqual([1, 2]);
  expect(plan.wait).toEqual([{ delayMs: 0, pairs: [pairs[2]] }]);
});

test("the registers of a device's day are computed together, however many they are", () => {
  const of = (deviceId: number, ...registerIds: readonly number[]) =>
    registerIds.map((registerId) => stale({ deviceId, registerId }));
  const [many, two, one] = [of(1, 1, 2, 3), of(2, 4, 5), of(3, 6)];
  const plan = planBatch([...many, ...two, ...one], LIMITS, never);
  expect(plan.compute).toEqual(many);
  expect(plan.wait).toEqual([
    { delayMs: 0, pairs: two },
    { delayMs: 0, pairs: one },
  ]);
});
