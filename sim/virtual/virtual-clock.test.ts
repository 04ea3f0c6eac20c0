// Virtual time: events in order, everything that follows from one before the next, and nothing of a process that was stopped.
import fc from "fast-check";
import { expect, test } from "vitest";
import { VirtualClock } from "./virtual-clock.ts";

test("events happen by their instants, those of one instant as they were scheduled, with their consequences in between", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 20 })), async (instants) => {
      const clock = new VirtualClock(0);
      const seen: string[] = [];
      for (const [place, atMs] of instants.entries()) {
        clock.at(atMs, () => {
          seen.push(`${atMs} ${place} ${clock.now()}`);
          void Promise.resolve()
            .then(() => undefined)
            .then(() => seen.push(`then ${place}`));
        });
      }
      await clock.runUntil(20);
      const sorted = [...instants.entries()].sort(([a, one], [b, other]) => one - other || a - b);
      expect(seen).toEqual(sorted.flatMap(([place, atMs]) => [`${atMs} ${place} ${atMs}`, `then ${place}`]));
      expect(clock.now()).toBe(20);
    }),
  );
});

test("timers come once, or again and again, until they are called off or their process is stopped", async () => {
  const clock = new VirtualClock(1000);
  const { timers, stop } = clock.timers();
  const seen: string[] = [];
  timers.after(5, () => seen.push(`once ${clock.now()}`));
  timers.after(6, () => seen.push("never"))();
  const end = timers.every(10, () => seen.push(`often ${clock.now()}`));
  await clock.runUntil(1025);
  end();
  await clock.runUntil(1100);
  timers.every(10, () => seen.push("dead"));
  stop();
  await clock.runUntil(2000);
  expect(seen).toEqual(["once 1005", "often 1010", "often 1020"]);
});
