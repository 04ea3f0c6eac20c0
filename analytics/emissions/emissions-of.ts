// What energy weighs in CO₂, location- and market-based: exact picograms until somebody looks.
import { roundedQuotient } from "../tender/exact.ts";
import { locationFactor, residualFactor } from "./factor-of-year.ts";
import type { FactorTable } from "./factors.ts";

/** Energy of one supply point within one civil year under one mix. */
export type EmittingEnergy = {
  /** Country whose factors hold; `null`: the carrier has none yet. */
  readonly zone: string | null;
  readonly year: number;
  readonly wh: number;
  /** Quarter-hours with a value, and all of them. */
  readonly valued: number;
  readonly quarters: number;
  /** What the contract's supplier certifies, in millionths; `null`: not known. */
  readonly greenMillionths: number | null;
};

/** Sums, so that emissions add up over time and supply points in any order. */
export type Emission = {
  readonly energyWh: number;
  readonly quarters: number;
  /** Quarter-hours with a value and a factor: only they are in `locationPg`. */
  readonly covered: number;
  /** Picograms of CO₂-equivalent: Wh × mg/kWh × millionths. */
  readonly locationPg: bigint;
  /** Energy, and quarter-hours with a value, under a contract whose mix is known: only they are in `marketPg`. */
  readonly mixedWh: number;
  readonly mixed: number;
  readonly marketPg: bigint;
};

export const NO_EMISSION: Emission = {
  energyWh: 0,
  quarters: 0,
  covered: 0,
  locationPg: 0n,
  mixedWh: 0,
  mixed: 0,
  marketPg: 0n,
};

const MILLION = 1_000_000;
const PG_PER_G = 1_000_000_000_000n;
const G_PER_KG = 1000;

export function emissionsOf(parts: Iterable<EmittingEnergy>, table: FactorTable): Emission {
  let sum = NO_EMISSION;
  for (const part of parts) sum = addEmissions(sum, emissionOf(part, table));
  return sum;
}

export function addEmissions(left: Emission, right: Emission): Emission {
  return {
    energyWh: left.energyWh + right.energyWh,
    quarters: left.quarters + right.quarters,
    covered: left.covered + right.covered,
    locationPg: left.locationPg + right.locationPg,
    mixedWh: left.mixedWh + right.mixedWh,
    mixed: left.mixed + right.mixed,
    marketPg: left.marketPg + right.marketPg,
  };
}

/**
 * Certified green energy weighs nothing in the market's books; the rest weighs what is left in the grid when certificates
 * have been taken out, or, where nobody says what that is, what is in the grid.
 */
function emissionOf(part: EmittingEnergy, table: FactorTable): Emission {
  const { zone, year, wh, valued, quarters, greenMillionths } = part;
  const nothing = { ...NO_EMISSION, energyWh: wh, quarters };
  const location = zone === null ? undefined : locationFactor(table, zone, year);
  if (zone === null || location === undefined) return nothing;
  const located = { ...nothing, covered: valued, locationPg: picograms(wh, location.mgPerKwh, MILLION) };
  if (greenMillionths === null) return located;
  const { mgPerKwh } = residualFactor(table, zone, year) ?? location;
  const marketPg = picograms(wh, mgPerKwh, MILLION - greenMillionths);
  return { ...located, mixedWh: wh, mixed: valued, marketPg };
}

/** Exact: each factor is an integer below 2^53. */
export function picograms(wh: number, mgPerKwh: number, millionths: number): bigint {
  return BigInt(wh) * BigInt(mgPerKwh) * BigInt(millionths);
}

/** To the gram, once, where it is shown. */
export function kilograms(pg: bigint): number {
  return Number(roundedQuotient(pg, PG_PER_G)) / G_PER_KG;
}
