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

/** Cut before the first answer, and back after a while that the seed draws: what arrives then. */
async function arrivals(seed: number, datedWithinMs: number, deliveries: readonly Delivery[]) {
  const clock = new VirtualClock(0);
  const arrived: { readonly delivery: Delivery; readonly atMs: number }[] = [];
  let isAnswering = false;
  const accept = (delivery: Delivery, done: () => void) => {
    if (!isAnswering) return;
    arrived.push({ delivery, atMs: clock.now() });
    done();
  };
  const line = new DeviceLine({
    clock,
    random: createRandom(seed),
    accept: () => accept,
    datedWithinMs,
    onAcknowledged: () => undefined,
  });
  for (const delivery of deliveries) clock.at(delivery.leavesAtMs, () => line.send(delivery));
  clock.at(1500, () => {
    line.cut();
    isAnswering = true;
  });
  await clock.runUntil(60 * SECOND_MS);
  expect(line.waiting).toBe(0);
  return arrived;
}

/** How long after it was taken each reading arrives. */
async function agesOf(seed: number, datedWithinMs: number): Promise<number[]> {
  const readings = [deliveryAt(0), deliveryAt(0, SECOND_MS), deliveryAt(SECOND_MS)];
  const arrived = await arrivals(seed, datedWithinMs, readings);
  return arrived.map(({ delivery, atMs }) => atMs - (delivery.tells[0]?.observedAtMs ?? 0));
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

test("a device describes itself again, however late: without it nothing that follows could be read", async () => {
  const description = { ...deliveryAt(0), retain: true, introduces: true, tells: [] };
  for (const seed of seeds) {
    const [first] = await arrivals(seed, DATED_WITHIN_MS, [description, deliveryAt(0)]);
    expect(first?.delivery).toBe(description);
  }
});
