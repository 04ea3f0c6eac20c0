// Decodes SenML in JSON and CBOR (RFC 8428) with its registered units: each record's name is the register.
//
// Energies and volumes are indices, whether they come as value or as sum; everything else is a value of the moment.
import { addDecimals, decimalOfJson, type Decimal } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoder, RegisterSpec } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { Answer, refusedWhole } from "../answer.ts";
import { packOf, type SenmlRecord } from "./pack.ts";
import { registerOf, type Part } from "./registers.ts";

/** Times from here on count from 1970, smaller ones from now (§4.5.3). */
const ABSOLUTE_FROM_S = 2 ** 28;
/** What a JavaScript date, and PostgreSQL, can hold. */
const INSTANT_MAX_MS = 8.64e15;
/** §4.5.1: what a name may consist of. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9\-:./_]*$/;

/** Pure and total. A record that cannot be used is a rejection; its neighbours are decoded. */
export const decodeSenml: Decoder = (payload, context) => {
  const pack = packOf(payload);
  if ("reason" in pack) return refusedWhole(pack.reason, pack.detail);
  const answer = new Answer();
  for (const { reason, detail } of pack.rejections) answer.refuse(reason, detail);
  for (const record of pack.records) readRecord(answer, record, context);
  if (answer.isEmpty) answer.refuse("reading_malformed", "The pack carries no value.");
  return answer.decoded("records");
};

function readRecord(answer: Answer, record: SenmlRecord, context: DecodeContext): void {
  const { name, unit = "" } = record;
  if (!NAME.test(name)) {
    answer.refuse("text_invalid", () => `${quoted(name)} has characters that a SenML name may not have.`);
  } else if (typeof unit !== "string") {
    answer.refuse("unit_unknown", () => `${name} has a unit that is not text.`);
  } else if (record.string !== undefined || record.data !== undefined) {
    answer.refuse("value_not_numeric", () => `${name} carries text or data instead of a number.`);
  } else if (record.value !== undefined && record.boolean !== undefined) {
    answer.refuse("reading_malformed", () => `${name} carries two values.`);
  } else {
    readParts(answer, record, unit, context);
  }
}

function readParts(answer: Answer, record: SenmlRecord, unit: string, context: DecodeContext): void {
  const { name, value, boolean, sum } = record;
  const sumAlone = value === undefined && boolean === undefined;
  if (boolean !== undefined) {
    const text = boolean === true ? "1" : boolean === false ? "0" : undefined;
    observe(answer, record, unit, "value", text, context);
  } else if (value !== undefined || (record.baseValue !== undefined && sum === undefined)) {
    observe(answer, record, unit, "value", numberOf(value, record.baseValue), context);
  }
  if (sum !== undefined || (record.baseSum !== undefined && sumAlone && record.baseValue === undefined)) {
    observe(answer, record, unit, "sum", numberOf(sum, record.baseSum), context);
  } else if (sumAlone && record.baseValue === undefined) {
    answer.refuse("reading_malformed", () => `${name} carries no value.`);
  }
}

/** §4.5.4: base and own number are added; the one that is missing is zero. `undefined` where one is not a number. */
function numberOf(own: unknown, base: JsonNumber | undefined): Decimal | undefined {
  if (own !== undefined && !(own instanceof JsonNumber)) return undefined;
  const ownValue = decimalOfJson(own?.text ?? "0");
  if (base === undefined || ownValue === undefined) return ownValue;
  const baseValue = decimalOfJson(base.text);
  return baseValue === undefined ? undefined : addDecimals(ownValue, baseValue);
}

function observe(
  answer: Answer,
  record: SenmlRecord,
  unit: string,
  part: Part,
  value: Decimal | undefined,
  context: DecodeContext,
): void {
  const { name } = record;
  if (value === undefined) {
    answer.refuse("value_not_numeric", () => `${name} has a value that is not a number.`);
    return;
  }
  const register = registerOf(name, unit, part, record.value !== undefined);
  if (register === undefined) {
    const asked = part === "sum" ? "a sum in the unit" : "the unit";
    answer.refuse("unit_unknown", () => `${name} has ${asked} ${quoted(unit)}, which is not known.`);
    return;
  }
  const time = timeOf(record.time, register, context.receivedAtMs);
  if (Math.abs(time.observedAtMs ?? 0) > INSTANT_MAX_MS) {
    answer.refuse(
      "reading_malformed",
      () => `${name} has the time ${record.time} s, which no calendar holds.`,
    );
    return;
  }
  answer.observations.push({ register, value, observedAtMs: time.observedAtMs, clock: time.clock });
}

/**
 * A time relative to now depends on when the message arrived, and a repeated message would give a second reading: good enough
 * for a value of the moment, not for an index, which leaves here without a time.
 */
function timeOf(
  timeS: number | undefined,
  register: RegisterSpec,
  receivedAtMs: number,
): { observedAtMs: number | undefined; clock: ClockSource } {
  if (timeS !== undefined && timeS >= ABSOLUTE_FROM_S) {
    return { observedAtMs: Math.round(timeS * 1000), clock: ClockSource.payloadOffset };
  }
  const relative = timeS !== undefined && timeS !== 0 && register.kind === "instantaneous";
  return {
    observedAtMs: relative ? receivedAtMs + Math.round(timeS * 1000) : undefined,
    clock: ClockSource.broker,
  };
}
