// Which fields of a decoded object go to a supply point, and as what: one whole of each carrier and direction, never its parts.
//
// The order of a message's fields says nothing (ChirpStack shuffles them), so the names alone decide.
import type { Carrier, Direction } from "#devices/vocabulary";
import { labelOf, TOTALS } from "../linky-tic/labels.ts";
import type { FieldName } from "./field-name.ts";
import { isIndex, type Place } from "./registers.ts";

const NOWHERE: Place = { carrier: null, direction: null, tariff: null };
const EXPORT =
  /^(?:exports?|exported|out|outgoing|returned|injections?|injected|production|produced|generated|generation|negative|neg|reverse)$/;
const IMPORT = /^(?:imports?|imported|consumption|consumed|forward|positive|pos)$/;
const HEAT = /^(?:heat|heating|thermal)$/;
/** A phase, a part, what came back, a copy of an earlier day: no whole. */
const PART =
  /^(?:l[123]|[abc]|ph\d?|phase[abc123]?|partial|part|reverse|backwards?|backflow|log|logged|history|cooling|cold)$/;
const TARIFF = /(?:^|[_.\s])(?:t|tariff[_\s]?|rate[_\s]?)(\d{1,2})(?=$|[_.\s])/i;

/** The places of the fields of one message, by name. */
export function placesOf(fields: readonly FieldName[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const medium = mediumOf(fields);
  const wholes = new Map<string, Candidate>();
  const parts: Candidate[] = [];
  for (const field of fields) {
    places.set(field.name, { ...NOWHERE, ...ofMoment(field, medium) });
    const candidate = isIndex(field) ? candidateOf(field, medium) : undefined;
    if (candidate === undefined) continue;
    if (candidate.place.tariff !== null) parts.push(candidate);
    else if (isBetter(candidate, wholes.get(candidate.key))) wholes.set(candidate.key, candidate);
  }
  for (const { field, place } of wholes.values()) places.set(field.name, place);
  for (const { field, key, place } of parts) {
    const counts = !wholes.has(key);
    places.set(field.name, counts ? place : { ...NOWHERE, tariff: place.tariff });
  }
  return places;
}

type Medium = { readonly heat: boolean; readonly gas: boolean; readonly electricity: boolean };

/**
 * A device that counts energy and volume is a heat meter, and its volume circulates and is consumed by nobody; unless it says
 * that the volume is water: then it counts the pulses of two meters.
 */
function mediumOf(fields: readonly FieldName[]): Medium {
  const energy = fields.some((field) => field.quantity === "energy");
  const volumes = fields.filter((field) => field.quantity === "volume");
  const circulates = volumes.length > 0 && !volumes.some((field) => field.words.includes("water"));
  const words = new Set(fields.flatMap((field) => field.words));
  const gas = words.has("gas");
  const heat = !gas && ((energy && circulates) || [...words].some((word) => HEAT.test(word)));
  const power = fields.some((field) => field.quantity === "power");
  return { heat, gas, electricity: !heat && !gas && (energy || power) };
}

type Candidate = {
  readonly field: FieldName;
  readonly key: string;
  readonly rank: number;
  readonly place: Place;
};

function candidateOf(field: FieldName, medium: Medium): Candidate | undefined {
  const { words, name } = field;
  const label = labelOf(lastSegment(name));
  if (label?.unit === field.unit && label.kind === "cumulative") {
    if (label.carrier === null || label.direction === null || label.quantity !== "energy") return undefined;
    const place = {
      carrier: label.carrier,
      direction: label.direction,
      tariff: label.part ? label.tariff : null,
    };
    return candidate(field, place, TOTALS.includes(lastSegment(name)) ? 0 : 1);
  }
  const carrier = carrierOf(field, medium);
  if (carrier === null) return undefined;
  const direction: Direction =
    carrier === "electricity" && words.some((word) => EXPORT.test(word)) ? "export" : "import";
  if (words.some((word) => PART.test(word) && !(direction === "export" && word === "reverse")))
    return undefined;
  return candidate(field, { carrier, direction, tariff: TARIFF.exec(name)?.[1] ?? null }, rankOf(words));
}

function candidate(field: FieldName, place: Place, rank: number): Candidate {
  return { field, place, rank, key: `${place.carrier} ${place.direction}` };
}

/** What is imported outranks a total: that may be the sum of both directions. */
function rankOf(words: readonly string[]): number {
  if (words.some((word) => /^(?:import|imported|forward|positive|consumed)$/.test(word))) return 0;
  if (words.some((word) => /^(?:total|cumulative|cumulated|sum|accumulated)$/.test(word))) return 1;
  return words.includes("current") ? 2 : 3;
}

function isBetter(one: Candidate, other: Candidate | undefined): boolean {
  if (other === undefined || one.rank !== other.rank) return other === undefined || one.rank < other.rank;
  const [left, right] = [one.field.name, other.field.name];
  return left.length === right.length ? left < right : left.length < right.length;
}

function carrierOf({ quantity }: FieldName, { heat, gas }: Medium): Carrier | null {
  if (quantity === "energy") return gas ? "gas" : heat ? "heat" : "electricity";
  if (quantity === "volume") return gas ? "gas" : heat ? null : "water";
  return null;
}

/** Power and what else is of the moment. The battery's voltage is no supply's. */
function ofMoment({ quantity, words, unit, name }: FieldName, medium: Medium): Partial<Place> {
  if (unit === "" || words.some((word) => word.startsWith("bat"))) return {};
  const label = labelOf(lastSegment(name));
  const part = words.some((word) => PART.test(word));
  if (quantity === "power" && !part && label === undefined) {
    if (medium.gas) return {};
    if (medium.heat) return { carrier: "heat", direction: "import" };
    // Without a word it is net: taken if positive, fed in if negative.
    const says = (pattern: RegExp): boolean => words.some((word) => pattern.test(word));
    const direction = says(EXPORT) ? "export" : says(IMPORT) ? "import" : null;
    return { carrier: "electricity", direction };
  }
  const electrical = ["voltage", "current", "frequency", "reactive-power"].includes(quantity);
  return electrical && medium.electricity ? { carrier: "electricity" } : {};
}

function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
