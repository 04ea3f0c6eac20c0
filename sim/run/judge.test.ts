// The verdict on a quarter-hour: right, honestly incomplete, or silently wrong.
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { judgeQuarters, type AnsweredPoint, type Truth } from "./judge.ts";

/** 1 Wh a second. */
const indexAt = (ms: number) => Math.floor(ms / 1000);
const told = (...quarters: number[]): Truth => ({ indexAt, toldAtMs: quarters.map((at) => at * QUARTER_MS) });
const measured = { measured: 1, estimated: 0, missing: 0 };
const estimated = { measured: 0, estimated: 1, missing: 0 };
const missing = { measured: 0, estimated: 0, missing: 1 };
const point = (value: number | null, quality: AnsweredPoint["quality"]): AnsweredPoint[] => [
  { from: new Date(QUARTER_MS).toISOString(), value, quality },
];
const verdictOf = (points: AnsweredPoint[], truth: Truth) => judgeQuarters(points, truth)[0]?.verdict;

test("a measured quarter-hour told on both boundaries is exact, or wrong by a single Wh", () => {
  expect(verdictOf(point(900, measured), told(1, 2))).toBe("exact");
  expect(verdictOf(point(899, measured), told(1, 2))).toBe("wrong");
});

test("what was told on both boundaries and is not measured yet is late", () => {
  expect(verdictOf(point(null, missing), told(1, 2))).toBe("late");
  expect(verdictOf(point(900, estimated), told(1, 2))).toBe("late");
});

test("what was not told is rightly missing", () => {
  expect(verdictOf(point(null, missing), told(1, 5))).toBe("missing");
});

test("an estimate is bracketed by the readings around it, or wrong", () => {
  const around = told(0, 4);
  expect(verdictOf(point(0, estimated), around)).toBe("bracketed");
  expect(verdictOf(point(3600, estimated), around)).toBe("bracketed");
  expect(verdictOf(point(3603, estimated), around)).toBe("wrong");
  expect(verdictOf(point(-3, estimated), around)).toBe("wrong");
});

test("a value that claims to be measured far from any reading is wrong", () => {
  expect(verdictOf(point(20, measured), told(1, 1.01, 1.99, 2.01))).toBe("wrong");
});
