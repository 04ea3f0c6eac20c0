// The price effect by hand and by property: which days, which contract, each line rounded once, sums of items.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDay } from "#devices/time";
import type { RegisterDays } from "#store";
import { SHIPPED_FACTORS as table } from "../emissions/factors.ts";
import { wholeDays } from "../load/civil-days.ts";
import { billOf, type Tariff } from "../tender/bill.ts";
import { contractInForce } from "./contract-in-force.ts";
import { hiddenSavings } from "./hidden-savings.ts";
import { savingItems, sumMonths, sumSavings, type SavingPoint, type Switch } from "./price-effect.ts";
import { addPromises, promiseOf, promisedAnnualMicro } from "./promise.ts";

const ZONE = "Europe/Brussels";
const midnight = (date: string) => Temporal.PlainDate.from(date).toZonedDateTime(ZONE).epochMilliseconds;
const calendarOf = (from: string, to: string) => wholeDays(midnight(from), midnight(to), ZONE);

const tariff = (price: bigint, fee: bigint, vatMillionths = 0): Tariff => ({
  price: { kind: "flat", nanoPerKwh: price },
  annualFeeMicro: fee,
  vatMillionths,
});
/** 0.30 and 60 a year with 6 % VAT in them, against 0.25 and 36.50 without. */
const change: Switch = {
  tenderId: 9,
  supplier: "Winner",
  before: tariff(300_000_000n, 60_000_000n, 60_000),
  after: tariff(250_000_000n, 36_500_000n),
  greenBefore: 200_000,
  greenAfter: 1_000_000,
};

function steady(supplyPointId: number, from: string, to: string, wh: number): RegisterDays {
  const days: RegisterDays["days"][number][] = [];
  for (let ms = Date.parse(from) - DAY_MS; ms < Date.parse(to) + DAY_MS; ms += DAY_MS) {
    const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) quarters.writeInt32LE(wh, 4 * slot);
    days.push({ day: utcDay(ms), quarters, statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY, 4), revision: 1 });
  }
  return { registerId: supplyPointId, supplyPointId, fromMs: -Infinity, toMs: Infinity, days };
}

function point(
  contracts: SavingPoint["contracts"],
  registers = [steady(1, "2025-01-01", "2026-01-01", 125)],
): SavingPoint {
  return { supplyPointId: 1, buildingId: 2, zone: "BE", contracts, registers };
}
const awarded = (startsOn: string, endsOn: string | null = null) => ({ startsOn, endsOn, change });

test("by hand: two days of 12 kWh", () => {
  // before: 24 × 0.30 ÷ 1.06 = 6.792453; 60 × 2 ÷ 365 ÷ 1.06 = 0.310158. after: 24 × 0.25 = 6; 36.5 × 2 ÷ 365 = 0.2.
  const [item, ...none] = savingItems(
    point([awarded("2025-01-01")]),
    calendarOf("2025-02-01", "2025-02-03"),
    table,
  );
  expect(none).toEqual([]);
  expect(item).toMatchObject({
    from: "2025-02-01",
    to: "2025-02-03",
    days: 2,
    energyWh: 24_000,
    valued: 192,
    quarters: 192,
    counterfactualMicro: 6_792_453n + 310_158n,
    actualMicro: 6_200_000n,
    effectMicro: 902_611n,
    // 24 kWh × 0.8 × 167.49 g = 3.215808 kg.
    co2MarketPg: 3_215_808_000_000_000n,
  });
});

test.each([
  ["2025-03-30", 11_500, 92],
  ["2025-10-26", 12_500, 100],
])("on %s, when the clocks are moved, there are %i Wh and one day's fee", (date, energyWh, quarters) => {
  const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  const [item] = savingItems(point([awarded("2025-01-01")]), calendarOf(date, next), table);
  expect(item).toMatchObject({ energyWh, quarters, days: 1 });
  expect(item?.actualMicro).toBe(BigInt(energyWh) * 250n + 100_000n);
});

test("a span that cuts days is clipped to the whole ones", () => {
  const calendar = wholeDays(midnight("2025-02-01") + 1, midnight("2025-02-04") - QUARTER_MS, ZONE);
  const [item] = savingItems(point([awarded("2025-01-01")]), calendar, table);
  expect(item).toMatchObject({ from: "2025-02-02", to: "2025-02-03", days: 1 });
  const none = wholeDays(midnight("2025-02-01") + 1, midnight("2025-02-02"), ZONE);
  expect(savingItems(point([awarded("2025-01-01")]), none, table)).toEqual([]);
});

