// Decodes what wmbusmeters publishes: one JSON object a telegram, a meter's fields named with their units.
//
// A value of now is of the instant at which the receiver heard it. The meter's own clock (device_datetime, meter_datetime) is
// not asked: it has no zone, whole minutes, and on many meters winter time for ever or the day of manufacture.
import { decimalOfJson } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { DecodeContext, Decoder, Observation, Rejection } from "#devices/reading";
import { parseInstant } from "#devices/time";
import { ClockSource, type Direction } from "#devices/vocabulary";
import { Answer, refusedWhole } from "../answer.ts";
import { fieldOf, isPastKept, type Field } from "./fields.ts";
import { pastDateOf } from "./past-date.ts";
import { registerOf, totalsOf, undatedRegisterOf } from "./registers.ts";
import { telegramOf, type Telegram } from "./telegram.ts";

/** Pure and total. Fields that are null and what is no measurement are left out on purpose. */
export const decodeWmbusmeters: Decoder = (payload, context) => {
  const telegram = telegramOf(payload);
  if ("reason" in telegram) return refusedWhole(telegram.reason, telegram.detail);
  const answer = new Answer();
  const totals = totalsOf(new Set(Object.keys(telegram.fields)));
  const heardAtMs = telegram.timestamp === undefined ? undefined : parseInstant(telegram.timestamp);
  for (const [name, value] of Object.entries(telegram.fields)) {
    const text = digitsOf(value);
    const field = text === undefined ? undefined : fieldOf(name);
    if (field === undefined || text === undefined) continue;
    answer.take(observe(telegram, field, text, totals.get(name), heardAtMs, context));
  }
  if (answer.isEmpty) {
    const detail = `The telegram of meter ${telegram.id} carries no measured value: it may be encrypted.`;
    answer.refuse("reading_malformed", detail);
  }
  return answer.decoded("fields");
};

function observe(
  telegram: Telegram,
  field: Field,
  digits: string,
  direction: Direction | undefined,
  heardAtMs: number | undefined,
  context: DecodeContext,
): Observation | Rejection | undefined {
  const dated = field.past ? pastTime(telegram, field, context) : undefined;
  const isUndated = field.past && dated === undefined;
  // Of the past, and told by a telegram that nobody dated: of no instant at all.
  if (isUndated && (heardAtMs === undefined || !isPastKept(field))) return undefined;
  const value = decimalOfJson(digits);
  if (value === undefined) {
    return { reason: "value_not_numeric", detail: `${field.name} has a value that no meter can show.` };
  }
  const register = isUndated
    ? undatedRegisterOf(telegram.id, telegram.media, field)
    : registerOf(telegram.id, telegram.media, field, direction);
  return { register, value, ...(dated ?? timeOf(heardAtMs)) };
}

/** What stands between the receiver and us may have made a text of a number. */
function digitsOf(value: unknown): string | undefined {
  if (value instanceof JsonNumber) return value.text;
  return typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? value : undefined;
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
