// What a change of contract saved: the old tariff against the new one, both on the energy really used and the same days.
import { yearOf } from "../emissions/emission-series.ts";
import { picograms } from "../emissions/emissions-of.ts";
import { locationFactor, residualFactor } from "../emissions/factor-of-year.ts";
import type { FactorTable } from "../emissions/factors.ts";
import { energyByDay, type CivilCalendar, type DayEnergy } from "../load/civil-days.ts";
import { billOf, type Tariff } from "../tender/bill.ts";
import type { RegisterDays } from "#store";
import { contractInForce, type ContractPeriod } from "./contract-in-force.ts";

/** The contract that a tender brought, and the one before it as the dossier's snapshot froze it. */
export type Switch = {
  readonly tenderId: number;
  readonly supplier: string;
  readonly before: Tariff;
  readonly after: Tariff;
  /** Certified green shares in millionths; `null`: not known. */
  readonly greenBefore: number | null;
  readonly greenAfter: number | null;
};

/** Any contract of a supply point; `change` is null for one that no tender brought. */
export type SavingContract = ContractPeriod & { readonly change: Switch | null };

export type SavingPoint = {
  readonly supplyPointId: number;
  readonly buildingId: number;
  /** Country whose CO₂ factors hold; `null` for a carrier without. */
  readonly zone: string | null;
  readonly contracts: readonly SavingContract[];
  readonly registers: readonly RegisterDays[];
};

/** Micro-units of the currency, without VAT; picograms. */
export type Saving = {
  readonly energyWh: number;
  /** Quarter-hours with a value, and all of them. */
  readonly valued: number;
  readonly quarters: number;
  readonly counterfactualMicro: bigint;
  readonly actualMicro: bigint;
  /** Positive: it costs less. */
  readonly effectMicro: bigint;
  /** By the certified mix alone; `null` where the old or the new one is not known. */
  readonly co2MarketPg: bigint | null;
};

export type SavingMonth = Omit<Saving, "co2MarketPg" | "valued" | "quarters"> & {
  /** Civil month, `YYYY-MM`. */
  readonly month: string;
};

/** One supply point under one contract, over days that follow one another. */
export type SavingItem = Saving & {
  readonly supplyPointId: number;
  readonly buildingId: number;
  readonly tenderId: number;
  readonly supplier: string;
  /** Civil dates, half-open. */
  readonly from: string;
  readonly to: string;
  readonly days: number;
  /** Their sum is the item: each line of a month is what the rounded running bill grew by. */
  readonly months: readonly SavingMonth[];
};

type Day = DayEnergy & { readonly date: string };
type Stretch = { readonly change: Switch; readonly days: Day[] };

/** `counts`: days that may be counted for this supply point; all of them without it. */
export function savingItems(
  point: SavingPoint,
  calendar: CivilCalendar,
  table: FactorTable,
  counts: (date: string) => boolean = () => true,
): SavingItem[] {
  const { supplyPointId, buildingId, zone } = point;
  return stretchesOf(point, calendar, counts).map(({ change, days }) => {
    const months = monthsOf(change, days);
    const last = days.at(-1)?.date ?? "";
    return {
      supplyPointId,
      buildingId,
      tenderId: change.tenderId,
      supplier: change.supplier,
      from: days[0]?.date ?? "",
      to: Temporal.PlainDate.from(last).add({ days: 1 }).toString(),
      days: days.length,
      months,
      energyWh: sum(days, (day) => day.wh),
      valued: sum(days, (day) => day.valued),
      quarters: sum(days, (day) => day.quarters),
      counterfactualMicro: total(months, (month) => month.counterfactualMicro),
      actualMicro: total(months, (month) => month.actualMicro),
      effectMicro: total(months, (month) => month.effectMicro),
      co2MarketPg: zone === null ? null : mixEffect(change, days, zone, table),
    };
  });
}

