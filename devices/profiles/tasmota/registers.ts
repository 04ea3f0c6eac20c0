// From a group and a field of Tasmota to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import type { Field } from "./fields.ts";

const remembered = createRegisterMemory();

/** A message every five minutes; some send every ten seconds. */
const KEEP_EVERY_S = 60;

/** `counts`: it is what this meter adds to the supply point, in this message. `tariff`: of a list by tariff, its place. */
export function registerOf(
  name: string,
  equipmentId: string,
  field: Field,
  counts: boolean,
  tariff = field.tariff,
): RegisterSpec {
  const carrier = counts ? "electricity" : null;
  return remembered(equipmentId, `${name} ${field.unit} ${counts}`, (ownId) => ({
    name: ownCopy(name),
    equipmentId: ownId,
    carrier,
    quantity: field.quantity,
    unit: field.unit,
    kind: field.counted ? "cumulative" : "instantaneous",
    tariff,
    direction: counts ? field.direction : null,
    keepEveryS: KEEP_EVERY_S,
  }));
}
