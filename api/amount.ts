// Amounts and shares of a request or an answer: exact integers inside, decimals and shares outside.
import { invalid } from "./identifier.ts";
import { MICRO_PLACES, NANO_PLACES, formatFixed, parseFixed } from "./money.ts";

const MILLION = 1_000_000;
/** What a bigint of the database holds. */
const AMOUNT_MAX = 2n ** 63n - 1n;

/** @throws KoproError `request_invalid` where digits would be lost or the amount is out of range. */
function amountIn(text: string, places: number, pointer: string): bigint {
  const value = parseFixed(text, places);
  if (value === undefined) throw invalid(pointer, `is not a decimal with at most ${places} places`);
  if (value > AMOUNT_MAX || value < -AMOUNT_MAX) throw invalid(pointer, "is out of range");
  return value;
}

/** A rate per kWh in nano-units of the currency. */
export const rateIn = (text: string, pointer: string): bigint => amountIn(text, NANO_PLACES, pointer);

/** An amount in micro-units of the currency. */
export const moneyIn = (text: string, pointer: string): bigint => amountIn(text, MICRO_PLACES, pointer);

export const showRate = (nano: bigint): string => formatFixed(nano, NANO_PLACES, 6);
export const showMoney = (micro: bigint): string => formatFixed(micro, MICRO_PLACES, 2);

/** A share as millionths; what is not a number of six decimals is rounded. */
export const millionthsIn = (share: number): number => Math.round(share * MILLION);
export const showShare = (millionths: number): number => millionths / MILLION;
