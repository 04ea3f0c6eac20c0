// From a SenML name and unit to the register it belongs to; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import { quantityOf } from "#devices/units";
import { unitOfText } from "../unit-words.ts";
import { carrierByWords, directionByWords, isCounted } from "../carrier-words.ts";

/** What a record carries: a value, or the sum of RFC 8428 §4.2. */
export type Part = "value" | "sum";

/**
 * §4.2 defines a sum as the value integrated over seconds: of W it counts J. In practice meters put their index into `s` with
 * the unit of the index; an energy or a volume integrated over time means nothing, so that reading of it is safe.
 */
const INTEGRALS: ReadonlyMap<string, string> = new Map([
  ["W", "J"],
  ["kW", "kJ"],
  ["MW", "MJ"],
  ["var", "vars"],
  ["VA", "VAs"],
  ["A", "C"],
  ["m3/s", "m3"],
  ["l/s", "l"],
]);

const known = new Map<string, RegisterSpec>();
const KNOWN_MAX = 100_000;

/**
 * The register of a part of a record, or `undefined` where its unit is unknown or has no integral. A sum that is an index
 * itself is the record's register; one that was integrated, or stands beside a value, is a register of its own: `<name>#sum`.
 */
export function registerOf(
  name: string,
  written: string,
  part: Part,
  besideValue: boolean,
): RegisterSpec | undefined {
  // Not everybody keeps to the registry: `m³`, `KWH`.
  const unit =
    written === "" || quantityOf(written) !== undefined ? written : (unitOfText(written) ?? written);
  if (part === "value") return interned(name, unit);
  const quantity = quantityOf(unit);
  if (quantity !== undefined && isCounted(quantity))
    return interned(besideValue ? `${name}#sum` : name, unit);
  const integral = INTEGRALS.get(unit);
  return integral === undefined ? undefined : interned(`${name}#sum`, integral);
}

function interned(name: string, unit: string): RegisterSpec | undefined {
  const spec = known.get(name);
  if (spec !== undefined && spec.unit === unit) return spec;
  const fresh = specOf(name, unit);
  if (fresh === undefined) return undefined;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(name, fresh);
  return fresh;
}

function specOf(name: string, unit: string): RegisterSpec | undefined {
  const quantity = unit === "" ? "number" : quantityOf(unit);
  if (quantity === undefined) return undefined;
  const words = wordsOf(name);
  const carrier = carrierByWords(quantity, words, unit);
  const counted = isCounted(quantity) || name.endsWith("#sum");
  return {
    name,
    equipmentId: "",
    carrier,
    quantity,
    unit,
    kind: counted ? "cumulative" : "instantaneous",
    tariff: null,
    direction: directionByWords(quantity, carrier, words),
    keepEveryS: 0,
  };
}

/** The words of the name's last segment: `urn:dev:mac:00ff:pv-production` gives `pv`, `production`. */
function wordsOf(name: string): ReadonlySet<string> {
  const segment = name.replace(/#sum$/, "").split(/[:/]/).at(-1) ?? "";
  return new Set(segment.toLowerCase().split(/[-_.]/));
}
