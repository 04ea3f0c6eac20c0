// Decodes what Zigbee2MQTT publishes of its devices: their whole state as JSON, or each property on a topic of its own.
//
//   <base>/bridge/devices   ──▶ facts: the units of what a name alone does not tell
//   <base>/<name>           ──▶ readings
import { decimalOf, decimalOfJson, type Decimal } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { Decoder } from "#devices/reading";
import { Answer, NOTHING, refusedWhole } from "../answer.ts";
import { exposedOf, exposesFacts } from "./exposes.ts";
import { fieldOf, type Exposed, type Field } from "./fields.ts";
import { describesDevices, stateOf } from "./message.ts";
import { registerOf } from "./registers.ts";

/** Pure and total. Properties that measure nothing are passed over, and null is no value. */
export const decodeZigbee: Decoder = (payload, context) => {
  if (describesDevices(context.topic)) {
    const facts = payload.length === 0 ? [] : exposesFacts(payload, context.facts);
    if ("reason" in facts) return refusedWhole(facts.reason, facts.detail);
    return facts.length === 0 ? NOTHING : { ...NOTHING, facts };
  }
  const state = stateOf(payload, context);
  if (state === undefined) return NOTHING;
  if ("reason" in state) return refusedWhole(state.reason, state.detail);
  const answer = new Answer();
  const { device, properties, time } = state;
  const exposed = exposedOf(device, context.facts);
  const onBattery = "battery" in properties || "battery_low" in properties;
  for (const [name, value] of Object.entries(properties)) {
    const told = Object.hasOwn(exposed, name) ? exposed[name] : undefined;
    const field = ofBattery(name, fieldOf(name, told), told, onBattery);
    if (field === undefined || value === null) continue;
    const decimal = numberOf(value);
    if (decimal !== undefined) answer.observe(registerOf(device, name, field), decimal, time);
    else answer.refuse("value_not_numeric", `${name} has a value that is no number.`);
  }
  return answer.decoded("values");
};

/** The voltage of a device that lives on a battery is the battery's, in mV. */
function ofBattery(
  name: string,
  field: Field | undefined,
  told: Exposed | undefined,
  onBattery: boolean,
): Field | undefined {
  if (field === undefined || name !== "voltage" || !onBattery) return field;
  return { ...field, carrier: null, unit: told === undefined ? "mV" : field.unit };
}

/** Converters that people write themselves pass texts on. */
function numberOf(value: unknown): Decimal | undefined {
  if (value instanceof JsonNumber) return decimalOfJson(value.text);
  return typeof value === "string" ? decimalOf(value.trim()) : undefined;
}
