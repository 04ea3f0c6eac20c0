// Decodes Homie 5: a device describes its properties once, and then publishes each value as plain text on a topic of its own.
//
//   <domain>/5/<device>/$description        ──▶ facts: type and unit of each property; an empty one removes the device
//   <domain>/5/<device>/<node>/<property>   ──▶ a value ──before the description──▶ it waits in quarantine
//   $state, $log, $alert, …/$target, …/set  ──▶ of no interest
import { decimalOf, decimalOfJson } from "#devices/decimal";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Decoder } from "#devices/reading";
import { NOTHING, NO_TIME, refusedWhole } from "../answer.ts";
import { descriptionFacts, propertiesOf } from "./description.ts";
import { registerOf } from "./registers.ts";
import { isOlderHomie, topicOf, type HomieTopic } from "./topic.ts";

/** Longer texts are no numbers. */
const VALUE_LENGTH_MAX = 100;

/** Total; its answer depends on its arguments alone. The format has no place for a time: values take the broker's. */
export const decodeHomie: Decoder = (payload, context) => {
  const topic = topicOf(context.topic);
  if (topic === undefined) {
    // Said once a connection: each of its values would say it again.
    return isOlderHomie(context.topic)
      ? refusedWhole("reading_malformed", "The device speaks a version of Homie before 5, which is not read.")
      : NOTHING;
  }
  if (topic.kind === "other") return NOTHING;
  if (topic.kind === "value") return readValue(topic, payload, context);
  const facts = descriptionFacts(topic, payload, context.facts);
  if ("reason" in facts) return { observations: [], rejections: [facts] };
  return facts.length === 0 ? NOTHING : { ...NOTHING, facts };
};

function readValue(topic: HomieTopic, payload: Uint8Array, context: DecodeContext): Decoded {
  // A topic that is cleared; a single NUL is Homie's empty text.
  if (payload.length === 0 || (payload.length === 1 && payload[0] === 0)) return NOTHING;
  const properties = propertiesOf(topic, context.facts);
  if (properties === undefined) {
    const detail = `The device ${quoted(topic.device)} has not described itself yet.`;
    return refusedWhole("description_missing", detail);
  }
  const property = properties.get(topic.property);
  if (property === undefined) {
    const detail = `The description of ${quoted(topic.device)} names no property ${quoted(topic.property)}.`;
    return refusedWhole("description_missing", detail);
  }
  if (!property.numeric) return NOTHING;
  const text = textOf(payload);
  const value = payload.length > VALUE_LENGTH_MAX ? undefined : (decimalOf(text) ?? decimalOfJson(text));
  if (value === undefined) {
    return refusedWhole(
      "value_not_numeric",
      `${quoted(topic.property)} is ${quoted(text)}, which is not a number.`,
    );
  }
  const register = registerOf(topic.device, topic.property, property, context.expectedIntervalS);
  return { observations: [{ register, value, ...NO_TIME }], rejections: [] };
}

function textOf(payload: Uint8Array): string {
  const start = payload.subarray(0, VALUE_LENGTH_MAX + 1);
  return Buffer.from(start.buffer, start.byteOffset, start.byteLength).toString("latin1").trim();
}
