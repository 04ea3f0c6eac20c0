// Waiting: over in time, called off, or ended by a signal.
import { expect, test } from "vitest";
import { sleep, systemTimers, within, type Timers } from "./timers.ts";

/** Timers whose time comes when a test says so. */
function heldTimers(): { timers: Timers; run: () => void; waiting: () => number } {
  const waiting = new Set<() => void>();
  const after = (_ms: number, work: () => void) => {
    waiting.add(work);
    return () => void waiting.delete(work);
  };
  const run = () => {
    for (const work of waiting) {
      waiting.delete(work);
      work();
    }
  };
  return { timers: { after, every: after }, run, waiting: () => waiting.size };
}

test("a sleep is over when its time is, or when it is aborted, and then leaves no timer", async () => {
  const { timers, run, waiting } = heldTimers();
  const slept = sleep(timers, 1000, new AbortController().signal);
  run();
  await slept;
  const ended = new AbortController();
  const woken = sleep(timers, 1000, ended.signal);
  ended.abort(new Error("closed"));
  await expect(woken).rejects.toThrow("closed");
  expect(waiting()).toBe(0);
  await expect(sleep(timers, 1000, ended.signal)).rejects.toThrow("closed");
  expect(waiting()).toBe(0);
});

test("work is waited for, but not for longer than was said", async () => {
  const { timers, run, waiting } = heldTimers();
  await within(timers, 1000, Promise.resolve());
  expect(waiting()).toBe(0);
  const over = within(timers, 1000, new Promise(() => {}));
  run();
  await over;
  await expect(within(timers, 1000, Promise.reject(new Error("failed")))).rejects.toThrow("failed");
});

test("the system's timers come once, or again and again, until they are called off", async () => {
  let once = 0;
  let often = 0;
  const stop = systemTimers.every(1, () => (often += 1));
  systemTimers.after(1, () => (once += 1));
  systemTimers.after(1, () => (once += 100))();
  await expect.poll(() => often).toBeGreaterThan(2);
  stop();
  const before = often;
  await sleep(systemTimers, 20, new AbortController().signal);
  expect([once, often]).toEqual([1, before]);
});
