// A device's connection: what is lost with it is said again, but nothing that would be dated too late.
import { expect, test } from "vitest";
import { SECOND_MS } from "#devices/time";
import type { Delivery } from "../story/story.ts";
import { createRandom } from "../world/random.ts";
import { DeviceLine } from "./device-line.ts";
import { VirtualClock } from "./virtual-clock.ts";

const DATED_WITHIN_MS = 10 * SECOND_MS;
const deliveryAt = (observedAtMs: number, leavesAtMs = observedAtMs): Delivery => ({
  device: "d",
  topic: "t",
  payload: Buffer.alloc(0),
  qos: 1,
  retain: false,
  dup: false,
  leavesAtMs,
  tells: [{ series: "s", observedAtMs, register: "r", value: "1" }],
  marks: [],
});

/** Cut before the first answer, and back after a while that the seed draws: what arrives then, how long after it was taken. */
async function agesOf(seed: number, datedWithinMs: number): Promise<number[]> {
  const clock = new VirtualClock(0);
  const ages: number[] = [];
  let isAnswering = false;
  const accept = ({ tells }: Delivery, done: () => void) => {
    if (!isAnswering) return;
    ages.push(clock.now() - (tells[0]?.observedAtMs ?? 0));
    done();
  };
  const line = new DeviceLine({
    clock,
    random: createRandom(seed),
    accept: () => accept,
    datedWithinMs,
    onAcknowledged: () => undefined,
  });
  for (const delivery of [deliveryAt(0), deliveryAt(0, SECOND_MS), deliveryAt(SECOND_MS)])
    clock.at(delivery.leavesAtMs, () => line.send(delivery));
  clock.at(1500, () => {
    line.cut();
    isAnswering = true;
  });
  await clock.runUntil(60 * SECOND_MS);
  expect(line.waiting).toBe(0);
  return ages;
}

const seeds = Array.from({ length: 200 }, (_, seed) => seed);

test("what bears no time is not said again once it would be dated too late, a copy counted from what it repeats", async () => {
  const ages = (await Promise.all(seeds.map((seed) => agesOf(seed, DATED_WITHIN_MS)))).flat();
  expect(ages.length).toBeGreaterThan(50);
  expect(Math.max(...ages)).toBeLessThanOrEqual(DATED_WITHIN_MS);
});

test("what bears a time is said again, however late", async () => {
  for (const seed of seeds) expect(await agesOf(seed, 0)).toHaveLength(3);
});
