// The canonical text of a JSON value (RFC 8785), so that the reader's own browser can hash a dossier again.

/** What `JSON.parse` gives. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** No white space, names in the order of their UTF-16 code units (3.2.3), numbers as ECMAScript writes them (3.2.2.3). */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(canonicalJson).join(",")}]`;
  const members = Object.entries(value)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/** `Array.isArray` does not tell a read-only list from an object. */
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}
