// A lot in figures, as suppliers are shown it: of its energy and of its power, the first of each the largest.
import type { Lot } from "../data/tender-api.ts";
import type { TenderPreview } from "../data/tenders.ts";
import type { Figure } from "../energy/figure-row.svelte";
import { volumeUnit } from "../tender/region-name.ts";
import { instantText } from "../text/amounts.ts";
import type { Measure } from "../text/formats.ts";
import { texts } from "../text/texts.svelte.ts";
import { rateMeasure } from "./chart-views.ts";

export type LotFigures = { readonly energy: readonly Figure[]; readonly power: readonly Figure[] };

export function lotFigures(lot: Lot | NonNullable<TenderPreview["lot"]>): LotFigures {
  const { formats } = texts;
  const unit = volumeUnit(lot.carrier);
  const share = (value: number): Measure => ({ number: formats.decimal(value * 100, 1), unit: "%" });
  return {
    energy: [
      {
        label: texts.text("dossier.annual"),
        measure: formats.amount(lot.annualWh, unit),
        hint: texts.text(lot.extrapolated ? "dossier.basisExtrapolated" : "dossier.basis", {
          days: formats.integer(lot.basisDays),
        }),
      },
      {
        label: texts.text("dossier.participants"),
        measure: { number: formats.integer(lot.participants), unit: "" },
        hint: texts.count("dossier.supplyPoints", lot.supplyPointsTotal),
      },
      {
        label: texts.text("dossier.peakShare"),
        measure: share(lot.peakShare),
        hint: texts.text("dossier.peakShareHint"),
      },
      {
        label: texts.text("dossier.winterShare"),
        measure: share(lot.winterShare),
        hint: texts.text("dossier.winterShareHint"),
      },
    ],
    power: [
      {
        label: texts.text("dossier.max"),
        measure: rateMeasure(formats, lot.maxW, unit),
        hint: instantText(formats.tag, lot.maxAt, lot.timezone),
      },
      {
        label: texts.text("dossier.loadFactor"),
        measure: share(lot.loadFactor),
        hint: texts.text("energy.loadFactorHint"),
      },
      {
        label: texts.text("dossier.coincidence"),
        measure: share(lot.coincidence),
        hint: texts.text("dossier.coincidenceHint"),
      },
    ],
  };
}
