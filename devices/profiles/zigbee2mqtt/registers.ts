// From a Zigbee device and a property to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import type { Field } from "./fields.ts";

const remembered = createRegisterMemory();

const KEEP_EVERY_S = 60;

/**
 * Every change of any property publishes all of them again, from memory: an index that did not change is a repetition. Most
 * messages carry no time: theirs is the broker's.
 */
export function registerOf(device: string, name: string, field: Field): RegisterSpec {
  const key = `${name} ${field.unit} ${field.carrier} ${field.counted}`;
  return remembered(device, key, (equipmentId) => ({
    name: ownCopy(name),
    equipmentId,
    carrier: field.carrier,
    quantity: field.quantity,
    unit: field.unit,
    kind: field.counted ? "cumulative" : "instantaneous",
    tariff: field.tariff,
    direction: field.direction,
    keepEveryS: field.counted ? 0 : KEEP_EVERY_S,
    onChange: field.counted,
    timedByBroker: field.counted,
  }));
}
