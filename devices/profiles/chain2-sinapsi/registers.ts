// From a point of delivery and a code to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { detached } from "../dsmr-p1/detached.ts";
import type { Code } from "./codes.ts";

const pods = new Map<string, Map<string, RegisterSpec>>();
const PODS_MAX = 10_000;
/** A key may be any code there is: of one point of delivery, so many are remembered. */
const REGISTERS_MAX = 300;

/** `counts`: false for a part of a total that stands beside it. */
export function registerOf(pod: string, code: Code, counts: boolean): RegisterSpec {
  let registers = pods.get(pod);
  if (registers === undefined) {
    if (pods.size >= PODS_MAX) pods.clear();
    pods.set(detached(pod), (registers = new Map()));
  }
  const key = counts ? code.name : `${code.name} part`;
  const known = registers.get(key);
  if (known !== undefined) return known;
  if (registers.size >= REGISTERS_MAX) registers.clear();
  const { name, carrier, quantity, unit, kind, tariff, direction } = code;
  const fresh: RegisterSpec = {
    name,
    equipmentId: detached(pod),
    carrier: counts ? carrier : null,
    quantity,
    unit,
    kind,
    tariff,
    direction: counts ? direction : null,
    keepEveryS: 0,
  };
  registers.set(key, fresh);
  return fresh;
}