test("it counts from the contract's first day to the day before its end", () => {
  const calendar = calendarOf("2025-02-01", "2025-03-01");
  const [item] = savingItems(point([awarded("2025-02-10", "2025-02-20")]), calendar, table);
  expect(item).toMatchObject({ from: "2025-02-10", to: "2025-02-20", days: 10 });
});

test("a later contract replaces it while it is in force: two items, and nothing of the days between", () => {
  const calendar = calendarOf("2025-02-01", "2025-02-11");
  const later = { startsOn: "2025-02-04", endsOn: "2025-02-08", change: null };
  const items = savingItems(point([awarded("2025-01-01"), later]), calendar, table);
  expect(items.map(({ from, to }) => [from, to])).toEqual([
    ["2025-02-01", "2025-02-04"],
    ["2025-02-08", "2025-02-11"],
  ]);
});

test("a missing quarter-hour is not counted, and the share says so; the fee is due all the same", () => {
  const register = steady(1, "2025-02-01", "2025-02-02", 125);
  for (const row of register.days) row.statuses.fill(0, 0, 48);
  const [item] = savingItems(
    point([awarded("2025-01-01")], [register]),
    calendarOf("2025-02-01", "2025-02-02"),
    table,
  );
  expect(item).toMatchObject({ energyWh: 6_000, valued: 48, quarters: 96, actualMicro: 1_600_000n });
});

test("without a mix before or after no kilogram is claimed", () => {
  const calendar = calendarOf("2025-02-01", "2025-02-02");
  const unknown = { ...awarded("2025-01-01"), change: { ...change, greenBefore: null } };
  const items = savingItems(point([unknown]), calendar, table);
  expect(items[0]?.co2MarketPg).toBeNull();
  expect(sumSavings(items).co2MarketPg).toBeNull();
  const known = savingItems(point([awarded("2025-01-01")]), calendar, table);
  expect(sumSavings([...items, ...known]).co2MarketPg).toBe(known[0]?.co2MarketPg);
});

const tariffs = fc
  .record({
    price: fc.bigInt({ min: 0n, max: 2_000_000_000n }),
    fee: fc.bigInt({ min: 0n, max: 999_999_999n }),
    vat: fc.constantFrom(0, 60_000, 210_000),
  })
  .map(({ price, fee, vat }) => tariff(price, fee, vat));
const switches = fc.record({ before: tariffs, after: tariffs }).map((two) => ({ ...change, ...two }));

test("an item is one bill over all its days, and its months add up to it", () => {
  fc.assert(
    fc.property(switches, fc.integer({ min: 1, max: 100 }), fc.nat(5000), (one, length, wh) => {
      const to = Temporal.PlainDate.from("2025-01-20").add({ days: length }).toString();
      const registers = [steady(1, "2025-01-20", to, wh)];
      const contracts = [{ startsOn: "2025-01-01", endsOn: null, change: one }];
      const [item] = savingItems(point(contracts, registers), calendarOf("2025-01-20", to), table);
      if (item === undefined) throw new Error("no item");
      const load = { wh: item.energyWh, days: length };
      expect(item.counterfactualMicro).toBe(billOf(one.before, load).totalMicro);
      expect(item.actualMicro).toBe(billOf(one.after, load).totalMicro);
      expect(item.effectMicro).toBe(item.counterfactualMicro - item.actualMicro);
      const months = sumMonths([item]);
      expect(months.reduce((sum, { effectMicro }) => sum + effectMicro, 0n)).toBe(item.effectMicro);
      expect(months.reduce((sum, { energyWh }) => sum + energyWh, 0)).toBe(item.energyWh);
    }),
    { numRuns: 30 },
  );
});

test("the same tariff saves nothing, and the price never moves a kilogram", () => {
  fc.assert(
    fc.property(switches, fc.nat(5000), (one, wh) => {
      const registers = [steady(1, "2025-02-01", "2025-02-03", wh)];
      const of = (two: Switch) =>
        savingItems(
          point([{ startsOn: "2025-01-01", endsOn: null, change: two }], registers),
          calendarOf("2025-02-01", "2025-02-03"),
          table,
        )[0];
      expect(of({ ...one, after: one.before })?.effectMicro).toBe(0n);
      expect(of(one)?.co2MarketPg).toBe(of(change)?.co2MarketPg);
      const mirrored = of({ ...one, before: one.after, after: one.before });
      expect(mirrored?.effectMicro).toBe(-(of(one)?.effectMicro ?? 0n));
    }),
    { numRuns: 30 },
  );
});

