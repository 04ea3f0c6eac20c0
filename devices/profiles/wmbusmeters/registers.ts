// From a meter and a field to the register; the same register is always the same object.
import type { RegisterSpec } from "#devices/reading";
import type { Carrier, Direction } from "#devices/vocabulary";
import { directionByWords } from "../carrier-words.ts";
import { wordsOf } from "../name-words.ts";
import type { Field } from "./fields.ts";

/** What a medium is, as energy and as volume. Warm water is water; what runs through a heating circuit nobody consumes. */
const CARRIERS: ReadonlyMap<string, { readonly energy: Carrier | null; readonly volume: Carrier | null }> =
  new Map([
    ["electricity", { energy: "electricity", volume: null }],
    ["gas", { energy: "gas", volume: "gas" }],
    ["heat", { energy: "heat", volume: null }],
    ["heat volume at inlet", { energy: "heat", volume: null }],
    ["heat/cooling load", { energy: "heat", volume: null }],
    ["water", { energy: null, volume: "water" }],
    ["cold water", { energy: null, volume: "water" }],
    ["warm water", { energy: null, volume: "water" }],
    ["hot water", { energy: null, volume: "water" }],
  ] as const);

/**
 * The names under which drivers give the whole of what a meter counts, best first. Only the first that a telegram has belongs to
 * a supply point: phases, partial and backward counts, and the same energy in a second unit would be counted twice.
 */
const TOTALS: readonly (readonly [Direction, readonly string[]])[] = [
  [
    "import",
    [
      "total_energy_consumption",
      "total",
      "total_heating",
      "total_heat_energy",
      "total_energy",
      "total_active_positive_3phase",
      "positive_total_active_energy",
      "heat",
    ].flatMap((stem) => ["kwh", "mj", "gj"].map((unit) => `${stem}_${unit}`)),
  ],
  ["export", ["total_energy_production_kwh", "negative_total_active_energy_kwh"]],
  ["import", ["total_m3", "total_volume_m3", "total_water_m3", "total_forward_m3", "volume_m3"]],
];

/** The parts of a total by tariff: they count where a telegram has no total. */
const TARIFF = /^total(?:_energy_consumption|_energy_production|_volume)?_tariff_?(\d+)_(?:kwh|mj|gj|m3)$/;

const ELECTRICAL = new Set([
  "power",
  "max-demand",
  "reactive-power",
  "reactive-energy",
  "apparent-power",
  "apparent-energy",
  "voltage",
  "current",
  "frequency",
]);

/** Which of a telegram's fields are its totals: their names, with the direction. */
export function totalsOf(names: ReadonlySet<string>): ReadonlyMap<string, Direction> {
  const totals = new Map<string, Direction>();
  for (const [direction, ranked] of TOTALS) {
    const total = ranked.find((name) => names.has(name));
    if (total !== undefined) totals.set(total, direction);
  }
  for (const name of names) {
    if (!TARIFF.test(name)) continue;
    const direction = name.includes("production") ? "export" : "import";
    const whole = name.replace(/_tariff_?\d+/, "");
    if (!names.has(whole)) totals.set(name, direction);
  }
  return totals;
}

const meters = new Map<string, Map<string, RegisterSpec>>();
let registerCount = 0;
/** About 60 MB of specs; then all are forgotten and made again as they come. */
const REGISTERS_MAX = 250_000;

/** `direction`: the field is a total of its meter, counted that way; `undefined`: it is none. */
export function registerOf(
  id: string,
  media: string,
  field: Field,
  direction: Direction | undefined,
): RegisterSpec {
  return interned(id, media, field, direction, false);
}

/**
 * The same register where its telegram gives the value no date: then it is of the instant at which it was told, and only another
 * value than the one before tells anything.
 */
export function undatedRegisterOf(id: string, media: string, field: Field): RegisterSpec {
  return interned(id, media, field, undefined, true);
}

function interned(
  id: string,
  media: string,
  field: Field,
  direction: Direction | undefined,
  onChange: boolean,
): RegisterSpec {
  const meter = `${id} ${media}`;
  let registers = meters.get(meter);
  if (registers === undefined) {
    if (registerCount > REGISTERS_MAX) {
      meters.clear();
      registerCount = 0;
    }
    meters.set(meter, (registers = new Map()));
  }
  const told = direction === undefined ? field.name : `${field.name} ${direction}`;
  const key = onChange ? `${told} undated` : told;
  const known = registers.get(key);
  if (known !== undefined) return known;
  const spec = specOf(id, media, field, direction);
  const fresh = onChange ? { ...spec, onChange } : spec;
  registers.set(key, fresh);
  registerCount++;
  return fresh;
}

function specOf(id: string, media: string, field: Field, direction: Direction | undefined): RegisterSpec {
  const carrier = carrierOf(media, field, direction);
  return {
    name: field.name,
    equipmentId: id,
    carrier,
    quantity: field.quantity,
    unit: field.unit,
    kind: field.cumulative ? "cumulative" : "instantaneous",
    tariff: TARIFF.exec(field.name)?.[1] ?? null,
    direction: carrier === null ? null : (direction ?? directionOf(field, carrier)),
    keepEveryS: field.past ? 0 : KEEP_EVERY_S,
  };
}

/** Of a value of the moment: electric power is net unless its name says which way; everything else flows one way. */
function directionOf({ name, quantity }: Field, carrier: Carrier): Direction | null {
  return directionByWords(quantity, carrier, new Set(wordsOf(name)));
}

/** Meters send up to every few seconds, and change in minutes. */
const KEEP_EVERY_S = 60;

function carrierOf(media: string, field: Field, direction: Direction | undefined): Carrier | null {
  if (field.past) return null;
  const { energy = null, volume = null } = CARRIERS.get(media) ?? {};
  if (field.quantity === "energy") return direction === undefined ? null : energy;
  if (field.quantity === "volume") return direction === undefined ? null : volume;
  if (field.quantity === "flow") return volume;
  if (energy === "electricity") return ELECTRICAL.has(field.quantity) ? energy : null;
  return field.quantity === "power" || field.quantity === "max-demand" ? energy : null;
}
