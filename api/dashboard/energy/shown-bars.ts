// The bars in the measure that the reader chose, once they are there.
import type { AmountUnit } from "../text/formats.ts";
import type { Bar } from "./bars.ts";
import type { EnergyData } from "./energy-data.svelte.ts";
import type { CostReading, EmissionReading } from "./measured-bars.ts";
import type { Measure } from "./measures.ts";

export type ShownBars = { readonly unit: AmountUnit; readonly bars: readonly Bar[] };

/** `undefined`: not asked yet, or nothing of the period has a price or a factor. */
export function shownBars(
  measure: Measure,
  energy: EnergyData,
  cost: CostReading | undefined,
  emission: EmissionReading | undefined,
): ShownBars | undefined {
  if (measure === "energy") return { unit: energy.unit, bars: energy.bars };
  if (measure === "cost") {
    return cost?.currency === undefined ? undefined : { unit: { currency: cost.currency }, bars: cost.bars };
  }
  return emission === undefined || emission.emissions.location === null
    ? undefined
    : { unit: "kg", bars: emission.bars };
}
