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
const EXPORT_WORDS = ["export", "exported", "injection", "production", "produced", "returned", "return"];
const HEAT_WORDS = ["heat", "heating"];

/** Whether a quantity adds up over time: an index, as a rule. */
export function isCounted(quantity: string): boolean {
  return COUNTED.has(quantity);
}

/**
 * A name that says gas, heat or water is believed; else energy and power are electricity, and a volume is water. The water
 * that runs through a heating circuit is consumed by nobody: it has no carrier.
 */
export function carrierByWords(quantity: string, words: ReadonlySet<string>): Carrier | null {
  const heat = HEAT_WORDS.some((word) => words.has(word));
  if (quantity === "volume" || quantity === "flow") {
    if (words.has("gas")) return "gas";
    return heat ? null : "water";
  }
  if (quantity === "energy" || quantity === "power") {
    if (words.has("gas")) return "gas";
    return heat || words.has("water") ? "heat" : "electricity";
  }
  return ELECTRICAL.has(quantity) ? "electricity" : null;
}

/** What is counted or flows has a direction: import, unless an electrical one is called export, injection, production or return. */
export function directionByWords(
  quantity: string,
  carrier: Carrier | null,
  words: ReadonlySet<string>,
): Direction | null {
  if (carrier === null) return null;
  if (!COUNTED.has(quantity) && !quantity.endsWith("power") && quantity !== "flow") return null;
  const exported = carrier === "electricity" && EXPORT_WORDS.some((word) => words.has(word));
  return exported ? "export" : "import";
}
