// The live sum of a bid is exact, and the evaluation's sum of supply points agrees with it to the cent.
import fc from "fast-check";
import { expect, test } from "vitest";
import { billOf } from "#analytics";
import { bidCost, feeIn, moneyOut, priceIn, shareIn } from "./bid-cost.ts";

test("a year of 1,234,567 Wh at 0.123363 and three fees of 60", () => {
  const cost = bidCost(123_363_000n, 60_000_000n, { annualWh: 1_234_567, supplyPoints: 3 });
  // 1234.567 kWh × 0.123363 = 152.299888821
  expect(moneyOut(cost.energyMicro)).toBe("152.299889");
  expect(moneyOut(cost.totalMicro)).toBe("332.299889");
});

test("numbers are read as people type them, and nothing is cut off in silence", () => {
  expect(priceIn("0,123363")).toBe(123_363_000n);
  expect(priceIn("0.1234567891")).toBeUndefined();
  expect(feeIn("1\u202f200,50")).toBe(1_200_500_000n);
  expect(feeIn("1.200,50")).toBeUndefined();
  expect(feeIn("")).toBeUndefined();
  expect(shareIn("35,5")).toBe(0.355);
  expect(shareIn("100")).toBe(1);
  expect(priceIn("12 cents")).toBeUndefined();
});

test("the sum of every supply point's own bill is within half a micro-unit each", () => {
  const points = fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 60 });
  const price = fc.bigInt({ min: 1_000_000n, max: 2_000_000_000n });
  const fee = fc.bigInt({ min: 0n, max: 1_000_000_000n });
  fc.assert(
    fc.property(points, price, fee, (volumes, nanoPerKwh, annualFeeMicro) => {
      const tariff = { price: { kind: "flat" as const, nanoPerKwh }, annualFeeMicro, vatMillionths: 0 };
      const evaluated = volumes
        .map((wh) => billOf(tariff, { wh, days: 365 }).totalMicro)
        .reduce((sum, total) => sum + total, 0n);
      const annualWh = volumes.reduce((sum, wh) => sum + wh, 0);
      const { totalMicro } = bidCost(nanoPerKwh, annualFeeMicro, { annualWh, supplyPoints: volumes.length });
      const gap = totalMicro - evaluated;
      expect(Number(gap < 0n ? -gap : gap)).toBeLessThanOrEqual((volumes.length + 1) / 2);
    }),
  );
});
