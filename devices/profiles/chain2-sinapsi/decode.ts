// Decodes Italian Chain2 data as the Sinapsi Alfa publishes it on `/USERNAME/iomtsgdata/ACTIVATION_KEY`: times and values are texts.
import { decimalOf, decimalOfJson, type Decimal } from "#devices/decimal";
import { isJsonObject, JsonNumber } from "#devices/json";
import { quoted } from "#devices/quote";
import type { Decoder, Rejection } from "#devices/reading";
import { SECOND_MS } from "#devices/time";
import { ClockSource } from "#devices/vocabulary";
import { Answer, refusedWhole } from "../answer.ts";
import { codeOf, type Code } from "./codes.ts";
import { unitsOf, type Unit } from "./message.ts";
import { registerOf } from "./registers.ts";

/** What a JavaScript date holds, in seconds. */
const EPOCH_MAX_S = 8.64e12;

/** Pure and total. A reading that cannot be used is a rejection; its neighbours are decoded. */
export const decodeSinapsi: Decoder = (payload) => {
  const units = unitsOf(payload);
  if (units === undefined)
    return refusedWhole(
      "reading_malformed",
      "The JSON is no message of a Sinapsi Alfa: no pod or du with data.",
    );
  if ("reason" in units) return refusedWhole(units.reason, units.detail);
  const answer = new Answer();
  for (const unit of units) {
    if (unit === undefined) answer.take(malformed("An entry has no usable pod or du, or no data."));
    else readUnit(answer, unit);
  }
  if (answer.isEmpty) answer.refuse("reading_malformed", "The message carries no measured value.");
  return answer.decoded("readings");
};

function readUnit(answer: Answer, unit: Unit): void {
  const names = new Set<string>();
  for (const reading of unit.readings) {
    if (!isJsonObject(reading)) continue;
    for (const key of Object.keys(reading)) names.add(codeOf(key)?.name ?? "");
  }
  for (const reading of unit.readings) {
    if (isJsonObject(reading)) readReading(answer, unit, reading, names);
    else answer.take(malformed("A reading is not a JSON object."));
  }
}

function readReading(
  answer: Answer,
  { pod }: Unit,
  reading: Readonly<Record<string, unknown>>,
  names: ReadonlySet<string>,
): void {
  const observedAtMs = instantOf(reading["ts"]);
  if (observedAtMs === undefined) {
    answer.take(malformed(`A reading has the time ${shown(reading["ts"])}, which is no number of seconds.`));
    return;
  }
  for (const [key, value] of Object.entries(reading)) {
    const code = key === "ts" ? null : codeOf(key);
    if (code === null) continue;
    const result =
      code === undefined ? malformed(`${quoted(key)} is no code of a reading.`) : read(code, value);
    if (typeof result === "object") answer.take(result);
    else if (code !== undefined && result !== undefined) {
      const counts = code.whole === null || !names.has(code.whole);
      const register = registerOf(pod, code, counts);
      answer.observations.push({ register, value: result, observedAtMs, clock: ClockSource.payloadOffset });
    }
  }
}

/** `undefined`: left out, a text behind a code that nobody knows to be a measurement. */
function read(code: Code, value: unknown): Decimal | Rejection | undefined {
  const decimal = numberOf(value);
  if (decimal !== undefined || code.unit === "") return decimal;
  return { reason: "value_not_numeric", detail: `${code.name} has ${shown(value)} instead of a number.` };
}

function numberOf(value: unknown): Decimal | undefined {
  if (typeof value === "string") return decimalOf(value.trim());
  return value instanceof JsonNumber ? decimalOfJson(value.text) : undefined;
}

/** Seconds since 1970, UTC, as text or as number. */
function instantOf(value: unknown): number | undefined {
  const seconds = Number(numberOf(value) ?? Number.NaN);
  return Math.abs(seconds) <= EPOCH_MAX_S ? Math.round(seconds * SECOND_MS) : undefined;
}

function shown(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  return value instanceof JsonNumber ? quoted(value.text) : "nothing";
}

function malformed(detail: string): Rejection {
  return { reason: "reading_malformed", detail };
}
