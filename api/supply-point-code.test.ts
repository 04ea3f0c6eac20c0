// EAN-GSRN, PRM, PCE, POD and PDR.
import fc from "fast-check";
import { expect, test } from "vitest";
import { codeFault, isGsrn } from "./supply-point-code.ts";

const VALID = [
  "541448860018322037",
  "541448860003995215",
  "541448860020928494",
  "541448820060527996",
  "541440010000000001",
  "541448820052377134",
  "871690930000909597",
];

test.each(VALID)("%s has a right check digit", (code) => expect(isGsrn(code)).toBe(true));
test.each(["541448860000123456", "541449200000124632"])("%s has a wrong one", (code) =>
  expect(isGsrn(code)).toBe(false),
);

test("one wrong digit never passes", () => {
  fc.assert(
    fc.property(fc.constantFrom(...VALID), fc.nat(17), fc.integer({ min: 1, max: 9 }), (code, place, by) => {
      const digits = code.split("");
      digits[place] = String((Number(digits[place]) + by) % 10);
      expect(isGsrn(digits.join(""))).toBe(false);
    }),
  );
});

test("in Belgium the prefix and the length count too: anonymised exports pass the check digit", () => {
  expect(isGsrn("123456789123456789")).toBe(true);
  expect(codeFault("123456789123456789", "BE", "electricity")).toContain("54");
  expect(codeFault("871690930000909597", "BE", "electricity")).toContain("54");
  expect(codeFault("5414488600183220", "BE", "gas")).toContain("18 digits");
  expect(codeFault("541448860018322037", "BE", "gas")).toBeUndefined();
});

test.each([
  ["FR", "electricity", "12345678901234", true],
  ["FR", "electricity", "1234567890123", false],
  ["FR", "gas", "GI123456", true],
  ["IT", "electricity", "IT001E12345678", true],
  ["IT", "electricity", "IT001E123456789", true],
  ["IT", "electricity", "IT00123456789A", true],
  ["IT", "electricity", "FR001E12345678", false],
  ["IT", "gas", "12345678901234", true],
  ["BE", "water", "anything", true],
  ["LU", "electricity", "LU0000010637000000000000070232505", true],
] as const)("%s %s %s: %s", (country, carrier, code, right) => {
  expect(codeFault(code, country, carrier) === undefined).toBe(right);
});
