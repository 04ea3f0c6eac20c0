// From a point of delivery and a code to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory } from "../register-memory.ts";
import type { Code } from "./codes.ts";

const remembered = createRegisterMemory();

/** `counts`: false for a part of a total that stands beside it. */
export function registerOf(pod: string, code: Code, counts: boolean): RegisterSpec {
  const { name, carrier, quantity, unit, kind, tariff, direction } = code;
  return remembered(pod, counts ? name : `${name} part`, (equipmentId) => ({
    name,
    equipmentId,
    carrier: counts ? carrier : null,
    quantity,
    unit,
    kind,
    tariff,
    direction: counts ? direction : null,
    keepEveryS: 0,
  }));
}
