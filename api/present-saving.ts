// Savings as the API shows them: exact sums inside, decimals, kilograms and shares outside.
import { kilograms, shareOf, sumMonths, sumSavings, type Saving, type SavingItem } from "#analytics";
import { showMoney } from "./amount.ts";
import type { Table } from "./answer-series.ts";
import type { VisibleSavings } from "./visible-savings.ts";

const instant = (ms: number) => new Date(ms).toISOString();

export const SAVINGS_METHOD =
  "Old tariff minus new one, without VAT, both on the energy really used and on the whole civil days that are over: each bill line rounded once to the micro-unit, sums are sums of supply points, quarter-hours without a value not counted.";

type Shown = { readonly currency: string; readonly asOfMs: number };

export function presentSavings(
  { open, hidden, withheld, counted }: VisibleSavings,
  { currency, asOfMs }: Shown,
) {
  const sum = sumSavings([...open, ...hidden]);
  return {
    currency,
    vat: "excluded" as const,
    from: instant(counted.fromMs),
    to: instant(counted.toMs),
    asOf: instant(asOfMs),
    method: SAVINGS_METHOD,
    energyWh: sum.energyWh,
    coveredShare: shareOf(sum.valued, sum.quarters),
    ...presentAmounts(sum),
    volumeEffect: null,
    co2Location: 0,
    co2Market: sum.co2MarketPg === null ? null : kilograms(sum.co2MarketPg),
    withheld,
    items: open.map(presentItem),
  };
}

/** The items as a table. */
export function savingsTable(name: string, { items, currency }: ReturnType<typeof presentSavings>): Table {
  return {
    name: `${name}-savings`,
    header: [
      "buildingId",
      "supplyPointId",
      "tenderId",
      "supplier",
      "from",
      "to",
      "energy_Wh",
      "coveredShare",
      "counterfactualCost",
      "actualCost",
      "priceEffect",
      "currency",
    ],
    rows: items.map((item) => [
      item.buildingId,
      item.supplyPointId,
      item.tenderId,
      item.supplier,
      item.from,
      item.to,
      item.energyWh,
      item.coveredShare,
      item.counterfactualCost,
      item.actualCost,
      item.priceEffect,
      currency,
    ]),
  };
}

function presentItem(item: SavingItem) {
  return {
    buildingId: String(item.buildingId),
    supplyPointId: String(item.supplyPointId),
    tenderId: String(item.tenderId),
    supplier: item.supplier,
    from: item.from,
    to: item.to,
    energyWh: item.energyWh,
    coveredShare: shareOf(item.valued, item.quarters),
    ...presentAmounts(item),
  };
}

function presentAmounts(saving: Pick<Saving, "counterfactualMicro" | "actualMicro" | "effectMicro">) {
  return {
    counterfactualCost: showMoney(saving.counterfactualMicro),
    actualCost: showMoney(saving.actualMicro),
    priceEffect: showMoney(saving.effectMicro),
  };
}

export function presentMonths({ open, hidden }: VisibleSavings) {
  return sumMonths([...open, ...hidden]).map((month) => ({
    month: month.month,
    energyWh: month.energyWh,
    ...presentAmounts(month),
  }));
}
