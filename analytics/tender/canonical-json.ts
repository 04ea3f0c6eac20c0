// One text for one value: canonical JSON (RFC 8785) and its SHA-256, so that anyone can recompute what a hash stands for.
import { createHash } from "node:crypto";

/**
 * What has a canonical form. No bigint: JSON has no number for it, and silently becoming text would give two values one
 * hash; amounts are decimal text before they come here. No `undefined`: absent is absent, unknown is `null`.
 */
export type CanonicalValue =
  | null
  | boolean
  | number
  | string
  | readonly CanonicalValue[]
  | { readonly [name: string]: CanonicalValue };

/**
 * The text of RFC 8785: no white space, names sorted by UTF-16 code units (3.2.3), numbers as ECMAScript writes them (3.2.2.3).
 * Throws a `TypeError` that names the place for anything that would not come back from JSON as the same value: NaN,
 * infinities, integers beyond 2^53, lone surrogates, `undefined`, bigint, dates, class instances, holes, cycles.
 */
export function canonicalJson(value: CanonicalValue): string {
  return written(value, "$", []);
}

/** SHA-256 of the UTF-8 bytes of `canonicalJson`, lower-case hexadecimal. */
export function canonicalHash(value: CanonicalValue): string {
  return sha256(canonicalJson(value));
}

/** SHA-256 of a text's UTF-8 bytes, lower-case hexadecimal. */
export function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** `above` holds the objects being written: meeting one again is a cycle. */
function written(value: unknown, place: string, above: readonly object[]): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return numberText(value, place);
  if (typeof value === "string") return quoted(value, place);
  if (typeof value !== "object") throw refusal(place, typeof value);
  if (above.includes(value)) throw refusal(place, "a cycle");
  const within = [...above, value];
  if (Array.isArray(value)) return arrayText(value, place, within);
  return objectText(value, place, within);
}

function numberText(value: number, place: string): string {
  if (!Number.isFinite(value)) throw refusal(place, String(value));
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
    throw refusal(place, `the integer ${value}, beyond 2^53`);
  }
  return JSON.stringify(value);
}

function quoted(value: string, place: string): string {
  if (!value.isWellFormed()) throw refusal(place, "text with a lone surrogate");
  return JSON.stringify(value);
}

function arrayText(items: readonly unknown[], place: string, above: readonly object[]): string {
  // `Array.from` also visits holes.
  return `[${Array.from(items, (item, index) => written(item, `${place}[${index}]`, above)).join(",")}]`;
}

function objectText(value: object, place: string, above: readonly object[]): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) throw refusal(place, "an instance of a class");
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${quoted(name, place)}:${written(member, `${place}.${name}`, above)}`);
  return `{${members.join(",")}}`;
}

function refusal(place: string, what: string): TypeError {
  return new TypeError(`Writing canonical JSON: ${place} is ${what}.`);
}
