// Decodes what teleinfo2mqtt publishes of a Linky's customer port: `<base>/data` or `<base>/<meter>`, one frame a message.
//
// Standard mode: DATE is the time of the frame, and some labels carry the horodate of their own. History mode tells no time.
import { decimalOf } from "#devices/decimal";
import { quoted } from "#devices/quote";
import type { DecodeContext, Decoder, Observation, Rejection } from "#devices/reading";
import { Answer, NOTHING, NO_TIME, refusedWhole } from "../answer.ts";
import { entryOf, frameOf, meterOf } from "./frame.ts";
import { horodateOf, type Horodate } from "./horodate.ts";
import { isLeftOut, labelOf, TOTALS } from "./labels.ts";
import { registerOf } from "./registers.ts";

/** Pure and total. `<base>/status` (up, down) is of no interest. */
export const decodeLinky: Decoder = (payload, context) => {
  if (/(?:^|\/)status$/.test(context.topic)) return NOTHING;
  const found = frameOf(payload);
  if ("reason" in found) return refusedWhole(found.reason, found.detail);
  const { frame } = found;
  const answer = new Answer();
  const equipmentId = meterOf(frame);
  const withTotal = TOTALS.some((name) => Object.hasOwn(frame, name));
  const frameTime = horodateOf(entryOf(frame["DATE"])?.timestamp, context);
  for (const [name, value] of Object.entries(frame)) {
    if (isLeftOut(name)) continue;
    answer.take(observe(equipmentId, name, value, withTotal, frameTime, context));
  }
  if (answer.isEmpty) answer.refuse("reading_malformed", "The frame carries no measured value.");
  return answer.decoded("labels");
};

function observe(
  equipmentId: string,
  name: string,
  value: unknown,
  withTotal: boolean,
  frameTime: Horodate | undefined,
  context: DecodeContext,
): Observation | Rejection | undefined {
  const label = labelOf(name);
  if (label === undefined) return malformed(`${quoted(name)} is no known label of a Linky's customer port.`);
  const entry = entryOf(value);
  const text = entry?.text.trim() ?? "";
  const decimal = decimalOf(text);
  if (entry === undefined || decimal === undefined) {
    return { reason: "value_not_numeric", detail: `${name} has ${quoted(text)} instead of a number.` };
  }
  const unit = unitOf(name, label.unit, text);
  const register = registerOf(equipmentId, name, label, unit, !(label.part && withTotal));
  // A value of its own instant, with a clock that is broken, is not one of the frame's.
  const dated = entry.timestamp !== undefined && entry.timestamp !== null;
  const time = dated ? horodateOf(entry.timestamp, context) : frameTime;
  if (dated && time === undefined) return malformed(`${name} has a horodate that cannot be read.`);
  return { register, value: decimal, ...(time ?? NO_TIME) };
}

/** The meter sends PREF and PCOUP in kVA, two digits; later versions of teleinfo2mqtt append the three zeros of VA. */
function unitOf(name: string, unit: string, text: string): string {
  return (name === "PREF" || name === "PCOUP") && text.length <= 3 ? "kVA" : unit;
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
