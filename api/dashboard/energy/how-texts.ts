// How the figures of the energy panel are computed, in the words of the measure that is shown.
import type { Emissions } from "../data/effects.ts";
import type { texts as Texts } from "../text/texts.svelte.ts";
import type { EnergyData } from "./energy-data.svelte.ts";
import type { Measure } from "./measures.ts";

export function howTexts(
  measure: Measure,
  { unit }: EnergyData,
  zone: string,
  emissions: Emissions | undefined,
  texts: typeof Texts,
): string[] {
  const volume = unit === "l";
  return [
    ...(measure === "cost" ? [texts.text("energy.howCost"), texts.text("energy.howCostLeft")] : []),
    ...(measure === "co2" && emissions !== undefined ? emissionTexts(emissions, texts) : []),
    texts.text("how.index"),
    texts.text("how.gaps"),
    texts.text("how.estimated"),
    texts.text(volume ? "how.volume" : "how.peak"),
    texts.text("energy.howCompared"),
    texts.text("how.zone", { zone }),
  ];
}

/** What the kilograms rest on: factors with their version and source, and the two ways to count. */
export function emissionTexts({ factors }: Emissions, texts: typeof Texts): string[] {
  const years = factors.years.map(
    ({ year, gPerKwh }) => `${year}: ${texts.formats.decimal(gPerKwh, 0)} g/kWh`,
  );
  return [
    texts.text("emissions.howLocation", { years: years.join(", ") || "–" }),
    texts.text("emissions.howMarket"),
    texts.text("emissions.howFactors", {
      version: factors.version,
      method: factors.method,
      source: factors.source,
    }),
  ];
}
