// What a bid would cost the group in a year, exactly: rates in nano-units, sums in BigInt, rounded once to the micro-unit (I9).
import { formatFixed, MICRO_PLACES, NANO_PLACES, parseFixed } from "../../money.ts";

/** What the dossier says of the group. */
export type GroupVolume = { readonly annualWh: number; readonly supplyPoints: number };

/** nano per kWh × Wh, per micro. */
const NANO_WH_PER_MICRO = 1_000_000n;
const PERCENT_PLACES = 4;
const MILLION = 1_000_000;

/** A number as typed, with a comma or a point and spaces between thousands; `undefined` where it is none or too fine. */
function typed(text: string, places: number): bigint | undefined {
  return parseFixed(text.replace(/[\s\u00a0\u202f]/g, "").replace(",", "."), places);
}

/** A price per kWh in nano-units. */
export const priceIn = (text: string): bigint | undefined => typed(text, NANO_PLACES);

/** An amount in micro-units. */
export const feeIn = (text: string): bigint | undefined => typed(text, MICRO_PLACES);

/** Per cent as a share, exact to the millionth: `35,5` is 0.355. */
export function shareIn(text: string): number | undefined {
  const millionths = typed(text, PERCENT_PLACES);
  return millionths === undefined ? undefined : Number(millionths) / MILLION;
}

export const priceOut = (nano: bigint): string => formatFixed(nano, NANO_PLACES, 6);
export const moneyOut = (micro: bigint): string => formatFixed(micro, MICRO_PLACES, 2);
/** The micro-units of an amount that the API sent. */
export const moneyIn = (amount: string): bigint => parseFixed(amount, MICRO_PLACES) ?? 0n;

export type BidCost = {
  readonly energyMicro: bigint;
  readonly feesMicro: bigint;
  readonly totalMicro: bigint;
};

/**
 * Energy and fees of the published year. The evaluation rounds every supply point's bill for itself, so its sum may differ
 * from this one by half a micro-unit for each: never by a cent below ten thousand of them.
 */
export function bidCost(
  priceNanoPerKwh: bigint,
  annualFeeMicro: bigint,
  { annualWh, supplyPoints }: GroupVolume,
): BidCost {
  const energyMicro = rounded(BigInt(annualWh) * priceNanoPerKwh, NANO_WH_PER_MICRO);
  const feesMicro = annualFeeMicro * BigInt(supplyPoints);
  return { energyMicro, feesMicro, totalMicro: energyMicro + feesMicro };
}

/** To the nearest, halves away from zero. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  const half = denominator / 2n;
  return numerator < 0n ? -((half - numerator) / denominator) : (numerator + half) / denominator;
}
