// EAN-GSRN codes: the check digit of known ones, and ours.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDigit, gsrnOf } from "./gsrn.ts";

test("the check digit is that of GS1", () => {
  // The example of the GS1 General Specifications for 18 digits.
  expect(checkDigit("37610425002123456")).toBe("9");
});

test("a code has 18 digits, begins with its carrier's prefix and ends with its check digit", () => {
  fc.assert(
    fc.property(fc.nat(), fc.string(), fc.constantFrom("electricity", "gas"), (seed, key, carrier) => {
      const code = gsrnOf(carrier, seed, key);
      expect(code).toMatch(carrier === "gas" ? /^5414488600\d{8}$/ : /^5414488200\d{8}$/);
      expect(code.at(-1)).toBe(checkDigit(code.slice(0, -1)));
    }),
  );
});
