// From a Homie device and a property to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { createRegisterMemory, ownCopy } from "../register-memory.ts";
import type { Property } from "./description.ts";
import { meaningOf, unitOfDeclared } from "../declared-meaning.ts";

const remembered = createRegisterMemory();
const KEEP_EVERY_S = 60;

/** `name`: `<node>/<property>`. `expectedIntervalS`: a device registered with a minute or more has all its values kept. */
export function registerOf(
  device: string,
  name: string,
  { unit, settable }: Property,
  expectedIntervalS: number | null,
): RegisterSpec {
  const keepEveryS = (expectedIntervalS ?? 0) >= KEEP_EVERY_S ? 0 : KEEP_EVERY_S;
  return remembered(device, `${keepEveryS} ${settable} ${name} ${unit}`, (equipmentId) => {
    const { carrier, direction, tariff, ...meaning } = meaningOf(unitOfDeclared(unit), { telling: [name] });
    return {
      name: ownCopy(name),
      equipmentId,
      ...meaning,
      carrier: settable ? null : carrier,
      direction: settable ? null : direction,
      tariff: settable ? null : tariff,
      keepEveryS,
      timedByBroker: true,
    };
  });
}
