// The verdict on a quarter-hour: right, honestly incomplete, or silently wrong. Each kind broken on purpose.
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import type { FaultKind } from "../story/fault-kinds.ts";
import type { Mishap, Series } from "../story/story.ts";
import {
  judgeQuarters,
  unconserved,
  type AnsweredPoint,
  type Evidence,
  type JudgedQuarter,
} from "./judge.ts";

const FROM = Date.UTC(2026, 0, 1);
/** 1 Wh a second. */
const series: Series = {
  key: "s",
  supplyPoint: "p",
  carrier: "electricity",
  direction: "import",
  indexAt: (ms) => Math.floor(ms / 1000),
  datedWithinMs: 0,
  onChange: false,
};
const at = (quarters: number) => FROM + quarters * QUARTER_MS;
/** Told at these quarter-hours after the beginning. */
function told(quarters: readonly number[], more: Partial<Evidence> = {}): Evidence {
  const toldAtMs = quarters.map(at);
  return { series, toldAtMs, sentAtMs: toldAtMs, mishaps: [], ...more };
}
const measured = { measured: 1, estimated: 0, missing: 0 };
const estimated = { measured: 0, estimated: 1, missing: 0 };
const missing = { measured: 0, estimated: 0, missing: 1 };
const point = (value: number | null, quality: AnsweredPoint["quality"], quarter = 1): AnsweredPoint => ({
  from: new Date(at(quarter)).toISOString(),
  value,
  quality,
});
const judged = (one: AnsweredPoint, evidence: Evidence): JudgedQuarter => {
  const [found] = judgeQuarters([one], evidence);
  if (found === undefined) throw new Error("nothing was judged");
  return found;
};
const verdictOf = (one: AnsweredPoint, evidence: Evidence) => judged(one, evidence).verdict;
const every = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, count) => from + count * step);
const mishap = (kind: FaultKind, fromMs: number, toMs: number, more: Partial<Mishap> = {}): Mishap => ({
  kind,
  device: "d",
  series: "s",
  fromMs,
  toMs,
  ...more,
});

test("a measured quarter-hour told on both boundaries is exact, or wrong by a single Wh", () => {
  expect(verdictOf(point(900, measured), told([1, 2]))).toBe("exact");
  expect(verdictOf(point(899, measured), told([1, 2]))).toBe("wrong");
});

test("what was told on both boundaries and is not measured yet is late", () => {
  expect(verdictOf(point(null, missing), told([1, 2]))).toBe("late");
  expect(verdictOf(point(900, estimated), told([1, 2]))).toBe("late");
});

test("what was not told is rightly missing", () => {
  expect(verdictOf(point(null, missing), told([1, 5]))).toBe("missing");
});

test("a value between boundaries is bracketed by the readings around it, or wrong, whatever it says of itself", () => {
  for (const quality of [estimated, measured]) {
    expect(verdictOf(point(0, quality), told([0, 4]))).toBe("bracketed");
    expect(verdictOf(point(3600, quality), told([0, 4]))).toBe("bracketed");
    expect(verdictOf(point(3603, quality), told([0, 4]))).toBe("wrong");
    expect(verdictOf(point(-3, quality), told([0, 4]))).toBe("wrong");
  }
});

test("with nothing on one side an estimate may say what it likes, but for less than nothing; a measurement may not", () => {
  expect(verdictOf(point(5000, estimated), told([0]))).toBe("estimated");
  expect(verdictOf(point(-1, estimated), told([0]))).toBe("wrong");
  expect(verdictOf(point(5000, measured), told([0]))).toBe("wrong");
});

test("what says that it is measured, with nothing near one of its boundaries, claims too much", () => {
  expect(judged(point(900, measured), told([0.5, 1.2, 1.9, 2.1])).overclaimed).toBe(false);
  expect(judged(point(900, measured), told([0.5, 1.2, 1.9, 3.1])).overclaimed).toBe(true);
  expect(judged(point(900, estimated), told([0.5, 1.2, 1.9, 3.1])).overclaimed).toBe(false);
  // Sent without an acknowledgement, it may be there.
  const sentAtMs = [0.5, 1.2, 1.9, 2.1].map(at);
  expect(judged(point(900, measured), told([0.5, 1.2], { sentAtMs })).overclaimed).toBe(false);
});

test.each(["reset", "rollover", "glitch", "sentinel", "swap", "slip"] as const)(
  "around a %s a quarter-hour is healed exactly or says so; what claims to be measured and differs is wrong",
  (kind) => {
    const length = kind === "reset" || kind === "swap" || kind === "rollover" ? 1000 : 3 * MINUTE_MS;
    const mishaps = [mishap(kind, at(9.5), at(9.5) + length)];
    const evidence = told(every(0, 30, 1 / 15), { mishaps });
    expect(verdictOf(point(900, measured, 9), evidence)).toBe("exact");
    expect(verdictOf(point(899, measured, 9), evidence)).toBe("wrong");
    expect(verdictOf(point(900_000, measured, 9), evidence)).toBe("wrong");
    expect(verdictOf(point(null, missing, 9), evidence)).toBe("missing");
    expect(verdictOf(point(2000, estimated, 9), evidence)).toBe("estimated");
    expect(verdictOf(point(-1, estimated, 9), evidence)).toBe("wrong");
    // A part of it that says so is no claim.
    expect(verdictOf(point(300, missing, 9), evidence)).toBe("missing");
    // Far from it, as ever; but behind a swap, until it is recorded, all may be missing.
    expect(verdictOf(point(null, missing, 25), evidence)).toBe(kind === "swap" ? "missing" : "late");
    expect(verdictOf(point(null, missing, 0), evidence)).toBe("late");
  },
);

