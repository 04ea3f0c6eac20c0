// What is full is named, and nothing else.
import { expect, test } from "vitest";
import type { Usage } from "./usage.ts";
import { journalGrows, nearestToFull, whatSaturated } from "./what-saturated.ts";

const calm: Usage = {
  cores: { broker: 0.3, analytics: 0.1, api: 0.1, postgres: 0.3, generator: 0.2, others: 0.1 },
  machineCores: 2,
  diskBusy: 0.1,
  loadAverage: 1,
  journalLagS: [1, 1, 1, 2],
  journalRows: 100,
  heapMiB: [100, 100],
};
const generator = { processes: 2, lateMs: 10 };

const said = (over: Partial<Usage>, by = generator) => whatSaturated({ ...calm, ...over }, by);

test("nothing is said of a machine that has room", () => {
  expect(said({})).toEqual([]);
});

test.each<[string, Partial<Usage>, RegExp]>([
  ["broker", { cores: { ...calm.cores, broker: 0.97 } }, /^CPU of broker: 0\.97/],
  [
    "machine",
    { cores: { ...calm.cores, others: 1.2 } },
    /^CPU of the machine, 2 cores: others 1\.20, broker/,
  ],
  ["disk", { diskBusy: 0.95 }, /^the disk: busy 95 %/],
  ["journal", { journalLagS: [2, 20, 40, 44] }, /lag: 2, 20, 40 s/],
])("%s", (_what, over, words) => {
  expect(said(over)).toEqual([expect.stringMatching(words)]);
});

test("a generator that is late, or has no time left, is named before anyone trusts its figures", () => {
  expect(said({}, { processes: 2, lateMs: 900 })).toEqual([expect.stringMatching(/up to 900 ms late/)]);
  expect(said({ machineCores: 4, cores: { ...calm.cores, generator: 1.9 } })).toEqual([
    expect.stringMatching(/^the generator: 1\.90/),
  ]);
});

test("of a rate that was too much with nothing full, what came nearest is told", () => {
  expect(nearestToFull({ ...calm, cores: { ...calm.cores, broker: 0.3, api: 0.87 } })).toMatch(
    /CPU of api: 0\.87/,
  );
});

test("a lag that swings does not grow", () => {
  expect(journalGrows({ journalLagS: [30, 20, 45, 50] })).toBe(false);
  expect(journalGrows({ journalLagS: [5, 15, 25, 30] })).toBe(true);
});
