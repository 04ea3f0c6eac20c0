// Money survives the border exactly.
import fc from "fast-check";
import { expect, test } from "vitest";
import { MICRO_PLACES, NANO_PLACES, formatFixed, parseFixed } from "./money.ts";

test("every amount that fits the database comes back from its text", () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.constantFrom(MICRO_PLACES, NANO_PLACES),
      (value, places) => {
        expect(parseFixed(formatFixed(value, places, 2), places)).toBe(value);
      },
    ),
  );
});

test("a text comes back as it was, but for the zeros that say nothing", () => {
  expect(formatFixed(285_000_000n, NANO_PLACES, 6)).toBe("0.285000");
  expect(formatFixed(123_456_789n, NANO_PLACES, 6)).toBe("0.123456789");
  expect(formatFixed(60_000_000n, MICRO_PLACES, 2)).toBe("60.00");
  expect(formatFixed(-1n, MICRO_PLACES, 2)).toBe("-0.000001");
  expect(formatFixed(5_000_000n, MICRO_PLACES, 0)).toBe("5");
});

test("a digit that would be lost is refused, as is everything that is no decimal", () => {
  expect(parseFixed("0.1234567891", NANO_PLACES)).toBeUndefined();
  for (const text of ["", "-", ".5", "5.", "1e3", "1,5", " 1", "NaN", "0x10", "١"]) {
    expect(parseFixed(text, NANO_PLACES), text).toBeUndefined();
  }
});
