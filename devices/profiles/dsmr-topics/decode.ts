// Decodes DSMR split by field, one value a topic: DSMR-reader's "split topic" and the Smart Gateways adapter.
//
// A value's time is what the timestamp topic of the same prefix said, if that came at most 30 s before; else the broker's.
import { compareDecimals, decimalOf, type Decimal } from "#devices/decimal";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoded, Decoder, Fact, Rejection } from "#devices/reading";
import { parseInstant } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { equipmentIdOf } from "../dsmr-p1/equipment-id.ts";
import { NOTHING } from "../answer.ts";
import { momentOf, rememberMoment } from "./moments.ts";
import { registerOf } from "./registers.ts";
import { dsmrTopicOf, fieldOf, isLeftOut, type DsmrTopic, type Meter, type ValueField } from "./topics.ts";

/** A serial number has 96 characters at most. */
const PAYLOAD_MAX = 100;
const PRINTABLE = /^[\x20-\x7e]*$/;
/** How senders write that there is no value: a retained topic cleared, Python's and JSON's nothing. */
const ABSENT = new Set(["", "None", "null"]);
/** What a device says about itself: a serial number or two and a unit, of a few prefixes. */
const FACTS_MAX = 64;

/** Pure and total, but for what `recent` is told. What `topics.ts` leaves out, and topics without a value, give nothing. */
export const decodeDsmrTopic: Decoder = (payload, context) => {
  const topic = dsmrTopicOf(context.topic);
  if (topic === undefined) {
    return refused("reading_malformed", `${quoted(context.topic)} is not a topic of DSMR split by field.`);
  }
  const field = fieldOf(topic.path);
  if (field === undefined) {
    if (isLeftOut(topic.path)) return NOTHING;
    return refused("reading_malformed", `The topic ${quoted(`dsmr/${topic.path}`)} is not known.`);
  }
  const text = textOf(payload);
  if (text === undefined) {
    return refused("reading_malformed", `The value of ${topic.path} is longer than any, or is not text.`);
  }
  if (ABSENT.has(text)) return NOTHING;
  if (field.kind === "time") return readTime(topic, field.meter, text, context);
  if (field.kind === "serial") return readSerial(topic, field.meter, text, context);
  return readValue(topic, field, text, context);
};

function textOf(payload: Uint8Array): string | undefined {
  if (payload.length > PAYLOAD_MAX) return undefined;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("latin1").trim();
  return PRINTABLE.test(text) ? text : undefined;
}

function readTime({ prefix, path }: DsmrTopic, meter: Meter, text: string, context: DecodeContext): Decoded {
  // Python writes a space where RFC 3339 has a T.
  const observedAtMs = parseInstant(text.replace(" ", "T"));
  rememberMoment(context, prefix, meter, observedAtMs);
  return observedAtMs === undefined
    ? refused("reading_malformed", `${path} is ${quoted(text)}, which is no instant with an offset.`)
    : NOTHING;
}

/** From then on it names the meter behind the values. */
function readSerial(
  { prefix, path }: DsmrTopic,
  meter: "electricity" | "gas",
  text: string,
  context: DecodeContext,
): Decoded {
  const serial = equipmentIdOf(text);
  if (serial === undefined)
    return refused("text_invalid", `${path} is ${quoted(text)}, which is no serial number.`);
  return { ...NOTHING, facts: newFacts(context, { key: serialKey(prefix, meter), value: serial }) };
}

const serialKey = (prefix: string, meter: "electricity" | "gas"): string => `${prefix}${meter}-serial`;

function readValue(topic: DsmrTopic, field: ValueField, text: string, context: DecodeContext): Decoded {
  const value = decimalOf(text);
  if (value === undefined) {
    return refused("value_not_numeric", `${topic.path} is ${quoted(text)}, which is not a number.`);
  }
  const unit = unitOf(field, value, topic.prefix, context);
  if (unit === undefined) {
    return refused(
      "unit_unknown",
      `${topic.path} is ${quoted(text)}: more than a telegram can say in kW, and not in the whole numbers of W.`,
    );
  }
  const meter = field.meter === "gas-consumption" ? "gas" : field.meter;
  const serial = context.facts?.get(serialKey(topic.prefix, meter)) ?? "";
  const register = registerOf(field, unit.name, serial, context.expectedIntervalS);
  const observedAtMs = momentOf(context, topic.prefix, field.meter, field.name, value);
  const clock = observedAtMs === undefined ? ClockSource.broker : ClockSource.payloadOffset;
  const observations = [{ register, value, observedAtMs, clock }];
  return unit.fact === undefined
    ? { observations, rejections: [] }
    : { observations, rejections: [], facts: newFacts(context, unit.fact) };
}

/** Power in a telegram has the format F5(3,3): up to 99.999 kW. */
const KILOWATTS_BELOW: Decimal = "100";

type Unit = { readonly name: string; readonly fact?: Fact };

/**
 * Of one name, a phase's power is in kW from DSMR-reader ("0.460") and in W from the Smart Gateways adapter ("460"). A telegram's
 * kW have three decimals and its W none, so a point says kW; and a sender that was seen to speak kW means kW when it drops the
 * decimals ("0", "1"). A whole number from a sender that was not is W. `undefined`: neither can be.
 */
function unitOf(field: ValueField, value: Decimal, prefix: string, context: DecodeContext): Unit | undefined {
  if (field.unit !== "phase-power") {
    return field.unit === "kW" && !isKilowatts(value) ? undefined : { name: field.unit };
  }
  const key = `${prefix}phase-unit`;
  const spokeKilowatts = context.facts?.get(key) === "kW";
  if (value.includes(".")) {
    if (!isKilowatts(value)) return undefined;
    return spokeKilowatts ? { name: "kW" } : { name: "kW", fact: { key, value: "kW" } };
  }
  if (!spokeKilowatts) return { name: "W" };
  return isKilowatts(value) ? { name: "kW" } : undefined;
}

function isKilowatts(value: Decimal): boolean {
  return compareDecimals(value.replace("-", ""), KILOWATTS_BELOW) < 0;
}

/** Told only where it is news: what is told is written. */
function newFacts({ facts }: DecodeContext, fact: Fact): Fact[] {
  const known = facts?.get(fact.key);
  const full = known === undefined && (facts?.size ?? 0) >= FACTS_MAX;
  return known === fact.value || full ? [] : [fact];
}

function refused(reason: Rejection["reason"], detail: string): Decoded {
  return { observations: [], rejections: [{ reason, detail }] };
}
