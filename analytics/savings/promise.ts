// What the evaluation said that an award would save in a year, and the part of it that a number of days is.
import { billOf, type Tariff } from "../tender/bill.ts";
import { roundedQuotient } from "../tender/exact.ts";
import { YEAR_DAYS } from "../tender/tender-calendar.ts";

/** Micro-units of the currency, without VAT. */
export type SavingPromise = { readonly annualMicro: bigint; readonly toDateMicro: bigint };

export const NO_PROMISE: SavingPromise = { annualMicro: 0n, toDateMicro: 0n };

/** One supply point of the dossier, on its snapshot's year: as `evaluateOffers` computes it. */
export function promisedAnnualMicro(before: Tariff, offered: Tariff, annualWh: number): bigint {
  const year = { wh: annualWh, days: YEAR_DAYS };
  return billOf(before, year).totalMicro - billOf(offered, year).totalMicro;
}

export function promiseOf(annualMicro: bigint, days: number): SavingPromise {
  return { annualMicro, toDateMicro: roundedQuotient(annualMicro * BigInt(days), BigInt(YEAR_DAYS)) };
}

export function addPromises(promises: readonly SavingPromise[]): SavingPromise {
  return promises.reduce(
    (sum, one) => ({
      annualMicro: sum.annualMicro + one.annualMicro,
      toDateMicro: sum.toDateMicro + one.toDateMicro,
    }),
    NO_PROMISE,
  );
}
