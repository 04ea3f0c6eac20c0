// Rounding once: halves away from zero, exact for any size, shares with six decimals.
import fc from "fast-check";
import { expect, test } from "vitest";
import { roundedQuotient, shareOf } from "./exact.ts";

test("the quotient is the nearest integer, and a half goes away from zero", () => {
  const integers = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
  fc.assert(
    fc.property(integers, fc.bigInt({ min: 1n, max: 10n ** 20n }), (numerator, denominator) => {
      const quotient = roundedQuotient(numerator, denominator);
      const twice = 2n * (numerator - quotient * denominator);
      expect(twice <= denominator && twice >= -denominator).toBe(true);
      // On a half, the quotient is the larger of the two in magnitude.
      if (twice === denominator) expect(numerator < 0n).toBe(true);
      if (twice === -denominator) expect(numerator > 0n).toBe(true);
      expect(roundedQuotient(-numerator, denominator)).toBe(-quotient);
    }),
  );
  expect([5n, -5n, 4n, 6n].map((numerator) => roundedQuotient(numerator, 2n))).toEqual([3n, -3n, 2n, 3n]);
  expect(() => roundedQuotient(1n, 0n)).toThrow("not positive");
});

test("a share has six decimals, and is exact where a float64 product would not be", () => {
  expect(shareOf(1, 3)).toBe(0.333333);
  expect(shareOf(2, 3)).toBe(0.666667);
  expect(shareOf(1, 2_000_000)).toBe(0.000001);
  expect(shareOf(2 ** 52, 2 ** 53 - 1)).toBe(0.5);
  expect(shareOf(0, 0)).toBe(0);
});
