// Money is exact: rounded once, VAT taken out, nothing priced that no contract covers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { billOf } from "#analytics";
import { periodOf, slotsOf, spanOf } from "../time/period.ts";
import { barsOf, qualityOfBars, type Bar, type LoadPoint } from "./bars.ts";
import { contractSpan, costOf, energyCostMicro, flatPrice, netNanoPerKwh, type FlatPrice } from "./cost.ts";
import { measuresOf, parseMeasure } from "./measures.ts";
import { SERIES } from "./series.ts";

const ZONE = "Europe/Brussels";
const MARCH = spanOf(periodOf("month", "2026-03-01"), ZONE);
const DAYS = slotsOf(MARCH, "day", ZONE);
const GRID: readonly Bar[] = barsOf([], MARCH, "day", ZONE, MARCH.toMs).map((bar) => ({
  ...bar,
  phase: "past",
}));
const PRICE: FlatPrice = { nanoPerKwh: 123_363_000n, vatMillionths: 0 };

function pointOf(day: number, value: number | null): LoadPoint {
  const slot = DAYS[day] ?? MARCH;
  return {
    from: new Date(slot.fromMs).toISOString(),
    to: new Date(slot.toMs).toISOString(),
    value,
    maxPowerW: null,
    quality:
      value === null ? { measured: 0, estimated: 0, missing: 1 } : { measured: 1, estimated: 0, missing: 0 },
  };
}
const loadOf = (values: readonly (number | null)[], price = PRICE) => ({
  points: values.map((value, day) => pointOf(day, value)),
  price,
});

test("energy times price: 12.345678 MWh at 0.123363 is 1523 euro", () => {
  expect(energyCostMicro(12_345_678, PRICE)).toBe(1_522_999_875n);
});

test("a cost here is the energy line of the bill that the API would write", () => {
  const price = fc.record({ nanoPerKwh: fc.bigInt(0n, 3_000_000_000n), vatMillionths: fc.nat(300_000) });
  fc.assert(
    fc.property(price, fc.nat(2_000_000_000), ({ nanoPerKwh, vatMillionths }, wh) => {
      const tariff = { price: { kind: "flat", nanoPerKwh }, annualFeeMicro: 0n, vatMillionths } as const;
      expect(energyCostMicro(wh, { nanoPerKwh, vatMillionths })).toBe(
        billOf(tariff, { wh, days: 1 }).energyMicro,
      );
    }),
  );
});

test("VAT in a price is taken out, at the supply point's rate", () => {
  const terms = { pricePerKwh: "0.212000", vat: "included", start: "2026-01-01", end: null } as const;
  const price = flatPrice(terms, 0.06);
  expect(price && netNanoPerKwh(price)).toBe(200_000_000n);
  expect(price && energyCostMicro(1000, price)).toBe(200_000n);
  expect(flatPrice({ ...terms, vat: "excluded" }, 0.06)?.vatMillionths).toBe(0);
  expect(flatPrice({ ...terms, pricePerKwh: "0.1234567891" }, 0.06)).toBeUndefined();
});

test("the total is the product of the sums, and the bars add up to it within their own roundings", () => {
  const values = fc.array(fc.option(fc.nat(90_000_000)), { minLength: 31, maxLength: 31 });
  const price = fc.record({
    nanoPerKwh: fc.bigInt(1n, 2_000_000_000n),
    vatMillionths: fc.constantFrom(0, 60_000, 210_000),
  });
  fc.assert(
    fc.property(values, values, price, (first, second, tariff) => {
      const loads = [loadOf(first, tariff), loadOf(second, tariff)];
      const cost = costOf(loads, GRID, MARCH.toMs);
      const sumOf = (all: typeof first): number => all.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      expect(cost.micro).toBe(energyCostMicro(sumOf(first), tariff) + energyCostMicro(sumOf(second), tariff));
      expect(cost.energyWh).toBe(sumOf(first) + sumOf(second));
      expect(costOf(loads.toReversed(), GRID, MARCH.toMs)).toEqual(cost);
      const bars = cost.bars.reduce((sum, { value }) => sum + (value ?? 0), 0);
      expect(Math.abs(bars - Number(cost.micro) / 1e6)).toBeLessThan(0.0001);
    }),
    { numRuns: 50 },
  );
});

test("what a contract does not cover has no cost and counts as missing", () => {
  const terms = { pricePerKwh: "0.1", vat: "excluded", start: "2026-03-11", end: null } as const;
  const priced = contractSpan(MARCH, terms, ZONE);
  expect(priced?.fromMs).toBe(DAYS[10]?.fromMs);
  const points = DAYS.map((_, day) => pointOf(day, 1000)).filter(
    ({ from }) => Date.parse(from) >= (priced?.fromMs ?? 0),
  );
  const { bars, micro } = costOf([{ points, price: PRICE }], GRID, MARCH.toMs);
  expect(bars.map(({ value }) => value !== null)).toEqual(DAYS.map((_, day) => day >= 10));
  expect(micro).toBe(energyCostMicro(21_000, PRICE));
  expect(bars[3]?.quality).toEqual({ measured: 0, estimated: 0, missing: 1 });
  expect(qualityOfBars(bars, MARCH.toMs).missing).toBeCloseTo(10 / 31, 2);
});

test("a contract that ended before, or begins after, covers nothing", () => {
  const terms = { pricePerKwh: "0.1", vat: "excluded", start: "2025-01-01", end: "2026-03-01" } as const;
  expect(contractSpan(MARCH, terms, ZONE)).toBeUndefined();
  expect(contractSpan(MARCH, { ...terms, start: "2026-04-01", end: null }, ZONE)).toBeUndefined();
  expect(contractSpan(MARCH, { ...terms, end: "2026-03-02" }, ZONE)).toEqual(DAYS[0]);
});

test("a contract that begins in the middle of a month's bar prices the rest of it", () => {
  const year = spanOf(periodOf("year", "2026-01-01"), ZONE);
  const grid = barsOf([], year, "month", ZONE, year.toMs).map((bar): Bar => ({ ...bar, phase: "past" }));
  const [, , march] = grid;
  const from = DAYS[10]?.fromMs ?? 0;
  const point = { ...pointOf(10, 5000), to: new Date(MARCH.toMs).toISOString() };
  const { bars } = costOf([{ points: [point], price: PRICE }], grid, year.toMs);
  expect(march?.fromMs).toBe(MARCH.fromMs);
  expect(bars[2]?.value).toBeCloseTo(0.616815, 9);
  expect(bars[2]?.quality.measured).toBeCloseTo((MARCH.toMs - from) / (MARCH.toMs - MARCH.fromMs), 9);
});

test("prices and factors are offered only where they mean something", () => {
  const names = Object.fromEntries(SERIES.map((series) => [series.id, measuresOf(series)]));
  expect(names).toEqual({
    "electricity-import": ["energy", "cost", "co2"],
    "electricity-export": ["energy"],
    "gas-import": ["energy"],
    "heat-import": ["energy", "cost"],
    "water-import": ["energy"],
  });
  expect(parseMeasure("co2", SERIES[0])).toBe("co2");
  expect(parseMeasure("co2", SERIES[3])).toBe("energy");
  expect(parseMeasure("gold", SERIES[0])).toBe("energy");
});
