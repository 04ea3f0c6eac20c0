// What the bars can be counted in, for which energy, and how the address says it.
import type { Series } from "./series.ts";

/** `cost`: at the contracts' price per kWh. `co2`: by the yearly factor of the country. */
export const MEASURES = ["energy", "cost", "co2"] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * Prices and factors are per kWh of what is drawn: a volume has neither until its calorific value is known, what is fed in
 * has another price, and heat has no factor yet.
 */
export function measuresOf({ carrier, direction }: Series): readonly Measure[] {
  if (direction === "export") return ["energy"];
  if (carrier === "electricity") return MEASURES;
  return carrier === "heat" ? ["energy", "cost"] : ["energy"];
}

export function parseMeasure(text: string | null, series: Series): Measure {
  return measuresOf(series).find((known) => known === text) ?? "energy";
}
