// The emissions of supply points by civil day or month, and which factors they were made with.
import type { RegisterDays } from "#store";
import { energyByDay, type CivilCalendar, type CivilDay } from "../load/civil-days.ts";
import { contractInForce, type ContractPeriod } from "../savings/contract-in-force.ts";
import { addEmissions, emissionsOf, NO_EMISSION, type Emission } from "./emissions-of.ts";
import { locationFactor, residualFactor, type TakenFactor } from "./factor-of-year.ts";
import type { FactorTable } from "./factors.ts";

/** A contract as far as emissions ask: no price is in it, so no price can change them. */
export type Mix = ContractPeriod & { readonly greenMillionths: number | null };

export type EmittingSupplyPoint = {
  /** Country of the building; `null` for a carrier without factors. */
  readonly zone: string | null;
  readonly registers: readonly RegisterDays[];
  /** Empty: nothing is said about its mix. */
  readonly mixes: readonly Mix[];
};

export type EmissionPoint = { readonly fromMs: number; readonly toMs: number; readonly emission: Emission };
export type EmissionSeries = { readonly total: Emission; readonly points: readonly EmissionPoint[] };

export type EmissionRequest = {
  readonly supplyPoints: readonly EmittingSupplyPoint[];
  readonly calendar: CivilCalendar;
  readonly resolution: "day" | "month";
  readonly table: FactorTable;
};

/** The points in order of time, end to end; the total is their sum. */
export function emissionSeries(request: EmissionRequest): EmissionSeries {
  const { calendar, resolution } = request;
  const periods = [...Map.groupBy(calendar.days.entries(), ([, day]) => periodOf(day, resolution)).values()];
  const sums = periods.map(() => NO_EMISSION);
  for (const point of request.supplyPoints) {
    const energies = energyByDay(point.registers, calendar);
    for (const [at, days] of periods.entries()) {
      const parts = days.map(([index, { date }]) => ({
        zone: point.zone,
        year: yearOf(date),
        greenMillionths: contractInForce(point.mixes, date)?.greenMillionths ?? null,
        ...(energies[index] ?? NO_ENERGY),
      }));
      sums[at] = addEmissions(sums[at] ?? NO_EMISSION, emissionsOf(parts, request.table));
    }
  }
  const points = periods.map((days, at) => ({
    fromMs: days[0]?.[1].fromMs ?? calendar.fromMs,
    toMs: days.at(-1)?.[1].toMs ?? calendar.toMs,
    emission: sums[at] ?? NO_EMISSION,
  }));
  return { total: sums.reduce(addEmissions, NO_EMISSION), points };
}

const NO_ENERGY = { wh: 0, valued: 0, quarters: 0 };
const MONTH_LENGTH = "2026-01".length;

function periodOf({ date }: CivilDay, resolution: "day" | "month"): string {
  return resolution === "day" ? date : date.slice(0, MONTH_LENGTH);
}

export function yearOf(date: string): number {
  return Number.parseInt(date, 10);
}

export type UsedFactors = {
  /** By zone and year; a year before all that is known has none. */
  readonly location: readonly TakenFactor[];
  readonly residual: readonly TakenFactor<FactorTable["residual"][number]>[];
};

/** What the table gives for the years of a calendar. */
export function usedFactors(
  table: FactorTable,
  zones: readonly string[],
  { days }: CivilCalendar,
): UsedFactors {
  const years = [...new Set(days.map(({ date }) => yearOf(date)))];
  const asked = [...new Set(zones)].sort().flatMap((zone) => years.map((year) => ({ zone, year })));
  return {
    location: asked.flatMap(({ zone, year }) => locationFactor(table, zone, year) ?? []),
    residual: asked.flatMap(({ zone, year }) => residualFactor(table, zone, year) ?? []),
  };
}