test("a clock that is off by so much puts energy into its neighbours by so much, and no more", () => {
  const shiftMs = 2 * MINUTE_MS;
  const mishaps = [mishap("skew", at(8), at(20) + shiftMs, { shiftMs })];
  const evidence = told(every(0, 30, 1 / 15), { mishaps });
  expect(verdictOf(point(900, measured, 12), evidence)).toBe("bracketed");
  expect(verdictOf(point(900 + 240, measured, 12), evidence)).toBe("bracketed");
  expect(verdictOf(point(900 + 243, measured, 12), evidence)).toBe("wrong");
  expect(verdictOf(point(900 - 243, measured, 12), evidence)).toBe("wrong");
});

test("what a wrong clock tells of the hour before a mishap is no part of it", () => {
  const shiftMs = HOUR_MS;
  const mishaps = [mishap("step", at(4), at(14), { shiftMs }), mishap("slip", at(9), at(40), {})];
  // The series ends within the slip: what was told under 02:15 to 03:15 was read before it.
  const evidence = told(every(0, 20, 1 / 15), { mishaps });
  expect(verdictOf(point(900, measured, 10), evidence)).toBe("bracketed");
  expect(verdictOf(point(900_000, measured, 10), evidence)).toBe("wrong");
});

test("what a wrong clock tells of a moment before a mishap, though it was read within it, is no witness", () => {
  const shiftMs = -MINUTE_MS;
  const mishaps = [
    mishap("skew", at(0) + shiftMs, at(20), { shiftMs }),
    mishap("sentinel", at(2) + MINUTE_MS / 2, at(2) + 2 * MINUTE_MS),
  ];
  // Told under the boundary was what it showed a minute later; the readings around leave more.
  const evidence = told([0.3, 0.7, 1, 1.3, 2, 2.3, 2.7], { mishaps });
  expect(verdictOf(point(1100, measured), evidence)).toBe("bracketed");
  expect(verdictOf(point(1300, measured), evidence)).toBe("wrong");
});

test("a value that is dated by its arrival may be a little late, and a repeat is no reading", () => {
  const untimed = { ...series, datedWithinMs: 10_000 };
  const evidence = told([1, 2], { series: untimed });
  expect(verdictOf(point(900, measured), { ...evidence, toldAtMs: [at(1) - 20_000, at(1), at(2)] })).toBe(
    "bracketed",
  );
  expect(verdictOf(point(null, missing), evidence)).toBe("missing");
  // The first of all was under way for some seconds of its quarter-hour.
  expect(verdictOf(point(890, measured), told([1, 1.5, 2], { series: untimed }))).toBe("bracketed");
  expect(verdictOf(point(1400, measured), told([1, 1.5, 2], { series: untimed }))).toBe("wrong");
  expect(verdictOf(point(100, estimated), told([1, 1.5, 2], { series: untimed }))).toBe("estimated");
  const stepped = {
    ...series,
    onChange: true,
    indexAt: (ms: number) => Math.floor((ms - FROM) / HOUR_MS) * 100,
  };
  // At 00:15 it still shows the 0 of midnight; the next other value is told at 01:00.
  expect(verdictOf(point(25, measured), told([0, 1, 2, 3, 4], { series: stepped }))).toBe("bracketed");
  expect(verdictOf(point(103, measured), told([0, 1, 2, 3, 4], { series: stepped }))).toBe("wrong");
});

test("estimates of a silence that do not add up to what was counted meanwhile are unconserved", () => {
  const points = [1, 2, 3].map((quarter) => point(quarter === 2 ? 800 : 950, estimated, quarter));
  expect(unconserved(points, told([1, 4]))).toEqual([]);
  const short = points.map((one, place) => (place === 1 ? { ...one, value: 799 } : one));
  expect(unconserved(short, told([1, 4]))).toEqual([{ fromMs: at(1), toMs: at(4), error: -1 }]);
  // One of them missing, or a swap among them: nobody says that they add up.
  expect(unconserved([...short.slice(0, 2), point(null, missing, 3)], told([1, 4]))).toEqual([]);
  const mishaps = [mishap("swap", at(2.5), at(2.5) + 1000)];
  expect(unconserved(short, told([1, 4], { mishaps }))).toEqual([]);
});

test("measured quarter-hours in a row are held against the readings around them, though none was told on a boundary", () => {
  const evidence = told(every(0.5, 12.5, 1 / 3));
  const row = (value: number) => every(1, 11).map((quarter) => point(value, measured, quarter));
  expect(unconserved(row(900), evidence)).toEqual([]);
  expect(row(901).map((one) => verdictOf(one, evidence))).toEqual(Array(11).fill("bracketed"));
  // Each boundary is told within 300 s: half of them before it, half behind.
  expect(unconserved(row(940), evidence)).toEqual([{ fromMs: at(1), toMs: at(12), error: 440 - 302 }]);
  expect(unconserved(row(860), evidence)).toEqual([{ fromMs: at(1), toMs: at(12), error: 302 - 440 }]);
  // What is estimated among them, or near a mishap, ends the row.
  const broken = row(940).map((one, place) => (place % 3 === 2 ? { ...one, quality: estimated } : one));
  expect(unconserved(broken, evidence)).toEqual([]);
  expect(unconserved(row(940), { ...evidence, mishaps: [mishap("glitch", at(5), at(5.2))] })).toEqual([]);
});
