// Decodes what is described by Home Assistant's MQTT discovery: descriptions first, then states on whatever topics they name.
//
//   <prefix>/<component>/…/config  ──▶ facts, one a component; an empty message removes them
//   a state topic that was named   ──▶ each of its sensors by its template
//   another topic that was named   ──▶ of no interest (availability, commands, attributes, switches)
//   online, offline on any topic   ──▶ of no interest
//   any other topic                ──▶ it waits in quarantine for its description
import { isUtf8 } from "node:buffer";
import { parseJson, type JsonBounds } from "#devices/json";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Decoder } from "#devices/reading";
import { OLDEST_INSTANT_MS, parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { Answer, NOTHING, NO_TIME, refusedWhole } from "../answer.ts";
import { beganAnew } from "../reset-marker.ts";
import { readConfig } from "./config.ts";
import { sensorsOf, type Sensor } from "./sensors.ts";
import { textAt, type TemplateInput } from "./template.ts";
import { configTopicOf, STATUS_TOPIC } from "./topics.ts";

const BOUNDS: JsonBounds = { depthMax: 16, objectsMax: 10_000, objectsName: "objects" };
/** Longer payloads are no numbers, but may be JSON. */
const VALUE_LENGTH_MAX = 200;

/** Total; its answer depends on its arguments alone, and it changes nothing but `recent`. */
export const decodeHomeAssistant: Decoder = (payload, context) => {
  const config = configTopicOf(context.topic);
  if (config !== undefined) return readConfig(config, payload, context);
  const { byTopic, others } = sensorsOf(context.facts);
  const sensors = byTopic.get(context.topic);
  if (sensors !== undefined) return readState(sensors, payload, context);
  if (others.has(context.topic) || context.topic === STATUS_TOPIC || isPresence(payload)) return NOTHING;
  return refusedWhole("description_missing", `Nothing has described the topic ${quoted(context.topic)} yet.`);
};

function readState(sensors: readonly Sensor[], payload: Uint8Array, context: DecodeContext): Decoded {
  // A topic that is cleared.
  if (payload.length === 0) return NOTHING;
  if (!isUtf8(payload)) return refusedWhole("text_invalid", "The payload is not UTF-8 text.");
  const value = payload.length > VALUE_LENGTH_MAX ? "a longer text" : textOf(payload);
  const answer = new Answer();
  const readsJson = sensors.some(({ template, lastReset }) => template.readsJson || lastReset !== undefined);
  const parsed = readsJson ? parseJson(payload, BOUNDS) : undefined;
  const fault = parsed !== undefined && "reason" in parsed ? parsed : undefined;
  const input = { value, json: parsed !== undefined && "value" in parsed ? parsed.value : undefined };
  if (fault !== undefined && sensors.some(({ template }) => template.readsJson)) {
    answer.refuse(fault.reason, fault.detail);
  }
  for (const sensor of sensors) {
    if (fault === undefined || !sensor.template.readsJson) observe(sensor, input, context, answer);
  }
  return answer.decoded("sensors");
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
}

/** A value that is not there is none: states come in parts, and a sensor may know nothing yet. */
function observe(sensor: Sensor, input: TemplateInput, context: DecodeContext, answer: Answer): void {
  const rendered = sensor.template.render(input);
  if (rendered === undefined) return;
  const { register } = sensor;
  if ("text" in rendered) {
    answer.refuse(
      "value_not_numeric",
      `${register.name} is ${quoted(rendered.text)}, which is not a number.`,
    );
    return;
  }
  const resetAtMs = newReset(sensor, input, context);
  if (resetAtMs !== undefined) {
    answer.observe(register, "0", { observedAtMs: resetAtMs, clock: ClockSource.payloadOffset });
  }
  answer.observe(register, rendered.number, NO_TIME);
}

/** `last_reset` is the instant at which a total began anew from 0. A value without one is remembered too: it stands before the next. */
function newReset(
  { register, lastReset }: Sensor,
  input: TemplateInput,
  { recent, receivedAtMs }: DecodeContext,
): number | undefined {
  if (lastReset === undefined || register.kind !== "cumulative") return undefined;
  const instantMs = parseInstant(textAt(lastReset, input) ?? "");
  const isInstant = instantMs !== undefined && instantMs >= OLDEST_INSTANT_MS && instantMs <= receivedAtMs;
  const sinceMs = isInstant ? instantMs : undefined;
  const key = `reset ${register.equipmentId} ${register.name}`;
  return beganAnew(recent, key, sinceMs, receivedAtMs) ? sinceMs : undefined;
}

/** Whether a device is there, also on a topic that nobody named. */
const PRESENCE = /^\s*(?:"?(?:online|offline)"?|\{\s*"state"\s*:\s*"(?:online|offline)"\s*\})\s*$/i;
const PRESENCE_LENGTH_MAX = 40;

function isPresence(payload: Uint8Array): boolean {
  return payload.length <= PRESENCE_LENGTH_MAX && PRESENCE.test(textOf(payload));
}
