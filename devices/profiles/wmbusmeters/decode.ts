// Decodes what wmbusmeters publishes: one JSON object a telegram, a meter's fields named with their units.
//
// A value of now is of the instant at which the receiver heard it. The meter's own clock (device_datetime, meter_datetime) is
// not asked: it has no zone, whole minutes, and on many meters winter time for ever or the day of manufacture.
import { decimalOfJson } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { DecodeContext, Decoder, Observation, Rejection } from "#devices/reading";
import { parseInstant } from "#devices/time";
import { ClockSource, type Direction } from "#devices/vocabulary";
import { fieldOf, type Field } from "./fields.ts";
import { pastDateOf } from "./past-date.ts";
import { registerOf, totalsOf } from "./registers.ts";
import { telegramOf, type Telegram } from "./telegram.ts";

/** One message cannot fill the quarantine's detail: the rest is counted. */
const REJECTIONS_MAX = 16;

/** Pure and total. Fields that are null, undated values of the past and what is no measurement are left out on purpose. */
export const decodeWmbusmeters: Decoder = (payload, context) => {
  const telegram = telegramOf(payload);
  if ("reason" in telegram) return { observations: [], rejections: [telegram] };
  const observations: Observation[] = [];
  const rejections: Rejection[] = [];
  let refused = 0;
  const totals = totalsOf(new Set(Object.keys(telegram.fields)));
  const heardAtMs = telegram.timestamp === undefined ? undefined : parseInstant(telegram.timestamp);
  for (const [name, value] of Object.entries(telegram.fields)) {
    const field = value instanceof JsonNumber ? fieldOf(name) : undefined;
    if (field === undefined || !(value instanceof JsonNumber)) continue;
    const observation = observe(telegram, field, value, totals.get(name), heardAtMs, context);
    if (observation === undefined) continue;
    if (!("reason" in observation)) observations.push(observation);
    else if (refused++ < REJECTIONS_MAX) rejections.push(observation);
  }
  if (refused > REJECTIONS_MAX) {
    rejections.push(malformed(`${refused - REJECTIONS_MAX} more fields could not be used.`));
  }
  if (observations.length === 0 && refused === 0) {
    rejections.push(
      malformed(`The telegram of meter ${telegram.id} carries no measured value: it may be encrypted.`),
    );
  }
  return { observations, rejections };
};

function observe(
  telegram: Telegram,
  field: Field,
  number: JsonNumber,
  direction: Direction | undefined,
  heardAtMs: number | undefined,
  context: DecodeContext,
): Observation | Rejection | undefined {
  const time = field.past ? pastTime(telegram, field, context) : timeOf(heardAtMs);
  if (time === undefined) return undefined;
  const value = decimalOfJson(number.text);
  if (value === undefined) {
    return { reason: "value_not_numeric", detail: `${field.name} has a value that no meter can show.` };
  }
  return { register: registerOf(telegram.id, telegram.media, field, direction), value, ...time };
}

type Time = Pick<Observation, "observedAtMs" | "clock">;

/** By the receiver's clock, in UTC: better than the broker's, and the same when the message is sent again. */
function timeOf(heardAtMs: number | undefined): Time {
  return {
    observedAtMs: heardAtMs,
    clock: heardAtMs === undefined ? ClockSource.broker : ClockSource.networkServer,
  };
}

function pastTime({ fields }: Telegram, { stem }: Field, context: DecodeContext): Time | undefined {
  const observedAtMs = pastDateOf(stem, fields, context.timezone, context.receivedAtMs);
  return observedAtMs === undefined ? undefined : { observedAtMs, clock: ClockSource.payloadLocal };
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
