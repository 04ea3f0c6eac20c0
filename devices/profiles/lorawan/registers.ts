// From a device and a field to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { Carrier, Direction } from "#devices/vocabulary";
import type { FieldName } from "./field-name.ts";
import { ownCopy } from "./own-copy.ts";

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

const devices = new Map<string, Map<string, RegisterSpec>>();
const DEVICES_MAX = 10_000;
const REGISTERS_MAX = 1000;

export function registerOf(equipmentId: string, field: FieldName, place: Place): RegisterSpec {
  let registers = devices.get(equipmentId);
  if (registers === undefined) {
    if (devices.size >= DEVICES_MAX) devices.clear();
    devices.set(ownCopy(equipmentId), (registers = new Map()));
  }
  const { carrier, direction, tariff } = place;
  const key = `${field.unit} ${carrier} ${direction} ${tariff} ${field.name}`;
  const known = registers.get(key);
  if (known !== undefined) return known;
  if (registers.size >= REGISTERS_MAX) registers.clear();
  const index = isIndex(field);
  const fresh: RegisterSpec = {
    name: field.name,
    equipmentId: ownCopy(equipmentId),
    carrier,
    quantity: !index && COUNTED.has(field.quantity) ? `step-${field.quantity}` : field.quantity,
    unit: field.unit,
    kind: index ? "cumulative" : "instantaneous",
    tariff,
    direction,
    keepEveryS: 0,
  };
  registers.set(key, fresh);
  return fresh;
}
