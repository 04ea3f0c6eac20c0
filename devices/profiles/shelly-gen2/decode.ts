// Decodes what Shelly devices of the second generation and later publish: statuses of components, whole or what changed of them.
//
// A total is of the instant of its notification (`ts`). `aenergy.minute_ts` is the beginning of the running minute and says nothing
// of the total. A partial update carries only what changed; what it does not name has no new value, and null is none.
import { decimalOfJson } from "#devices/decimal";
import { isJsonObject, JsonNumber } from "#devices/json";
import type { Decoder } from "#devices/reading";
import { Answer, NOTHING, refusedWhole } from "../answer.ts";
import { fieldsOf, type Field } from "./components.ts";
import { notificationOf } from "./notification.ts";
import { registerOf } from "./registers.ts";

/** Pure and total. Components that measure nothing are passed over: a Shelly tells of its buttons and its network too. */
export const decodeShelly: Decoder = (payload, { topic }) => {
  const notification = notificationOf(topic, payload);
  if (notification === undefined) return NOTHING;
  if ("reason" in notification) return refusedWhole(notification.reason, notification.detail);
  const { time, components } = notification;
  const answer = new Answer();
  for (const [component, status] of Object.entries(components)) {
    if (!isJsonObject(status)) continue;
    for (const field of fieldsOf(component) ?? []) {
      const value = valueAt(status, field.path);
      if (value === undefined || value === null) continue;
      const decimal = value instanceof JsonNumber ? decimalOfJson(value.text) : undefined;
      if (decimal !== undefined) answer.observe(registerOf(component, field), decimal, time);
      else answer.refuse("value_not_numeric", `${nameOf(component, field)} has a value that is no number.`);
    }
  }
  return answer.decoded("values");
};

function valueAt(status: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = status;
  for (const key of path) value = isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return value;
}

function nameOf(component: string, { path }: Field): string {
  return `${component}.${path.join(".")}`;
}
