// Litres of gas as energy: the value of the instant, by the most particular zone, and no Wh lost within a day.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { CalorificInForce, DayRow, RegisterDays } from "#store";
import { calorificIn, calorificSteps, coversFrom, gasEnergy } from "./gas-energy.ts";

const ZONE = "Europe/Brussels";
const value = (rank: number, from: string, kwhPerM3: string, version = 1): CalorificInForce => ({
  zone: ["", "GAS-1", "BE-BRU", "BE"][rank] ?? "",
  from,
  version,
  kwhPerM3,
  rank,
});

function day(date: string, litres: (slot: number) => number | undefined): DayRow {
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const own = litres(slot);
    if (own === undefined) continue;
    quarters.writeInt32LE(own, 4 * slot);
    statuses[slot] = QuarterCode.measured;
  }
  return { day: date, quarters, statuses, revision: 1 };
}

const series = (...days: DayRow[]): RegisterDays[] => [
  { registerId: 1, supplyPointId: 1, fromMs: -Infinity, toMs: Infinity, days },
];

function energies(row: DayRow | undefined): number[] {
  const quarters = row?.quarters ?? Buffer.alloc(0);
  return Array.from({ length: quarters.length / 4 }, (_, slot) => quarters.readInt32LE(4 * slot));
}

test("a litre is as many Wh as a cubic metre is kWh", () => {
  const steps = calorificSteps([value(3, "2026-01-01", "11.63")], ZONE);
  const [converted] = gasEnergy(series(day("2026-01-15", () => 100)), steps);
  expect(energies(converted?.days[0]).slice(0, 3)).toEqual([1163, 1163, 1163]);
});

test("a new value counts from midnight in the building's zone, within a UTC day", () => {
  const steps = calorificSteps([value(3, "2026-01-01", "10"), value(3, "2026-01-15", "12")], ZONE);
  const [converted] = gasEnergy(series(day("2026-01-14", () => 1)), steps);
  // Midnight of Brussels is 23:00 UTC: the last four quarter-hours of the UTC day.
  expect(energies(converted?.days[0]).slice(90)).toEqual([10, 10, 12, 12, 12, 12]);
});

test("the network's zone counts before the region, and the region before the country", () => {
  const all = [value(3, "2026-01-01", "10"), value(2, "2026-02-01", "11"), value(1, "2026-03-01", "12")];
  const steps = calorificSteps([...all, value(3, "2026-04-01", "13")], ZONE);
  expect(steps.steps.map((step) => step.value.kwhPerM3)).toEqual(["10", "11", "12", "12"]);
});

test("before the first value nothing is known, and it says so", () => {
  const steps = calorificSteps([value(3, "2026-01-15", "10")], ZONE);
  const [converted] = gasEnergy(series(day("2026-01-14", () => 5)), steps);
  expect(converted?.days[0]?.statuses[91]).toBe(QuarterCode.missing);
  expect(converted?.days[0]?.statuses[92]).toBe(QuarterCode.measured);
  expect(coversFrom(steps, Date.UTC(2026, 0, 14))).toBe(false);
  expect(coversFrom(steps, Date.UTC(2026, 0, 15))).toBe(true);
});

test("which values were used is told once each", () => {
  const steps = calorificSteps([value(3, "2026-01-01", "10"), value(3, "2026-02-01", "11")], ZONE);
  const used = calorificIn(steps, Date.UTC(2026, 1, 3), Date.UTC(2026, 1, 4));
  expect(used.map(({ kwhPerM3 }) => kwhPerM3)).toEqual(["11"]);
});

test("a day's quarter-hours add up to the day's litres times the value, rounded once", () => {
  const litres = fc.array(fc.option(fc.integer({ min: 0, max: 100_000 }), { nil: undefined }), {
    minLength: 96,
    maxLength: 96,
  });
  const milli = fc.integer({ min: 500_000, max: 1_500_000 });
  fc.assert(
    fc.property(litres, milli, (list, hundredThousandths) => {
      const kwhPerM3 = (hundredThousandths / 100_000).toFixed(5);
      const steps = calorificSteps([value(3, "2026-01-01", kwhPerM3)], ZONE);
      const [converted] = gasEnergy(series(day("2026-06-15", (slot) => list[slot])), steps);
      const sum = energies(converted?.days[0]).reduce((total, one) => total + one, 0);
      const all = list.reduce<number>((total, one) => total + (one ?? 0), 0);
      const exact = (BigInt(all) * BigInt(hundredThousandths) + 50_000n) / 100_000n;
      expect(BigInt(sum)).toBe(exact);
      expect(energies(converted?.days[0]).every((one) => one >= 0)).toBe(true);
    }),
  );
});
