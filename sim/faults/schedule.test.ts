// A schedule is its seed, short, and over many seeds every fault comes.
import fc from "fast-check";
import { expect, test } from "vitest";
import { drawSchedule, FAULTS } from "./schedule.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("the same seed is the same schedule, with faults in order within six seconds", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const schedule = drawSchedule(seed);
      expect(drawSchedule(seed)).toEqual(schedule);
      expect(schedule.steps.length).toBeGreaterThanOrEqual(2);
      expect(schedule.devices.length).toBeGreaterThanOrEqual(2);
      const times = schedule.steps.map(({ atMs }) => atMs);
      expect(times.toSorted((a, b) => a - b)).toEqual(times);
      for (const { atMs, holdMs } of schedule.steps) expect(atMs + holdMs).toBeLessThan(6000);
    }),
  );
});

test("the twenty schedules of the test have every fault, cuts, slow clients, and one and two brokers", () => {
  const schedules = Array.from({ length: 20 }, (_, nth) => drawSchedule(nth + 1));
  const struck = new Set(schedules.flatMap(({ steps }) => steps.map(({ fault }) => fault)));
  expect([...struck].sort()).toEqual([...FAULTS].sort());
  expect(new Set(schedules.map(({ brokerCount }) => brokerCount))).toEqual(new Set([1, 2]));
  const devices = schedules.flatMap(({ devices: all }) => all);
  for (const manner of ["cut", "slow", "repeat", "unacknowledged"] as const) {
    expect(devices.some((manners) => manners[manner] > 0)).toBe(true);
  }
  expect(devices.some(({ listens }) => listens)).toBe(true);
  expect(devices.some(({ shuffledWithin }) => shuffledWithin > 1)).toBe(true);
});
