// What flows behind a register, and which way, by the words of its name: for formats that say nothing else of it.
import type { Carrier, Direction } from "#devices/vocabulary";

const COUNTED = new Set(["energy", "volume", "reactive-energy", "apparent-energy"]);
const ELECTRICAL = new Set([
  "reactive-energy",
  "apparent-energy",
  "reactive-power",
  "apparent-power",
  "voltage",
  "current",
  "frequency",
]);

/** In English, Dutch, French, German and Italian, without accents; German and Dutch join the word with what it is of. */
const GAS = /^(?:gas|gaz|(?:erd|aard)gas|gas(?:verbrauch|verbruik|zahler|zaehler|meter|stand))$/;
const HEAT =
  /^(?:heat|heating|thermal|warmte|verwarming|heizung|chaleur|chauffage|calore|riscaldamento|wa(?:r|er)me(?:menge|verbrauch|energie|zahler|zaehler)?|warmte(?:verbruik|meter))$/;
const WATER =
  /^(?:water|wasser|eau|acqua|(?:trink|kalt|warm)wasser|wasser(?:verbrauch|zahler|zaehler)|water(?:verbruik|meter))$/;
const EXPORT =
  /^(?:export|exported|out|outgoing|injection|injected|production|produced|returned|return|feed|feedin|fed|yield|yieldtotal|generation|generated|injectie|productie|opgewekt|opbrengst|teruglevering|teruggeleverd|invoeding|injecte|injectee|produite?|einspeisung|netzeinspeisung|eingespeist|erzeugung|produktion|ertrag|immess[ao]|immissione|produzione|prodott[ao])$/;
const IMPORT =
  /^(?:import|imported|consumption|consumed|usage|used|load|drawn|delivered|verbruik|afname|geleverd|consommation|consommee?|soutiree?|bezug|netzbezug|verbrauch|consumo|prelevat[ao]|prelievo)$/;

const some = (words: ReadonlySet<string>, pattern: RegExp): boolean =>
  words.values().some((word) => pattern.test(word));

export function saysGas(words: ReadonlySet<string>): boolean {
  return some(words, GAS);
}

export function saysWater(words: ReadonlySet<string>): boolean {
  return some(words, WATER);
}

/** Units in which nobody counts electricity. */
export function isOfHeat(unit: string): boolean {
  return unit === "MJ" || unit === "GJ";
}

/** Whether a quantity adds up over time: an index, as a rule. */
export function isCounted(quantity: string): boolean {
  return COUNTED.has(quantity);
}

/**
 * A name that says gas, heat or water is believed; else energy and power are electricity, and a volume is water. The water
 * that runs through a heating circuit is consumed by nobody: it has no carrier.
 */
export function carrierByWords(quantity: string, words: ReadonlySet<string>, unit: string): Carrier | null {
  const heat = some(words, HEAT);
  if (quantity === "volume" || quantity === "flow") {
    if (saysGas(words)) return "gas";
    return heat ? null : "water";
  }
  if (quantity === "energy" || quantity === "power") {
    if (saysGas(words)) return "gas";
    return heat || saysWater(words) || isOfHeat(unit) ? "heat" : "electricity";
  }
  return ELECTRICAL.has(quantity) ? "electricity" : null;
}

/**
 * What is counted is import, unless an electrical one is called export. Electric power of the moment is net, taken if positive
 * and fed in if negative, so it has a direction only where a word says which; gas, heat and water flow one way.
 */
export function directionByWords(
  quantity: string,
  carrier: Carrier | null,
  words: ReadonlySet<string>,
): Direction | null {
  if (carrier === null) return null;
  const flows = quantity.endsWith("power") || quantity === "flow";
  if (!COUNTED.has(quantity) && !flows) return null;
  if (carrier !== "electricity") return "import";
  if (some(words, EXPORT)) return "export";
  return COUNTED.has(quantity) || some(words, IMPORT) ? "import" : null;
}
