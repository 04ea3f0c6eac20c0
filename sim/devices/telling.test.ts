// Telling history and the present: every instant once, in order, and after an outage the thin way.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Speaker } from "./speaker.ts";
import { instants, type Speech } from "./speech.ts";
import { tellHistory, tellPresent } from "./telling.ts";
import { createWindow } from "./window.ts";

const speech: Speech = {
  profile: "senml",
  topic: "t",
  liveStepMs: 10,
  historyStepMs: 300,
  messageAt: (at) => (at % 900 === 0 && at > 0 ? undefined : Buffer.from(String(at))),
};

function listener() {
  const heard: number[] = [];
  const speaker: Speaker = {
    publish: (_, payload) => {
      heard.push(Number(Buffer.from(payload).toString()));
      return Promise.resolve();
    },
    ready: () => Promise.resolve(),
    drop: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  return { heard, speaker };
}

test("instants are the multiples of the step after one and up to the other", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.nat(1000), fc.nat(1000), (step, after, length) => {
      const found = [...instants(step, after, after + length)];
      const expected = Array.from({ length }, (_, n) => after + 1 + n).filter((at) => at % step === 0);
      expect(found).toEqual(expected);
    }),
  );
});

test("history is told in its steps, without what is out of reach", async () => {
  const { heard, speaker } = listener();
  const stop = new AbortController();
  expect(await tellHistory(speech, speaker, { afterMs: 0, untilMs: 1800 }, stop.signal)).toBe(4);
  expect(heard).toEqual([300, 600, 1200, 1500]);
});

test("the present goes on where it was left: catching up in long steps, then in short ones", async () => {
  const { heard, speaker } = listener();
  const stop = new AbortController();
  const nowMs = 200_000;
  const until: number[] = [];
  await tellPresent(speech, speaker, {
    time: { now: () => nowMs },
    afterMs: 50_000,
    stop: stop.signal,
    onTold: (at) => {
      until.push(at);
      if (at === nowMs) stop.abort();
    },
  });
  expect(heard[0]).toBe(50_100);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  expect(heard.at(-1)).toBe(nowMs);
  const steps = new Set(until.slice(1).map((at, index) => at - (until[index] ?? 0)));
  expect(steps.has(300)).toBe(true);
  expect(steps.has(10)).toBe(true);
});

test("a window lets in no more than its size and passes on the first failure", async () => {
  const window = createWindow(2);
  const first = Promise.withResolvers<void>();
  await window.add(first.promise);
  let entered = false;
  const second = window.add(Promise.resolve()).then(() => (entered = true));
  await second;
  expect(entered).toBe(true);
  const failing = window.add(Promise.reject(new Error("refused")));
  await expect(failing).rejects.toThrow("refused");
  first.resolve();
  await expect(window.drain()).rejects.toThrow("refused");
});
