// The world's laws: an index never falls, quarter-hours add up to it, export needs panels, and a year is a Belgian year.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { createBuilding, type BuildingPlan, type SimulatedBuilding } from "./building.ts";
import type { IndexSeries } from "./index-series.ts";
import { GAS_WH_PER_L } from "./loads.ts";

const START_MS = Date.UTC(2025, 0, 1);
const YEAR_MS = Date.UTC(2026, 0, 1);
const FIRST_DAY = START_MS / DAY_MS;

const plan: BuildingPlan = {
  key: "test",
  country: "BE",
  timezone: "Europe/Brussels",
  latitudeDeg: 50.85,
  longitudeDeg: 4.35,
  dwellings: 24,
  lift: true,
  panelsKwp: 0,
  heating: "gas",
  chargers: 0,
};
const plain = createBuilding(7, plan, FIRST_DAY);
const sunny = createBuilding(7, { ...plan, key: "sunny", panelsKwp: 25, chargers: 2 }, FIRST_DAY);
const pumped = createBuilding(7, { ...plan, key: "pumped", dwellings: 12, heating: "heat-pump" }, FIRST_DAY);

const lille = createBuilding(
  7,
  { ...plan, key: "lille", country: "FR", timezone: "Europe/Paris", latitudeDeg: 50.63, longitudeDeg: 3.06 },
  FIRST_DAY,
);
const milan = createBuilding(
  7,
  { ...plan, key: "milan", country: "IT", timezone: "Europe/Rome", latitudeDeg: 45.46, longitudeDeg: 9.19 },
  FIRST_DAY,
);

function registersOf(building: SimulatedBuilding): IndexSeries[] {
  const { common, parts, gas, water, production } = building;
  const meter = [common.importDay, common.importNight, common.exportDay, common.exportNight];
  const dwelling = building.dwelling(0);
  return [
    ...meter,
    water,
    dwelling.importDay,
    dwelling.importNight,
    dwelling.water,
    dwelling.heat,
    ...[gas, production].filter((one) => one !== undefined),
    ...parts.values(),
  ];
}
const registers = [plain, sunny, pumped, lille, milan].flatMap(registersOf);
const anyRegister = fc.constantFrom(...registers);
const anyInstant = fc.integer({ min: START_MS, max: YEAR_MS });

test("an index is a whole number and never falls", () => {
  fc.assert(
    fc.property(anyRegister, anyInstant, fc.nat(2 * DAY_MS), (register, at, later) => {
      const index = register.indexAt(at);
      expect(Number.isSafeInteger(index)).toBe(true);
      expect(register.indexAt(at + later)).toBeGreaterThanOrEqual(index);
    }),
  );
});

test("quarter-hours add up to the difference of the index, to the watt-hour", () => {
  const quarter = fc.integer({ min: START_MS / QUARTER_MS, max: YEAR_MS / QUARTER_MS });
  fc.assert(
    fc.property(anyRegister, quarter, fc.nat(500), (register, from, count) => {
      let sum = 0;
      for (let at = from; at < from + count; at++) sum += register.quarter(at);
      expect(register.indexAt((from + count) * QUARTER_MS) - register.indexAt(from * QUARTER_MS)).toBe(sum);
    }),
  );
});

test("the same seed is the same world, whatever was asked before", () => {
  fc.assert(
    fc.property(fc.array(anyInstant, { minLength: 1, maxLength: 4 }), fc.nat(3), (instants, nth) => {
      const fresh = registersOf(createBuilding(7, sunny.plan, FIRST_DAY))[nth];
      for (const at of instants) expect(fresh?.indexAt(at)).toBe(registersOf(sunny)[nth]?.indexAt(at));
    }),
    { numRuns: 10 },
  );
});

test("another seed is another world", () => {
  const other = createBuilding(8, plan, FIRST_DAY);
  expect(other.common.importDay.indexAt(YEAR_MS)).not.toBe(plain.common.importDay.indexAt(YEAR_MS));
});

test("power is what moves the index", () => {
  fc.assert(
    fc.property(anyRegister, anyInstant, (register, at) => {
      const minuteMs = Math.floor(at / 60_000) * 60_000;
      const moved = register.indexAt(minuteMs + 60_000) - register.indexAt(minuteMs);
      expect(Math.abs(moved - register.rateAt(at) / 60)).toBeLessThanOrEqual(1);
    }),
  );
});

test("without panels nothing is ever exported; with them production is what is used here and what leaves", () => {
  expect(plain.common.exportDay.indexAt(YEAR_MS)).toBe(plain.common.exportDay.indexAt(START_MS));
  expect(plain.production).toBeUndefined();
  const exported = yearly(sunny.common.exportDay) + yearly(sunny.common.exportNight);
  expect(exported).toBeGreaterThan(0);
  expect(exported).toBeLessThan(yearly(sunny.production));
});

test("import and export never run in the same quarter-hour, nor both tariffs", () => {
  const { importDay, importNight, exportDay, exportNight } = sunny.common;
  for (let quarter = START_MS / QUARTER_MS; quarter < YEAR_MS / QUARTER_MS; quarter++) {
    const running = [importDay, importNight, exportDay, exportNight].filter(
      (one) => one.quarter(quarter) > 0,
    );
    expect(running.length).toBeLessThanOrEqual(1);
  }
});

