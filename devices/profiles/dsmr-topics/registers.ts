// From a field and the serial number of its meter to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { ValueField } from "./topics.ts";

const known = new Map<string, RegisterSpec>();
const KNOWN_MAX = 100_000;

/** Telegrams come every second, and tell little that the minute does not. */
const KEEP_EVERY_S = 60;

/** `unit`: as the value tells it. `expectedIntervalS`: a device registered with a minute or more has all its values kept. */
export function registerOf(
  field: ValueField,
  unit: string,
  equipmentId: string,
  expectedIntervalS: number | null,
): RegisterSpec {
  const rare = field.meter !== "electricity" || (expectedIntervalS ?? 0) >= KEEP_EVERY_S;
  const key = `${field.name} ${unit} ${rare ? 1 : 0} ${equipmentId}`;
  const spec = known.get(key);
  if (spec !== undefined) return spec;
  if (known.size >= KNOWN_MAX) known.clear();
  const { name, carrier, quantity, tariff, direction } = field;
  const fresh: RegisterSpec = {
    name,
    equipmentId,
    carrier,
    quantity,
    unit,
    kind: quantity === "energy" || quantity === "volume" ? "cumulative" : "instantaneous",
    tariff,
    direction,
    keepEveryS: rare ? 0 : KEEP_EVERY_S,
    timedByBroker: true,
  };
  known.set(key, fresh);
  return fresh;
}
