// Local time without an offset: both changes of the clock, and what is no time at all.
import { expect, test } from "vitest";
import { instantOfLocal, type WallTime } from "./local-time.ts";

const wall = (month: number, day: number, hour: number, minute = 0): WallTime => ({
  year: 2025,
  month,
  day,
  hour,
  minute,
  second: 0,
});
const LATER = Date.UTC(2026, 0, 1);

test("winter and summer have their own offsets", () => {
  expect(instantOfLocal(wall(1, 15, 12), "Europe/Brussels", LATER)).toBe(Date.UTC(2025, 0, 15, 11));
  expect(instantOfLocal(wall(7, 15, 12), "Europe/Brussels", LATER)).toBe(Date.UTC(2025, 6, 15, 10));
});

test("of the hour that autumn repeats, the one that has already been is meant", () => {
  const repeated = wall(10, 26, 2, 30);
  const first = Date.UTC(2025, 9, 26, 0, 30);
  const second = Date.UTC(2025, 9, 26, 1, 30);
  expect(instantOfLocal(repeated, "Europe/Brussels", first + 20_000)).toBe(first);
  expect(instantOfLocal(repeated, "Europe/Brussels", second + 20_000)).toBe(second);
  expect(instantOfLocal(repeated, "Europe/Brussels", second - 4 * 60_000)).toBe(second);
});

test("the hour that spring skips is read as if the clock had not been changed yet", () => {
  expect(instantOfLocal(wall(3, 30, 2, 30), "Europe/Brussels", LATER)).toBe(Date.UTC(2025, 2, 30, 1, 30));
});

test("no such day, no such zone: no instant", () => {
  expect(instantOfLocal(wall(2, 31, 12), "Europe/Brussels", LATER)).toBeUndefined();
  expect(instantOfLocal(wall(2, 1, 12), "Mars/Olympus", LATER)).toBeUndefined();
});