test("of several contracts in force the one that began last counts", () => {
  const period = fc.record({ startsOn: fc.nat(30), length: fc.option(fc.integer({ min: 1, max: 20 })) });
  const dateOf = (day: number) => utcDay(Date.parse("2025-01-01") + day * DAY_MS);
  fc.assert(
    fc.property(fc.array(period, { maxLength: 6 }), fc.nat(60), (periods, day) => {
      const contracts = periods.map(({ startsOn, length }, id) => ({
        id,
        startsOn: dateOf(startsOn),
        endsOn: length === null ? null : dateOf(startsOn + length),
      }));
      const date = dateOf(day);
      const inForce = contracts.filter(
        ({ startsOn, endsOn }) => startsOn <= date && (endsOn === null || date < endsOn),
      );
      const latest = inForce
        .map(({ startsOn }) => startsOn)
        .sort()
        .at(-1);
      expect(contractInForce(contracts, date)?.startsOn).toBe(latest);
    }),
  );
});

test("what was promised is the evaluation's year, and by days a part of it", () => {
  // before: 1000 kWh × 0.30 ÷ 1.06 + 60 ÷ 1.06; after: 250 + 36.5.
  const annual = promisedAnnualMicro(change.before, change.after, 1_000_000);
  expect(annual).toBe(283_018_868n + 56_603_774n - 286_500_000n);
  expect(promiseOf(annual, 365).toDateMicro).toBe(annual);
  const parts = addPromises([promiseOf(annual, 73), promiseOf(annual, 0)]);
  expect(parts).toEqual({ annualMicro: 2n * annual, toDateMicro: annual / 5n });
});

const CALENDAR = calendarOf("2025-02-01", "2025-02-04");
const member = (supplyPointId: number, startsOn: string): SavingPoint => ({
  ...point([awarded(startsOn)], [steady(supplyPointId, "2025-02-01", "2025-02-04", 125)]),
  supplyPointId,
});
const other = (supplyPointId: number) => [steady(supplyPointId, "2025-02-01", "2025-02-04", 125)];
const datesOf = (members: readonly SavingPoint[], others: readonly RegisterDays[][], cohortMin: number) =>
  hiddenSavings({ members, others }, CALENDAR, table, cohortMin).map(
    ({ supplyPointId, from, to, energyWh }) => `${supplyPointId} ${from} ${to} ${energyWh}`,
  );

test("hidden: enough of them count, fewer do not, and their mix is not told", () => {
  const three = [1, 2, 3].map((id) => member(id, "2025-01-01"));
  const items = hiddenSavings({ members: three, others: [] }, CALENDAR, table, 3);
  expect(items.map(({ energyWh }) => energyWh)).toEqual([36_000, 36_000, 36_000]);
  expect(items.every(({ co2MarketPg }) => co2MarketPg === null)).toBe(true);
  expect(datesOf(three, [], 4)).toEqual([]);
});

test("hidden: one left beside them would be isolated by the difference, so nothing is told", () => {
  const three = [1, 2, 3].map((id) => member(id, "2025-01-01"));
  expect(datesOf(three, [other(4)], 3)).toEqual([]);
  expect(datesOf(three, [other(4), other(5), other(6)], 3)).toHaveLength(3);
});

test("hidden: days count from the one on which enough are under the contract and nobody is left", () => {
  const members = [...[1, 2, 3].map((id) => member(id, "2025-01-01")), member(4, "2025-02-03")];
  expect(datesOf(members, [], 3)).toEqual([1, 2, 3, 4].map((id) => `${id} 2025-02-03 2025-02-04 12000`));
});

test("hidden: a quarter-hour that too few share is in no sum", () => {
  const three = [1, 2, 3].map((id) => member(id, "2025-01-01"));
  for (const row of three[2]?.registers[0]?.days ?? []) row.statuses.fill(0, 0, 48);
  expect(datesOf(three, [], 3)).toEqual([1, 2, 3].map((id) => `${id} 2025-02-01 2025-02-04 18000`));
});

test("hidden: of those beside them, a quarter-hour of too few isolates these; one of nobody isolates none", () => {
  const members = [1, 2, 3].map((id) => member(id, "2025-01-01"));
  const others = [4, 5, 6].map(other);
  const silence = (series: readonly RegisterDays[] | undefined, from: number, to: number) =>
    series?.forEach(({ days }) => days.forEach((row) => row.statuses.fill(0, from, to)));
  // Of the first 48 quarter-hours of a UTC day two others have a value; of the next 24 none has.
  silence(others[0], 0, 72);
  silence(others[1], 48, 72);
  silence(others[2], 48, 72);
  expect(datesOf(members, others, 3)).toEqual([1, 2, 3].map((id) => `${id} 2025-02-01 2025-02-04 18000`));
});
