// A calorific value as people type it: checked before it is sent, and sent as the API writes it.
import type { NewCalorificValue } from "../data/calorific.ts";
import type { MessageKey } from "../text/messages.ts";
import { parseCivilDate } from "../time/civil.ts";

export type ValueForm = {
  readonly zone: string;
  readonly from: string;
  readonly kwhPerM3: string;
  readonly source: string;
};
export type ValueField = keyof ValueForm;

export const ZONE = /^[A-Z0-9-]{2,32}$/;
/** What any gas in a network holds, kWh per m³; the API keeps five digits. */
const KWH_PER_M3 = { min: 5, max: 15 };
const DECIMAL = /^\d{1,2}(?:[.,]\d{1,5})?$/;

export function zoneIn(text: string): string {
  return text.trim().toUpperCase();
}

export function valueFaults({
  zone,
  from,
  kwhPerM3,
  source,
}: ValueForm): Partial<Record<ValueField, MessageKey>> {
  const value = kwhPerM3.trim();
  const isUsual =
    DECIMAL.test(value) &&
    Number(decimalIn(value)) >= KWH_PER_M3.min &&
    Number(decimalIn(value)) <= KWH_PER_M3.max;
  return {
    ...(ZONE.test(zoneIn(zone)) ? {} : { zone: "calorific.zoneFault" as const }),
    ...(parseCivilDate(from) === undefined ? { from: "calorific.fromFault" as const } : {}),
    ...(isUsual ? {} : { kwhPerM3: "calorific.valueFault" as const }),
    ...(source.trim() === "" ? { source: "calorific.sourceFault" as const } : {}),
  };
}

export function valueOf({ zone, from, kwhPerM3, source }: ValueForm): NewCalorificValue {
  return { zone: zoneIn(zone), from, kwhPerM3: decimalIn(kwhPerM3.trim()), source: source.trim() };
}

function decimalIn(text: string): string {
  return text.replace(",", ".");
}
