// From a device and a field to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { Carrier, Direction } from "#devices/vocabulary";
import { createRegisterMemory } from "../register-memory.ts";
import type { FieldName } from "./field-name.ts";

/** What a field is among the fields of its message. */
export type Place = {
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
};

/** Counted since the meter began: an index. */
const COUNTED = new Set(["energy", "volume", "reactive-energy", "apparent-energy", "cost-allocation"]);
/** The words of what was counted in a period, or is compared with: no index, whatever the unit. */
const STEP =
  /^(?:deltas?|increments?|diff|difference|hourly|daily|interval|since|avg|average|today|yesterday|previous|prev|history|monthly|weekly|month|week|day|hour|last|alarm|threshold|leak|leakage|limit|max|min|estimated)\d*$/;

export function isIndex({ quantity, words }: FieldName): boolean {
  if (!COUNTED.has(quantity)) return false;
  return !words.some((word) => STEP.test(word)) || words.includes("total");
}

const remembered = createRegisterMemory();

export function registerOf(equipmentId: string, field: FieldName, place: Place): RegisterSpec {
  const { carrier, direction, tariff } = place;
  const key = `${field.unit} ${carrier} ${direction} ${tariff} ${field.name}`;
  return remembered(equipmentId, key, (ownId) => {
    const index = isIndex(field);
    return {
      name: field.name,
      equipmentId: ownId,
      carrier,
      quantity: !index && COUNTED.has(field.quantity) ? `step-${field.quantity}` : field.quantity,
      unit: field.unit,
      kind: index ? "cumulative" : "instantaneous",
      tariff,
      direction,
      keepEveryS: 0,
    };
  });
}