function stretchesOf(
  point: SavingPoint,
  calendar: CivilCalendar,
  counts: (date: string) => boolean,
): Stretch[] {
  const energies = energyByDay(point.registers, calendar);
  const stretches: Stretch[] = [];
  let current: Stretch | undefined;
  for (const [index, { date }] of calendar.days.entries()) {
    const change = counts(date) ? contractInForce(point.contracts, date)?.change : null;
    const energy = energies[index];
    if (change === null || change === undefined || energy === undefined) {
      current = undefined;
      continue;
    }
    if (current?.change !== change) stretches.push((current = { change, days: [] }));
    current.days.push({ date, ...energy });
  }
  return stretches;
}

const MONTH_LENGTH = "2026-01".length;
const NO_BILLS = { counterfactualMicro: 0n, actualMicro: 0n };

/** A bill line is rounded once over the whole stretch; rounding each month anew would leave the months' sum beside it. */
function monthsOf({ before, after }: Switch, days: readonly Day[]): SavingMonth[] {
  let so = { wh: 0, days: 0 };
  let billed = NO_BILLS;
  return [...Map.groupBy(days, ({ date }) => date.slice(0, MONTH_LENGTH))].map(([month, its]) => {
    const energyWh = sum(its, (day) => day.wh);
    so = { wh: so.wh + energyWh, days: so.days + its.length };
    const running = {
      counterfactualMicro: billOf(before, so).totalMicro,
      actualMicro: billOf(after, so).totalMicro,
    };
    const counterfactualMicro = running.counterfactualMicro - billed.counterfactualMicro;
    const actualMicro = running.actualMicro - billed.actualMicro;
    billed = running;
    return {
      month,
      energyWh,
      counterfactualMicro,
      actualMicro,
      effectMicro: counterfactualMicro - actualMicro,
    };
  });
}

/** The part of the energy that became certified green, at what it weighed before; negative when less of it is. */
function mixEffect(
  { greenBefore, greenAfter }: Switch,
  days: readonly Day[],
  zone: string,
  table: FactorTable,
): bigint | null {
  if (greenBefore === null || greenAfter === null) return null;
  let pg = 0n;
  for (const [year, its] of Map.groupBy(days, ({ date }) => yearOf(date))) {
    const factor = residualFactor(table, zone, year) ?? locationFactor(table, zone, year);
    if (factor === undefined) return null;
    const wh = sum(its, (day) => day.wh);
    pg += picograms(wh, factor.mgPerKwh, greenAfter - greenBefore);
  }
  return pg;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((all, item) => all + of(item), 0);
}

function total<Item>(items: readonly Item[], of: (item: Item) => bigint): bigint {
  return items.reduce((all, item) => all + of(item), 0n);
}

/** A group's saving is the sum of its items'. CO₂: of those whose mixes are known; `null` when none is. */
export function sumSavings(items: readonly Saving[]): Saving {
  const known = items.flatMap(({ co2MarketPg }) => co2MarketPg ?? []);
  return {
    energyWh: sum(items, (item) => item.energyWh),
    valued: sum(items, (item) => item.valued),
    quarters: sum(items, (item) => item.quarters),
    counterfactualMicro: total(items, (item) => item.counterfactualMicro),
    actualMicro: total(items, (item) => item.actualMicro),
    effectMicro: total(items, (item) => item.effectMicro),
    co2MarketPg: known.length === 0 ? null : total(known, (pg) => pg),
  };
}

/** In order of time. */
export function sumMonths(items: readonly { readonly months: readonly SavingMonth[] }[]): SavingMonth[] {
  const lines = items.flatMap(({ months }) => months);
  return [...Map.groupBy(lines, ({ month }) => month)]
    .map(([month, its]) => ({
      month,
      energyWh: sum(its, (line) => line.energyWh),
      counterfactualMicro: total(its, (line) => line.counterfactualMicro),
      actualMicro: total(its, (line) => line.actualMicro),
      effectMicro: total(its, (line) => line.effectMicro),
    }))
    .sort((left, right) => left.month.localeCompare(right.month));
}
