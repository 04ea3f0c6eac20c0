// A loss is a loss, bars are as long as their amounts, and the last full month is over.
import fc from "fast-check";
import { expect, test } from "vitest";
import { barLengths, earliestStart, effectOf, lastFullMonth, startOf } from "./saving-view.ts";

test("the sign of the price effect decides the word, and the amount keeps every digit", () => {
  expect(effectOf("328.960001")).toEqual({ kind: "gain", amount: "328.960001" });
  expect(effectOf("-120.55")).toEqual({ kind: "loss", amount: "120.55" });
  expect(effectOf("0.00")).toEqual({ kind: "even", amount: "0.00" });
  expect(effectOf("-0.00")).toEqual({ kind: "even", amount: "0.00" });
});

test("the longest bar is whole, none is shorter than nothing, and order is kept", () => {
  const cents = fc.integer({ min: -1_000_000, max: 1_000_000 });
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1, maxLength: 8 }), (all) => {
      const lengths = barLengths(all.map((one) => (one / 100).toFixed(2)));
      expect(Math.max(...lengths)).toBe(all.some((one) => one > 0) ? 1 : 0);
      expect(lengths.every((length) => length >= 0)).toBe(true);
      all.forEach((one, left) =>
        all.forEach((another, right) => {
          if (one > another) expect(lengths[left]).toBeGreaterThanOrEqual(lengths[right] ?? 0);
        }),
      );
    }),
  );
  expect(barLengths([])).toEqual([]);
});

test("savings count from the first supply point's start", () => {
  expect(startOf([{ from: "2026-07-01" }, { from: "2026-05-01" }])).toBe("2026-05-01");
  expect(startOf([])).toBeUndefined();
});

test("the last full month ends where this one begins, also in January", () => {
  expect(lastFullMonth("2026-11-28")).toEqual({ from: "2026-10-01", to: "2026-11-01" });
  expect(lastFullMonth("2027-01-01")).toEqual({ from: "2026-12-01", to: "2027-01-01" });
});

test("no contract of a tender that still counts began before ten years ago", () => {
  expect(earliestStart("2026-11-28")).toBe("2016-11-28");
});
