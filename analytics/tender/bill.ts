// What a supply point pays: exact integers, each bill line rounded once to the micro-euro (I9), VAT apart.
import { roundedQuotient } from "./exact.ts";
import { YEAR_DAYS } from "./tender-calendar.ts";

/**
 * What energy costs. One kind so far. Indexed prices (an index by its name, slope and constant) and banded ones (a rate per
 * time band, bands as data) become further kinds: `energyProduct` then reads the quarter-hours of `BilledLoad`.
 */
export type EnergyPrice = {
  readonly kind: "flat";
  /** Nano-units of the currency per kWh. */
  readonly nanoPerKwh: bigint;
};

export type Tariff = {
  readonly price: EnergyPrice;
  /** Micro-units of the currency per supply point and year. */
  readonly annualFeeMicro: bigint;
  /** VAT that price and fee contain, in millionths (60,000 is 6 %); 0 when they are without. It is taken out of each line. */
  readonly vatMillionths: number;
};

export type BilledLoad = {
  readonly wh: number;
  /** Fees are due by days, each a 365th of the yearly fee. */
  readonly days: number;
};

/** Micro-units of the currency, without VAT. */
export type Bill = { readonly energyMicro: bigint; readonly feeMicro: bigint; readonly totalMicro: bigint };

const MILLION = 1_000_000n;
/** nano × Wh per micro × kWh. */
const NANO_WH_PER_MICRO_KWH = 1_000_000n;

export function billOf(tariff: Tariff, load: BilledLoad): Bill {
  const gross = MILLION + BigInt(tariff.vatMillionths);
  const energyMicro = roundedQuotient(
    energyProduct(tariff.price, load) * MILLION,
    NANO_WH_PER_MICRO_KWH * gross,
  );
  const feeMicro = roundedQuotient(
    tariff.annualFeeMicro * BigInt(load.days) * MILLION,
    BigInt(YEAR_DAYS) * gross,
  );
  return { energyMicro, feeMicro, totalMicro: energyMicro + feeMicro };
}

/**
 * Σ Wh × rate, nano-units × Wh/kWh, nothing rounded. With a flat rate the sum over the quarter-hours is the product of their
 * sum.
 */
function energyProduct(price: EnergyPrice, load: BilledLoad): bigint {
  return BigInt(load.wh) * price.nanoPerKwh;
}

/** Orders prices where costs are equal: the lower first. */
export function comparePrices(left: EnergyPrice, right: EnergyPrice): number {
  return compareAmounts(left.nanoPerKwh, right.nanoPerKwh);
}

export function compareAmounts(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
