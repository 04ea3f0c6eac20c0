// Decodes what Tasmota devices publish of their sensors: SENSOR every few minutes, STATUS8 and STATUS10 when they are asked.
//
// A list has an entry per phase, or per tariff. What a meter counts in all is added from its phases and belongs to the supply point;
// the entries stand beside it without carrier.
import { addDecimals, decimalOf, decimalOfJson, isDecimal, type Decimal } from "#devices/decimal";
import { isJsonObject, JsonNumber } from "#devices/json";
import type { DecodeContext, Decoder } from "#devices/reading";
import { HOUR_MS } from "#devices/time";
import type { Direction } from "#devices/vocabulary";
import { Answer, NOTHING, refusedWhole, type MessageTime } from "../answer.ts";
import { labelOf } from "../linky-tic/labels.ts";
import { CHOSEN_UNITS, fieldOf, type Field } from "./fields.ts";
import { beganAnew } from "../reset-marker.ts";
import { countingSince, sensorsOf, type Sensors } from "./message.ts";
import { registerOf } from "./registers.ts";

/** A register's name has its group, its key and the place in a list; longer ones are no sensors of Tasmota. */
const NAME = /^[\w .:#()/-]{1,64}$/;
const LIST_MAX = 8;

/** Total. Groups and fields that are not known are passed over: a device tells of its relays and addresses too. */
export const decodeTasmota: Decoder = (payload, context) => {
  const sensors = sensorsOf(payload, context);
  if (sensors === undefined) return NOTHING;
  if ("reason" in sensors) return refusedWhole(sensors.reason, sensors.detail);
  const answer = new Answer();
  const counting = countingGroups(sensors);
  readBeginning(answer, sensors, counting, context);
  for (const [group, fields] of Object.entries(sensors.groups)) {
    if (!isJsonObject(fields) || !NAME.test(group)) continue;
    if (group === "TIC") readTeleinfo(answer, fields, sensors.time, counting);
    else readGroup(answer, group, fields, sensors, counting);
  }
  return answer.decoded("values");
};

/** The groups that count for the supply point: which counts what it takes, and which what it feeds in. */
type Counting = { readonly taken: string; readonly fedIn: string };

/**
 * One group counts: the energy group, else the first meter that was read by a script, else a Linky's labels, else what tells a power
 * alone. The energy group of a Linky knows nothing of what is fed in: then the Linky's own index counts.
 */
function countingGroups({ groups }: Sensors): Counting {
  const indices = (group: string, direction: Direction | undefined, parts: boolean) =>
    fieldsOf(group, groups).some(
      (field) =>
        field.counted &&
        (field.whole || (parts && field.tariff !== null)) &&
        (direction === undefined || field.direction === direction),
    );
  const others = Object.keys(groups).filter((group) => group !== "TIC");
  const hasLabels = isJsonObject(groups["TIC"]);
  const ranked = [
    others.filter((group) => indices(group, undefined, false)),
    others.filter((group) => !hasLabels && indices(group, undefined, true)),
    others.filter((group) => !hasLabels && wholesOf(group, groups).length > 0),
  ];
  const taken = ranked.map(firstMeter).find((group) => group !== undefined) ?? "TIC";
  const fedIn = [taken, "CONTRACT"].find((group) => indices(group, "export", true)) ?? "TIC";
  return { taken, fedIn };
}

function fieldsOf(group: string, groups: Sensors["groups"]): Field[] {
  const fields = groups[group];
  return isJsonObject(fields) ? Object.keys(fields).flatMap((key) => fieldOf(group, key) ?? []) : [];
}

function wholesOf(group: string, groups: Sensors["groups"]): Field[] {
  return fieldsOf(group, groups).filter(({ whole }) => whole);
}

function firstMeter(groups: readonly string[]): string | undefined {
  return groups.find((group) => group === "ENERGY") ?? groups[0];
}

/** The power of a Linky stands in a group of its own beside the contract's indices. */
function countsIn(group: string, field: Field, { taken, fedIn }: Counting): boolean {
  const main = field.direction === "export" ? fedIn : taken;
  return field.whole && (main === group || (group === "METER" && main === "CONTRACT"));
}

/** A device measures at most 63 A on three phases: 44 kW. What is more was set by hand, and is no consumption since then. */
const POWER_MAX_KW = 50;

/** Where the energy group says that it counts anew since an instant after the value before, `Total` stood at 0 then. */
function readBeginning(
  answer: Answer,
  { groups, time }: Sensors,
  counting: Counting,
  context: DecodeContext,
): void {
  const { ENERGY: energy } = groups;
  const field = fieldOf("ENERGY", "Total");
  const { observedAtMs } = time;
  if (!isJsonObject(energy) || field === undefined || observedAtMs === undefined) return;
  const { Total: total } = energy;
  const sinceMs = countingSince(groups, context);
  if (!(total instanceof JsonNumber) || !beganAnew(context.recent, "tasmota ENERGY", sinceMs, observedAtMs))
    return;
  if (sinceMs === undefined || Number(total.text) > (POWER_MAX_KW * (observedAtMs - sinceMs)) / HOUR_MS)
    return;
  const register = registerOf("ENERGY.Total", "", field, countsIn("ENERGY", field, counting));
  answer.observe(register, "0", { ...time, observedAtMs: sinceMs });
}

/** A tariff of the main meter, where it tells no whole in that direction. */
function isPartThatCounts(
  group: string,
  { counted, tariff, direction }: Field,
  groups: Sensors["groups"],
  { taken, fedIn }: Counting,
): boolean {
  if (!counted || tariff === null || direction === null) return false;
  if (group !== (direction === "export" ? fedIn : taken)) return false;
  return !wholesOf(group, groups).some((whole) => whole.counted && whole.direction === direction);
}

function readGroup(
  answer: Answer,
  group: string,
  fields: Readonly<Record<string, unknown>>,
  { time, groups }: Sensors,
  counting: Counting,
): void {
  for (const [key, value] of Object.entries(fields)) {
    const field = NAME.test(key) ? fieldOf(group, key) : undefined;
    if (field === undefined || value === null || !isInKnownUnit(field, groups)) continue;
    const name = `${group}.${key}`;
    const counts = countsIn(group, field, counting) || isPartThatCounts(group, field, groups, counting);
    if (Array.isArray(value)) readList(answer, name, value, field, time, counts);
    else readOne(answer, name, value, field, time, counts);
  }
}

/** Fahrenheit and millimetres of mercury are chosen by the device, and left out. */
function isInKnownUnit({ quantity }: Field, groups: Sensors["groups"]): boolean {
  const [key, unit] = CHOSEN_UNITS.get(quantity) ?? [];
  const chosen = key === undefined ? undefined : groups[key];
  return chosen === undefined || chosen === unit;
}

function readOne(
  answer: Answer,
  name: string,
  value: unknown,
  field: Field,
  time: MessageTime,
  counts: boolean,
  tariff?: string,
): Decimal | undefined {
  // What stands between may have made a text of a number.
  const text = typeof value === "string" ? value.trim() : "";
  const decimal = value instanceof JsonNumber ? decimalOfJson(value.text) : decimalOf(text);
  if (decimal === undefined) answer.refuse("value_not_numeric", `${name} has a value that is no number.`);
  else answer.observe(registerOf(name, "", field, counts, tariff), decimal, time);
  return decimal;
}

function readList(
  answer: Answer,
  name: string,
  values: readonly unknown[],
  field: Field,
  time: MessageTime,
  counts: boolean,
): void {
  if (values.length > LIST_MAX) {
    return answer.refuse(
      "reading_malformed",
      `${name} has ${values.length} entries; at most ${LIST_MAX} are read.`,
    );
  }
  const byTariff = name.endsWith("Tariff");
  const read = values.map((value, place) => {
    if (value === null) return undefined;
    const number = String(place + 1);
    const part = byTariff ? number : undefined;
    return readOne(answer, `${name}#${number}`, value, field, time, false, part);
  });
  const known = read.filter((value) => value !== undefined);
  // Half of the phases are not the whole.
  if (!field.whole || known.length === 0 || known.length < values.length) return;
  const sum = known.reduce((total, value) => addDecimals(total, value));
  if (isDecimal(sum)) answer.observe(registerOf(name, "", field, counts), sum, time);
  else answer.refuse("value_not_numeric", `${name} adds up to a number that no meter can show.`);
}

const METER_ID = /^[0-9A-Za-z]{1,32}$/;

/** A Linky behind a Tasmota: labels of the customer port with texts of digits. Where the energy group counts too, it alone counts. */
function readTeleinfo(
  answer: Answer,
  fields: Readonly<Record<string, unknown>>,
  time: MessageTime,
  { taken, fedIn }: Counting,
): void {
  const { ADCO: history, ADSC: standard } = fields;
  const meter = typeof history === "string" ? history : standard;
  const equipmentId = typeof meter === "string" && METER_ID.test(meter) ? meter : "";
  const hasTotal = "EAST" in fields || "BASE" in fields;
  for (const [name, value] of Object.entries(fields)) {
    const label = labelOf(name);
    if (label === undefined) continue;
    const text = typeof value === "string" ? value.trim() : "";
    const decimal = value instanceof JsonNumber ? decimalOfJson(value.text) : decimalOf(text);
    if (decimal === undefined) {
      answer.refuse("value_not_numeric", `TIC.${name} has a value that is no number.`);
      continue;
    }
    const { quantity, unit, kind, carrier, direction, tariff, part } = label;
    const field: Field = { quantity, unit, counted: kind === "cumulative", direction, tariff, whole: false };
    const counts = (direction === "export" ? fedIn : taken) === "TIC";
    const own = counts && carrier !== null && field.counted && !(part && hasTotal);
    answer.observe(registerOf(`TIC.${name}`, equipmentId, field, own), decimal, time);
  }
}
