// What a bar says: shown above the chart and read aloud.
import { measureText, type AmountUnit } from "../text/formats.ts";
import type { texts as Texts } from "../text/texts.svelte.ts";
import type { PeriodUnit, Resolution } from "../time/period.ts";
import type { Bar } from "./bars.ts";

export type BarContext = {
  readonly resolution: Resolution;
  readonly period: PeriodUnit;
  readonly zone: string;
  readonly unit: AmountUnit;
  /** Its mean power is said instead of its energy. */
  readonly power: boolean;
  /** What the other period has there, and what that period is called. */
  readonly beside?: { readonly name: string; readonly value: number | null } | undefined;
};

/** What is said of a bar only when it is so. */
const NOTES = [
  { kind: "estimated", label: "energy.estimated" },
  { kind: "missing", label: "energy.missing" },
] as const;

export function describeBar(bar: Bar | undefined, context: BarContext, texts: typeof Texts): string {
  if (bar === undefined) return "";
  const { resolution, period, zone } = context;
  const { formats } = texts;
  const when =
    period === "day" ? formats.slotWithin(bar, resolution, zone) : formats.slot(bar, resolution, zone);
  return [when, ...valueTexts(bar, context, texts), ...besideTexts(context, texts)].join(" · ");
}

function valueTexts(bar: Bar, { unit, power }: BarContext, texts: typeof Texts): string[] {
  if (bar.phase === "future") return [texts.text("energy.upcoming")];
  if (bar.phase === "pending") return [texts.text("energy.pending")];
  if (bar.value === null) return [texts.text("energy.missing")];
  const measure =
    power && bar.maxPowerW !== null
      ? texts.formats.power(bar.maxPowerW)
      : texts.formats.amount(bar.value, unit);
  const notes = NOTES.filter(({ kind }) => bar.quality[kind] > 0).map(
    ({ kind, label }) => `${texts.text(label)} ${texts.formats.percent(bar.quality[kind])}`,
  );
  return [measureText(measure), ...notes];
}

function besideTexts({ beside, unit }: BarContext, texts: typeof Texts): string[] {
  if (beside === undefined || beside.value === null) return [];
  const amount = measureText(texts.formats.amount(beside.value, unit));
  return [texts.text("energy.beside", { period: beside.name, amount })];
}
