// Remembers registers, so that the same one is the same object, within a bound.
import type { RegisterSpec } from "#devices/reading";

export type RegisterMemory = (
  equipmentId: string,
  key: string,
  make: (equipmentId: string) => RegisterSpec,
) => RegisterSpec;

/** Of one meter; a message may carry any names there are. */
const REGISTERS_PER_METER_MAX = 1000;

/**
 * `metersMax` meters are remembered; then all are forgotten, and made again as they come. `make` is called with a copy of the
 * meter's name: cut out of a message, the name would keep the message in memory for as long as it is remembered.
 */
export function createRegisterMemory(metersMax = 10_000): RegisterMemory {
  const meters = new Map<string, Map<string, RegisterSpec>>();
  return (equipmentId, key, make) => {
    let registers = meters.get(equipmentId);
    if (registers === undefined) {
      if (meters.size >= metersMax) meters.clear();
      meters.set(ownCopy(equipmentId), (registers = new Map()));
    }
    const known = registers.get(key);
    if (known !== undefined) return known;
    if (registers.size >= REGISTERS_PER_METER_MAX) registers.clear();
    const fresh = make(ownCopy(equipmentId));
    registers.set(ownCopy(key), fresh);
    return fresh;
  };
}

/** Of well-formed text: a string of its own. */
export function ownCopy(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
