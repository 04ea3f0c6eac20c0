// What a field of wmbusmeters says by its name: its last word is the unit, and other words tell the past from the present.
//
//   total_m3                         an index, at the telegram's own time
//   max_power_kw                     the highest of a period that is not over, as of the telegram's time
//   consumption_at_history_2_m3      an index of the past, at the date that history_2_date carries
//   last_jan_m3                      an index of the past whose date nobody tells: as told, when it changes
import { quantityOf } from "#devices/units";

export type Field = {
  readonly name: string;
  /** The name without its unit. */
  readonly stem: string;
  readonly unit: string;
  readonly quantity: string;
  readonly cumulative: boolean;
  /** Not a value of now. */
  readonly past: boolean;
};

/**
 * The last word of a name as the unit. What ends in another word is left out on purpose: counters of alarms and transmissions,
 * transformer factors, numbers (`_nr`), ages and durations (`_h`, `_s`, `_y`), charge levels (`_pct`), signal strength (`_dbm`),
 * and `_m3c`, a volume multiplied by a temperature, which no unit system knows.
 */
const UNITS: ReadonlyMap<string, string> = new Map([
  ["kwh", "kWh"],
  ["mj", "MJ"],
  ["gj", "GJ"],
  ["kvarh", "kvarh"],
  ["kvah", "kVAh"],
  ["m3", "m3"],
  ["l", "l"],
  ["hca", "hca"],
  ["kw", "kW"],
  ["kvar", "kvar"],
  ["kva", "kVA"],
  ["m3h", "m3/h"],
  ["lh", "l/h"],
  ["c", "Cel"],
  ["k", "K"],
  ["v", "V"],
  ["a", "A"],
  ["hz", "Hz"],
  ["bar", "bar"],
  ["pa", "Pa"],
  ["rh", "%RH"],
  ["ppm", "ppm"],
]);

const CUMULATIVE = new Set(["energy", "volume", "reactive-energy", "apparent-energy", "cost-allocation"]);
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,119}$/;
/** A battery's voltage is no supply's. */
const LEFT_OUT = /^battery_/;
const PAST =
  /(?:^|_)(?:set_date|history|historic|target|prev|previous|last|due|ago|delta|base|period|reporting_date|old_date|at_date|at_error|key_datetime)(?:_|$)|^consumption_\d+$|^(?:january|february|march|april|may|june|july|august|september|october|november|december)_/i;
const HIGHEST = /(?:^|_)max(?:imum)?(?:_|$)/;

const known = new Map<string, Field | undefined>();
const KNOWN_MAX = 20_000;

/** The meaning of a name, or `undefined` for what is no measurement. */
export function fieldOf(name: string): Field | undefined {
  if (known.has(name)) return known.get(name);
  if (known.size >= KNOWN_MAX) known.clear();
  const field = readName(name);
  known.set(name, field);
  return field;
}

function readName(name: string): Field | undefined {
  if (!NAME.test(name) || LEFT_OUT.test(name)) return undefined;
  const cut = name.lastIndexOf("_");
  const unit = cut < 0 ? undefined : UNITS.get(name.slice(cut + 1));
  const quantity = unit === undefined ? undefined : quantityOf(unit);
  if (unit === undefined || quantity === undefined) return undefined;
  const stem = name.slice(0, cut);
  const past = PAST.test(stem);
  const cumulative = CUMULATIVE.has(quantity);
  return { name, stem, unit, quantity: quantityNamed(quantity, stem, past, cumulative), cumulative, past };
}

/** What an index, a power or a flow was makes no load profile and no live value: it is of a quantity that feeds none. */
function quantityNamed(quantity: string, stem: string, past: boolean, cumulative: boolean): string {
  const named = quantity === "power" && HIGHEST.test(stem) ? "max-demand" : quantity;
  return past && (cumulative || FLOWING.has(quantity)) ? `past-${named}` : named;
}

const FLOWING = new Set(["power", "flow", "reactive-power", "apparent-power"]);

/** Whether a value of the past is kept though nobody dates it: what people pay for is, a temperature of some day is not. */
export function isPastKept({ quantity }: Field): boolean {
  return quantity.startsWith("past-");
}
