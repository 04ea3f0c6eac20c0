// CO₂ adds up over time and supply points, obeys the certified mix, and knows no price.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, utcDay } from "#devices/time";
import type { RegisterDays } from "#store";
import { civilCalendar } from "../load/civil-days.ts";
import { emissionSeries, usedFactors, type EmittingSupplyPoint, type Mix } from "./emission-series.ts";
import { emissionsOf, kilograms, NO_EMISSION, type EmittingEnergy } from "./emissions-of.ts";
import { locationFactor, residualFactor } from "./factor-of-year.ts";
import { SHIPPED_FACTORS as table } from "./factors.ts";

const energy: fc.Arbitrary<EmittingEnergy> = fc
  .record({
    zone: fc.constantFrom("BE", "FR", "IT", "NL", "DE", "LU", "XX", null),
    year: fc.integer({ min: 2019, max: 2028 }),
    wh: fc.nat(1_000_000_000),
    valued: fc.nat(96),
    gaps: fc.nat(4),
    greenMillionths: fc.option(fc.nat(1_000_000)),
  })
  .map(({ gaps, ...part }) => ({ ...part, quarters: part.valued + gaps }));

test("every zone that is shipped has each year from 2021 to 2025 once", () => {
  for (const zone of ["BE", "DE", "FR", "IT", "LU", "NL"]) {
    const years = table.location.filter((one) => one.zone === zone).map(({ year }) => year);
    expect(years).toEqual([2021, 2022, 2023, 2024, 2025]);
  }
  expect(table.location.every(({ mgPerKwh }) => Number.isSafeInteger(mgPerKwh) && mgPerKwh > 0)).toBe(true);
});

test("emissions are the same sum in any order and in any parts", () => {
  fc.assert(
    fc.property(fc.array(energy, { maxLength: 30 }), fc.nat(30), (parts, cut) => {
      const whole = emissionsOf(parts, table);
      const halves = [emissionsOf(parts.slice(0, cut), table), emissionsOf(parts.slice(cut), table)];
      expect(emissionsOf(parts.toReversed(), table)).toEqual(whole);
      expect(halves.reduce((sum, one) => sum + one.locationPg, 0n)).toBe(whole.locationPg);
      expect(halves.reduce((sum, one) => sum + one.marketPg, 0n)).toBe(whole.marketPg);
      expect(halves.reduce((sum, one) => sum + one.covered, 0)).toBe(whole.covered);
      expect(whole.covered).toBeLessThanOrEqual(whole.quarters);
    }),
  );
});

test("location is energy times the factor, whatever is certified", () => {
  fc.assert(
    fc.property(energy, fc.option(fc.nat(1_000_000)), (part, greenMillionths) => {
      const { locationPg } = emissionsOf([part], table);
      expect(emissionsOf([{ ...part, greenMillionths }], table).locationPg).toBe(locationPg);
      const factor = part.zone === null ? undefined : locationFactor(table, part.zone, part.year);
      // Wh × g/kWh ÷ 1000 = g; a gram is 10^12 pg.
      expect(locationPg).toBe(BigInt(part.wh) * BigInt(factor?.mgPerKwh ?? 0) * 1_000_000n);
    }),
  );
});

test("market: nothing certified weighs the residual mix, or the location where none is known; all certified weighs nothing", () => {
  fc.assert(
    fc.property(energy, (part) => {
      const of = (greenMillionths: number) => emissionsOf([{ ...part, greenMillionths }], table);
      const factor =
        part.zone === null
          ? undefined
          : (residualFactor(table, part.zone, part.year) ?? locationFactor(table, part.zone, part.year));
      expect(of(0).marketPg).toBe(BigInt(part.wh) * BigInt(factor?.mgPerKwh ?? 0) * 1_000_000n);
      expect(of(1_000_000).marketPg).toBe(0n);
      const half = of(500_000).marketPg;
      expect(2n * half).toBe(of(0).marketPg);
    }),
  );
});

test("by hand: 1,000 kWh in Belgium in 2024 are 153 kg, and 167.49 kg of residual mix, 83.745 kg half certified", () => {
  const part = { zone: "BE", year: 2024, wh: 1_000_000, valued: 96, quarters: 96 };
  const sum = emissionsOf([{ ...part, greenMillionths: 500_000 }], table);
  expect(kilograms(sum.locationPg)).toBe(153);
  expect(kilograms(sum.marketPg)).toBe(83.745);
  expect(kilograms(emissionsOf([{ ...part, greenMillionths: 0 }], table).marketPg)).toBe(167.49);
});

test("a mix that is not known is in no market figure", () => {
  const part = { zone: "BE", year: 2024, wh: 1000, valued: 4, quarters: 4, greenMillionths: null };
  expect(emissionsOf([part], table)).toMatchObject({ marketPg: 0n, mixed: 0, mixedWh: 0, covered: 4 });
});

