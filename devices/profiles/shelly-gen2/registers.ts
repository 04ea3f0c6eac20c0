// From a component of a Shelly and its field to the register; the same register is always the same object.
//
// Registers bear no serial number: the same value may come in a notification, which names its device, and on the component's own
// topic, which does not, and must not be two registers. Several Shellys behind one connection are told apart as a gateway's.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import type { Field } from "./components.ts";

const remembered = createRegisterMemory();

/** Powers change by the second; totals come once a minute. */
const KEEP_EVERY_S = 60;

export function registerOf(component: string, field: Field): RegisterSpec {
  const name = `${component}.${field.path.join(".")}`;
  return remembered("", name, () => specOf(ownCopy(name), field));
}

/** A component's own topic carries no time: its totals take the broker's. */
function specOf(name: string, field: Field): RegisterSpec {
  const { quantity, unit, counted, direction, whole } = field;
  return {
    name,
    equipmentId: "",
    carrier: whole ? "electricity" : null,
    quantity,
    unit,
    kind: counted ? "cumulative" : "instantaneous",
    tariff: null,
    direction: whole ? direction : null,
    keepEveryS: KEEP_EVERY_S,
    timedByBroker: counted,
  };
}
