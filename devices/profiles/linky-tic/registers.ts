// From a meter and a label to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { detached } from "../dsmr-p1/detached.ts";
import type { Label } from "./labels.ts";

const meters = new Map<string, Map<string, RegisterSpec>>();
/** About 60 registers each; then all are forgotten and made again as they come. */
const METERS_MAX = 4000;

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
  let registers = meters.get(equipmentId);
  if (registers === undefined) {
    if (meters.size >= METERS_MAX) meters.clear();
    meters.set(detached(equipmentId), (registers = new Map()));
  }
  const key = `${name} ${unit} ${counts}`;
  const known = registers.get(key);
  if (known !== undefined) return known;
  const fresh = specOf(equipmentId, detached(name), label, unit, counts);
  registers.set(detached(key), fresh);
  return fresh;
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
    equipmentId: detached(equipmentId),
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
