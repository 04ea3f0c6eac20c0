// I1, I2, I3 and I8 under twenty seeded schedules of faults on real processes; seeds that ever failed come first.
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemTime } from "#devices/time";
import { startBed, type FaultBed } from "./bed.ts";
import { runSchedule } from "./run-schedule.ts";
import { drawSchedule } from "./schedule.ts";
import { failingSeeds, keepFailingSeed } from "./soak.ts";

const SEEDS = [...new Set([...failingSeeds(), ...Array.from({ length: 20 }, (_, nth) => nth + 1)])];
/** Some six seconds each; on a machine with much else to do it may be a minute, and each wait in it has its own bound. */
const WITHIN_MS = 300_000;

let bed: FaultBed;
beforeAll(async () => {
  bed = await startBed(() => undefined);
});
afterAll(async () => {
  await bed?.stop();
});

test.each(SEEDS)(
  "schedule %i loses and doubles nothing, and lets nobody in",
  { timeout: WITHIN_MS },
  async (seed) => {
    const { violations, counts } = await runSchedule(bed, drawSchedule(seed), systemTime);
    if (violations.length > 0) keepFailingSeed(seed);
    expect(violations).toEqual([]);
    // A schedule in which nothing happened would prove nothing.
    expect(counts.acknowledged).toBe(counts.published);
    expect(counts.acknowledged).toBeGreaterThan(50);
    expect(counts.strangersAttempts).toBeGreaterThan(2);
    expect(counts.profileLines).toBeGreaterThan(0);
  },
);
