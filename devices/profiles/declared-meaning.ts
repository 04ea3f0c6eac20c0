// What a number means by its declared unit and the words of its name, for formats that declare little else.
import { quantityOf } from "#devices/units";
import type { Carrier, Direction, RegisterKind } from "#devices/vocabulary";
import { carrierByWords, directionByWords, isCounted } from "./carrier-words.ts";
import { unitOfText } from "./unit-words.ts";

export type Meaning = {
  /** Canonical; "" where nobody declares one that is known here. */
  readonly unit: string;
  readonly quantity: string;
  readonly kind: RegisterKind;
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
};

/** Declared units that no other family writes. Those with another size (gal, °F, ft³, mW) are not converted: values stay as received. */
const DECLARED: ReadonlyMap<string, string> = new Map([
  ["#", "count"],
  ["rpm", "1/min"],
  ["m³/s", "m3/s"],
  ["L/s", "l/s"],
]);

/** The canonical unit, or `undefined` for one that is not known or would have to be converted. */
export function unitOfDeclared(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const unit = unitOfText(trimmed) ?? DECLARED.get(trimmed) ?? trimmed;
  return quantityOf(unit) === undefined ? undefined : unit;
}

/** The words of a name in small letters: `Energy/Import`, `energy-import`, `energyImport` and `value_json['energy'].import` alike. */
export function wordsOf(name: string): ReadonlySet<string> {
  const apart = name.replaceAll(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return new Set(apart.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ""));
}

/** What was counted in a period, or is compared with: no index, whatever the unit. */
const STEP =
  /^(?:deltas?|increments?|diff|difference|interval|hourly|daily|weekly|monthly|yearly|annual|today|yesterday|hour|week|month|year|last|previous|prev|avg|average|mean|min|max|minimum|maximum|limit|threshold|target|setpoint|forecast|predicted|estimated|budget|quota)$/;
/** What is there now, such as in a tank or a battery. */
const STOCK = /^(?:tank|cistern|level|stored|storage|remaining|available|capacity|reserve)$/;
/** What stands beside the whole: a conductor, a tariff, a channel, one machine of the house. */
const PART =
  /^(?:l[123]n?|p[123]|ph[123abc]?|phase[123abc]?|(?:tariff?s?|rate|t|ch|channel|circuit)\d{0,2}|peak|offpeak|low|normal|high|day|night|hchp|hchc|partial|backwards?|backflow|solar|pv|battery|charged?|charging|discharged?|discharging|inverter|generator|ev)$/;
const PHASE_LETTER = /(?:phase|energy|power|current|voltage)[ _-]?[abc](?![a-z0-9])/i;
/** A machine that makes heat of something: what it is counted in is not what it gives. */
const MACHINE = /(?:heat[ _-]?pump|heater|boiler|radiator)(?![ _-]?(?:room|cellar|house))/i;
/** Beside those that every family knows. */
const EXPORT = /^(?:feed|feedin|fed|injected)$/;
const HUMIDITY = /^(?:humidity|humid|rh)$/;

/** `unit`: as `unitOfDeclared` gives it. A part has no carrier: whoever added it to the whole would count twice. */
export function meaningOf(unit: string | undefined, name: string): Meaning {
  const words = wordsOf(name);
  const some = (pattern: RegExp): boolean => words.values().some((word) => pattern.test(word));
  const declared = unit === "%" && some(HUMIDITY) ? "%RH" : (unit ?? "");
  const quantity = declared === "" ? "number" : (quantityOf(declared) ?? "number");
  const counted = isCounted(quantity);
  if (counted && some(STEP)) return uncounted(declared, `step-${quantity}`);
  if (counted && some(STOCK)) return uncounted(declared, `stored-${quantity}`);
  const isPart = some(PART) || PHASE_LETTER.test(name);
  const isMachine = (quantity === "energy" || quantity === "power") && MACHINE.test(name);
  // Turns of a pump are no frequency of the grid.
  const isTurns = quantity === "frequency" && declared !== "Hz";
  const carrier = isPart || isMachine || isTurns ? null : carrierByWords(quantity, words);
  const kind = counted ? "cumulative" : "instantaneous";
  const direction = directionByWords(quantity, carrier, words);
  const isExport =
    carrier === "electricity" &&
    direction !== null &&
    (some(EXPORT) || (words.has("to") && words.has("grid")));
  return { unit: declared, quantity, kind, carrier, direction: isExport ? "export" : direction };
}

/** A value of the moment that belongs to no supply point. */
export function uncounted(unit: string, quantity: string): Meaning {
  return { unit, quantity, kind: "instantaneous", carrier: null, direction: null };
}
