// A deadline is told in its two largest units, and never later than it is.
import fc from "fast-check";
import { expect, test } from "vitest";
import { remainingText } from "./remaining.ts";

const plain = (remainingMs: number): string | undefined =>
  remainingText("en-GB", remainingMs)?.replaceAll("\u00a0", " ");

test("two units, rounded down, seconds only within the last hour", () => {
  expect(plain(2 * 86_400_000 + 4.9 * 3_600_000)).toBe("2 days 4 hrs");
  expect(plain(3_600_000 + 59_000)).toBe("1 hr");
  expect(plain(90_500)).toBe("1 min 30 secs");
  expect(plain(86_400_000)).toBe("1 day");
  expect(plain(999)).toBeUndefined();
  expect(plain(-5)).toBeUndefined();
});

test("as long as something remains, something is said", () => {
  fc.assert(fc.property(fc.integer({ min: 1000, max: 1e11 }), (ms) => (plain(ms) ?? "").length > 2));
});
