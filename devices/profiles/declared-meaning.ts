// What a number means by its declared unit and the words of its name, for formats that declare little else.
import { quantityOf } from "#devices/units";
import type { Carrier, Direction, RegisterKind } from "#devices/vocabulary";
import {
  carrierByWords,
  directionByWords,
  isCounted,
  isOfHeat,
  saysGas,
  saysWater,
} from "./carrier-words.ts";
import { countingWords, wordsOf } from "./name-words.ts";
import { unitOfText } from "./unit-words.ts";

export type Meaning = {
  /** Canonical; "" where nobody declares one that is known here. */
  readonly unit: string;
  readonly quantity: string;
  readonly kind: RegisterKind;
  readonly carrier: Carrier | null;
  readonly direction: Direction | null;
  readonly tariff: string | null;
};

/** What a number is called. Each text is read for itself: a path's segments, a name. */
export type Names = {
  /** What says what is measured. */
  readonly telling: readonly string[];
  /** What only tells one thing from another: rooms and serial numbers stand in it, so little of it is believed. */
  readonly ids?: readonly string[];
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

/** What was counted in a period, or is compared with: no index, whatever the unit. */
const STEP =
  /^(?:deltas?|increments?|diff|difference|interval|hourly|daily|weekly|monthly|yearly|annual|today|yesterday|hour|week|month|year|last|previous|prev|avg|average|mean|min|max|minimum|maximum|limit|threshold|target|setpoint|forecast|predicted|estimated|budget|quota|vandaag|gisteren|dagelijkse?|maandelijkse?|maand|jaar|uur|heute|gestern|taglich|tages\w*|monatlich|monat|jahr|woche|stunde|aujourd|hier|journali(?:er|ere)|quotidien(?:ne)?|mensuel(?:le)?|mois|semaine|annee|heure|oggi|ieri|giornalier[ao]|mensile|mese|anno|settimana)$/;
/** What is there now, such as in a tank or a battery. */
const STOCK = /^(?:tank|cistern|level|stored|storage|remaining|available|capacity|reserve)$/;
/** A conductor: wherever it stands, it is one. */
const PHASE = /^(?:l[123]n?|ph[123abc]?|phase[123abc]?|fase[123abc]?)$/;
/** What else stands beside the whole: a tariff, a channel, one machine of the house. */
const PART =
  /^(?:p[123]|tarif?fs?\d{0,2}|tarief\d?|(?:rate|t|ch|channel|circuit)\d{1,2}|channel|circuit|peak|offpeak|low|normal|high|day|night|hchp|hchc|hc|hp|ht|nt|dal|piek|laag|hoog|nacht|dag|nuit|jour|creuses?|pleines?|hochtarif|niedertarif|nachttarif|partial|backwards?|backflow|solar|pv|battery|charged?|charging|discharged?|discharging|inverter|generator|ev)$/;
/** A tariff with its number: several make the whole, and a total beside them is a sum of them. */
const TARIFF = /(?:^|[^a-z])(?:tarif{1,2}|tarief)[ _-]?([1-9])(?!\d)|(?:^|[^a-z0-9])t([1-4])(?![a-z0-9])/i;
const TARIFF_WORD = /^(?:tarif{1,2}|tarief|t)[1-9]?$/;
const PHASE_LETTER = /(?:phase|energy|power|current|voltage)[ _-]?[abc](?![a-z0-9])/i;
/** A machine that makes heat of something: what it is counted in is not what it gives. */
const MACHINE = /(?:heat[ _-]?pump|heater|boiler|radiator)(?![ _-]?(?:room|cellar|house))/i;
/** No room is called so. */
const HEAT_PUMP = /heat[ _-]?pump(?![ _-]?(?:room|cellar|house))/i;
const HUMIDITY = /^(?:humidity|humid|rh)$/;
/** In the name of a thing these say which way it counts; `production` may be a hall, and `return` a pipe. */
const EXPORT_ID = /^(?:export|exported|injection|injected|returned|feedin|teruglevering|einspeisung)$/;

/** `unit`: as `unitOfDeclared` gives it. A part has no carrier: whoever added it to the whole would count twice. */
export function meaningOf(unit: string | undefined, { telling, ids = [] }: Names): Meaning {
  const all = new Set(telling.flatMap(wordsOf));
  const words = new Set(telling.flatMap(countingWords));
  const some = (pattern: RegExp): boolean => words.values().some((word) => pattern.test(word));
  const called = (pattern: RegExp): boolean =>
    ids.some((id) => wordsOf(id).some((word) => pattern.test(word)));
  const declared = unit === "%" && some(HUMIDITY) ? "%RH" : (unit ?? "");
  const quantity = declared === "" ? "number" : (quantityOf(declared) ?? "number");
  const counted = isCounted(quantity);
  if (counted && some(STEP)) return uncounted(declared, `step-${quantity}`);
  if (counted && some(STOCK)) return uncounted(declared, `stored-${quantity}`);
  const tariff = counted ? tariffOf(telling) : null;
  const isPart =
    words.values().some((word) => PART.test(word) && !(tariff !== null && TARIFF_WORD.test(word))) ||
    some(PHASE) ||
    called(PHASE) ||
    [...telling, ...ids].some((name) => PHASE_LETTER.test(name));
  const isMachine =
    (quantity === "energy" || quantity === "power") &&
    (telling.some((name) => MACHINE.test(name)) || ids.some((id) => HEAT_PUMP.test(id)));
  // Turns of a pump are no frequency of the grid.
  const isTurns = quantity === "frequency" && declared !== "Hz";
  const carrier = isPart || isMachine || isTurns ? null : carrierOf(quantity, declared, all, words, ids);
  const kind = counted ? "cumulative" : "instantaneous";
  const direction = directionByWords(quantity, carrier, words);
  const flows = counted || quantity.endsWith("power");
  const isExport =
    carrier === "electricity" && flows && ((words.has("to") && words.has("grid")) || called(EXPORT_ID));
  return {
    unit: declared,
    quantity,
    kind,
    carrier,
    direction: isExport ? "export" : direction,
    tariff: carrier === null ? null : tariff,
  };
}

function tariffOf(telling: readonly string[]): string | null {
  for (const text of telling) {
    const [, named, short] = TARIFF.exec(text) ?? [];
    const tariff = named ?? short;
    if (tariff !== undefined) return tariff;
  }
  return null;
}

/**
 * A volume that is called gas is gas, wherever the word stands, and an energy in GJ that is called heat is heat: neither has
 * another name that would be usual. What is counted in kWh needs a word that cannot be of a room.
 */
function carrierOf(
  quantity: string,
  unit: string,
  all: ReadonlySet<string>,
  counting: ReadonlySet<string>,
  ids: readonly string[],
): Carrier | null {
  if (quantity !== "volume" && quantity !== "flow")
    return carrierByWords(quantity, isOfHeat(unit) ? all : counting, unit);
  const isNamed = saysGas(all) || saysWater(all);
  const isGas = !isNamed && ids.some((id) => saysGas(new Set(wordsOf(id))));
  return carrierByWords(quantity, isGas ? new Set([...all, "gas"]) : all, unit);
}

/** A value of the moment that belongs to no supply point. */
export function uncounted(unit: string, quantity: string): Meaning {
  return { unit, quantity, kind: "instantaneous", carrier: null, direction: null, tariff: null };
}
