// From a meter and a label to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import type { Label } from "./labels.ts";

const remembered = createRegisterMemory();

/** Frames come every few seconds; a reading a minute is a profile. */
const KEEP_EVERY_S = 60;

/** `counts`: the label is what its meter adds up to a supply point, in this message. */
export function registerOf(
  equipmentId: string,
  name: string,
  label: Label,
  unit: string,
  counts: boolean,
): RegisterSpec {
  return remembered(equipmentId, `${name} ${unit} ${counts}`, (ownId) =>
    specOf(ownId, ownCopy(name), label, unit, counts),
  );
}

function specOf(
  equipmentId: string,
  name: string,
  label: Label,
  unit: string,
  counts: boolean,
): RegisterSpec {
  const spec: RegisterSpec = {
    name,
    equipmentId,
    carrier: counts ? label.carrier : null,
    quantity: label.quantity,
    unit,
    kind: label.kind,
    tariff: label.tariff,
    direction: counts ? label.direction : null,
    keepEveryS: label.history || !DATED.test(name) ? KEEP_EVERY_S : 0,
  };
  return label.history ? { ...spec, timedByBroker: true } : spec;
}

/** Values with a horodate of their own are rare, and all kept. */
const DATED = /^(?:CCA|SMAX|UMOY)/;
