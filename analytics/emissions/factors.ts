// What a kWh of electricity weighs in CO₂, as data: by zone and year, with method, source, licence and version.

export type YearFactor = {
  /** Country, ISO 3166-1. */
  readonly zone: string;
  readonly year: number;
  /** Milligrams of CO₂-equivalent per kWh, which are micrograms per Wh. */
  readonly mgPerKwh: number;
};

export type FactorTable = {
  /** Grows with every change: whoever kept a figure can say which factors it was made with. */
  readonly version: string;
  readonly method: string;
  readonly source: string;
  readonly licence: string;
  /** Civil date on which the source was read. */
  readonly retrievedOn: string;
  /** What is in the grid of a country (GHG Protocol Scope 2, location-based). */
  readonly location: readonly YearFactor[];
  /** What is left of it when all certificates have been taken out (market-based). */
  readonly residual: readonly (YearFactor & { readonly source: string })[];
};

const YEARS = [2021, 2022, 2023, 2024, 2025];

/** g/kWh of `YEARS`. */
const G_PER_KWH: Readonly<Record<string, readonly number[]>> = {
  BE: [179, 197, 175, 153, 180],
  DE: [439, 475, 379, 341, 342],
  FR: [60, 91, 49, 33, 31],
  IT: [354, 399, 316, 267, 286],
  LU: [290, 360, 272, 222, 212],
  NL: [377, 347, 280, 251, 253],
};

export const SHIPPED_FACTORS: FactorTable = {
  version: "2026-11",
  method: "lifecycle, consumption-based, yearly mean",
  source:
    "Electricity Maps, yearly carbon intensity by zone, as republished in @tgwf/co2 0.19.0 (https://www.electricitymaps.com/data/methodology)",
  licence: "ODbL-1.0",
  retrievedOn: "2026-11-28",
  location: Object.entries(G_PER_KWH).flatMap(([zone, grams]) =>
    grams.map((g, index) => ({ zone, year: YEARS[index] ?? 0, mgPerKwh: g * 1000 })),
  ),
  residual: [
    {
      zone: "BE",
      year: 2023,
      mgPerKwh: 167_490,
      source: "AIB, European Residual Mixes 2023, as quoted by Engie and VREG",
    },
  ],
};