test("a year to come takes the last factor and says so; a year before all has none; an unknown zone has none", () => {
  expect(locationFactor(table, "BE", 2027)).toMatchObject({ year: 2025, askedYear: 2027, mgPerKwh: 180_000 });
  expect(locationFactor(table, "BE", 2025)).toMatchObject({ year: 2025, askedYear: 2025 });
  expect(locationFactor(table, "BE", 2020)).toBeUndefined();
  expect(locationFactor(table, "CH", 2024)).toBeUndefined();
  expect(residualFactor(table, "BE", 2022)).toBeUndefined();
  expect(residualFactor(table, "BE", 2026)).toMatchObject({ year: 2023, mgPerKwh: 167_490 });
  expect(residualFactor(table, "FR", 2024)).toBeUndefined();
});

const ZONE = "Europe/Brussels";
const midnight = (date: string) => Temporal.PlainDate.from(date).toZonedDateTime(ZONE).epochMilliseconds;

/** Every quarter-hour of the UTC days around it `wh`, with status 4. */
function steady(from: string, to: string, wh: number): RegisterDays {
  const days: RegisterDays["days"][number][] = [];
  for (let ms = Date.parse(from) - DAY_MS; ms < Date.parse(to) + DAY_MS; ms += DAY_MS) {
    const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) quarters.writeInt32LE(wh, 4 * slot);
    days.push({ day: utcDay(ms), quarters, statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY, 4), revision: 1 });
  }
  return { registerId: 1, supplyPointId: 1, fromMs: -Infinity, toMs: Infinity, days };
}

function seriesOf(
  from: string,
  to: string,
  mixes: readonly Mix[],
  resolution: "day" | "month",
  points: readonly EmittingSupplyPoint[] = [{ zone: "BE", registers: [steady(from, to, 1000)], mixes }],
) {
  const calendar = civilCalendar(midnight(from), midnight(to), ZONE);
  return emissionSeries({ supplyPoints: points, calendar, resolution, table });
}

test("days of 23 and 25 hours weigh by their quarter-hours, months are the sum of their days", () => {
  // 96 kWh a day of 24 hours, 0.18 kg/kWh in 2025.
  const spring = seriesOf("2025-03-29", "2025-04-01", [], "day");
  expect(spring.points.map(({ emission }) => kilograms(emission.locationPg))).toEqual([17.28, 16.56, 17.28]);
  const autumn = seriesOf("2025-10-25", "2025-10-28", [], "day");
  expect(autumn.points.map(({ emission }) => kilograms(emission.locationPg))).toEqual([17.28, 18, 17.28]);
  const months = seriesOf("2025-03-20", "2025-05-03", [], "month");
  const days = seriesOf("2025-03-20", "2025-05-03", [], "day");
  expect(months.points).toHaveLength(3);
  expect(months.total).toEqual(days.total);
  expect(days.points.reduce((sum, { emission }) => sum + emission.locationPg, 0n)).toBe(
    days.total.locationPg,
  );
});

test("over new year each day weighs by its own year's factor", () => {
  const { points } = seriesOf("2024-12-31", "2025-01-02", [], "day");
  expect(points.map(({ emission }) => kilograms(emission.locationPg))).toEqual([14.688, 17.28]);
});

test("the mix changes on the day on which the contract does; between contracts nothing is known", () => {
  const mixes = [
    { startsOn: "2025-01-01", endsOn: "2025-02-02", greenMillionths: 0 },
    { startsOn: "2025-02-03", endsOn: null, greenMillionths: 1_000_000 },
  ];
  const { points } = seriesOf("2025-02-01", "2025-02-04", mixes, "day");
  expect(points.map(({ emission }) => (emission.mixed === 0 ? null : kilograms(emission.marketPg)))).toEqual([
    16.079,
    null,
    0,
  ]);
});

test("of a supply point without a value nothing is known, and it counts as not covered", () => {
  const point = { zone: "BE", registers: [], mixes: [] };
  const both = [point, { ...point, registers: [steady("2025-01-01", "2025-01-02", 10)] }];
  const { total } = seriesOf("2025-01-01", "2025-01-02", [], "day", both);
  expect(total).toMatchObject({ energyWh: 960, covered: 96, quarters: 192 });
  expect(seriesOf("2025-01-01", "2025-01-02", [], "day", []).total).toEqual(NO_EMISSION);
});

test("the factors used are named by zone and year", () => {
  const calendar = civilCalendar(midnight("2020-12-31"), midnight("2022-01-01"), ZONE);
  const used = usedFactors(table, ["FR", "BE", "BE", "XX"], calendar);
  expect(used.location.map(({ zone, askedYear }) => `${zone} ${askedYear}`)).toEqual(["BE 2021", "FR 2021"]);
  expect(used.residual).toEqual([]);
});
