// Decodes what Zigbee2MQTT publishes of its devices: their whole state as JSON, or each property on a topic of its own.
import { decimalOfJson } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { Decoder } from "#devices/reading";
import { Answer, NOTHING, refusedWhole } from "../answer.ts";
import { fieldOf } from "./fields.ts";
import { stateOf } from "./message.ts";
import { registerOf } from "./registers.ts";

/** Pure and total. Properties that measure nothing are passed over, and null is no value. */
export const decodeZigbee: Decoder = (payload, context) => {
  const state = stateOf(payload, context);
  if (state === undefined) return NOTHING;
  if ("reason" in state) return refusedWhole(state.reason, state.detail);
  const answer = new Answer();
  for (const [name, value] of Object.entries(state.properties)) {
    const field = fieldOf(name);
    if (field === undefined || value === null) continue;
    const decimal = value instanceof JsonNumber ? decimalOfJson(value.text) : undefined;
    if (decimal !== undefined) answer.observe(registerOf(state.device, name, field), decimal, state.time);
    else answer.refuse("value_not_numeric", `${name} has a value that is no number.`);
  }
  return answer.decoded("values");
};