test("what the common parts take is what the common meter nets, to the watt-hour", () => {
  const quarters = fc.integer({ min: START_MS / QUARTER_MS, max: YEAR_MS / QUARTER_MS });
  fc.assert(
    fc.property(fc.constantFrom(plain, sunny, pumped), quarters, ({ common, parts, production }, quarter) => {
      const [bought, sold] = [
        [common.importDay, common.importNight],
        [common.exportDay, common.exportNight],
      ].map(([day, night]) => (day?.quarter(quarter) ?? 0) + (night?.quarter(quarter) ?? 0));
      const taken = [...parts.values()].reduce((sum, part) => sum + part.quarter(quarter), 0);
      expect((bought ?? 0) - (sold ?? 0)).toBe(taken - (production?.quarter(quarter) ?? 0));
    }),
  );
  expect([...sunny.parts.keys()]).toEqual(
    expect.arrayContaining(["lighting", "lift", "boiler-room", "charger 0", "charger 1"]),
  );
  expect([...pumped.parts.keys()]).toContain("heat-pump");
});

test("a year has Belgian volumes: common parts, dwellings, panels, gas and water", () => {
  const common = (building: SimulatedBuilding) =>
    yearly(building.common.importDay) + yearly(building.common.importNight);
  expectBetween(common(plain) / 1e6, 5, 12);
  expectBetween(common(pumped) / 1e6, 12, 40);
  for (const number of [0, 5, 11]) {
    const { importDay, importNight } = plain.dwelling(number);
    expectBetween((yearly(importDay) + yearly(importNight)) / 1e6, 1.8, 3.7);
  }
  expectBetween(yearly(sunny.production) / 25e3, 850, 1050);
  expectBetween((yearly(plain.gas) * GAS_WH_PER_L) / 24e6, 9, 11);
  expectBetween(yearly(plain.water) / 24e3, 60, 90);
  for (const number of [0, 5, 11]) {
    const { water, heat } = plain.dwelling(number);
    expectBetween(yearly(water) / 1e3, 35, 115);
    expectBetween(yearly(heat) / 1e6, 4, 11);
  }
});

test("evenings are the peak of a dwelling, and winter heats", () => {
  const { importDay, importNight } = plain.dwelling(2);
  const mean = (hourUtc: number) => {
    let sum = 0;
    for (let day = FIRST_DAY; day < YEAR_MS / DAY_MS; day++) {
      const at = day * DAY_MS + hourUtc * 3_600_000;
      for (const register of [importDay, importNight])
        sum += register.indexAt(at + 3_600_000) - register.indexAt(at);
    }
    return sum / 365;
  };
  expect(mean(18)).toBeGreaterThan(1.8 * mean(2));
  const january = between(plain.gas, START_MS, Date.UTC(2025, 1, 1));
  const july = between(plain.gas, Date.UTC(2025, 6, 1), Date.UTC(2025, 7, 1));
  expect(january).toBeGreaterThan(4 * july);
});

test("Milan is hotter than Lille in summer, as cold in winter, and its roofs yield more", () => {
  const mean = (building: SimulatedBuilding, month: number) => {
    const [from, to] = [Date.UTC(2025, month, 1), Date.UTC(2025, month + 1, 1)];
    let sum = 0;
    for (let at = from; at < to; at += QUARTER_MS) sum += building.outsideC(at);
    return (sum * QUARTER_MS) / (to - from);
  };
  expectBetween(mean(milan, 6) - mean(lille, 6), 3, 10);
  expectBetween(mean(milan, 0) - mean(lille, 0), -5, 3);
  const roof = (building: SimulatedBuilding) => {
    const { key, ...rest } = building.plan;
    return yearly(createBuilding(7, { ...rest, key: `${key} roof`, panelsKwp: 20 }, FIRST_DAY).production);
  };
  expectBetween(roof(milan) / roof(lille), 1.1, 1.4);
});

test("Italy is away around the fifteenth of August, Belgium is not", () => {
  const used = (building: SimulatedBuilding, fromMs: number) => {
    let sum = 0;
    for (let number = 0; number < 24; number++) {
      const { importDay, importNight } = building.dwelling(number);
      for (const one of [importDay, importNight]) sum += between(one, fromMs, fromMs + 7 * DAY_MS);
    }
    return sum;
  };
  const [june, ferragosto] = [Date.UTC(2025, 5, 2), Date.UTC(2025, 7, 11)];
  expect(used(milan, ferragosto)).toBeLessThan(0.8 * used(milan, june));
  expect(used(plain, ferragosto)).toBeGreaterThan(0.8 * used(plain, june));
});

test("tariffs change with the clock of their country", () => {
  const isDay = (building: SimulatedBuilding, time: string) =>
    building.common.isDayTariff(
      Temporal.ZonedDateTime.from(`${time}[${building.plan.timezone}]`).epochMilliseconds,
    );
  // A Wednesday and a Sunday in summer.
  const hours = (building: SimulatedBuilding, date: string) =>
    ["06:30", "07:00", "08:00", "18:45", "19:00", "22:00", "22:30"].map((hour) =>
      isDay(building, `${date}T${hour}`),
    );
  expect(hours(plain, "2025-07-02")).toEqual([false, true, true, true, true, false, false]);
  expect(hours(lille, "2025-07-02")).toEqual([true, true, true, true, true, true, false]);
  expect(hours(milan, "2025-07-02")).toEqual([false, false, true, true, false, false, false]);
  expect(hours(plain, "2025-07-06")).toEqual(Array.from({ length: 7 }, () => false));
  expect(hours(lille, "2025-07-06")[1]).toBe(true);
});

const between = (register: IndexSeries | undefined, fromMs: number, toMs: number) =>
  register === undefined ? 0 : register.indexAt(toMs) - register.indexAt(fromMs);
const yearly = (register: IndexSeries | undefined) => between(register, START_MS, YEAR_MS);

function expectBetween(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}
