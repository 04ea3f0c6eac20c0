// The columns of a header by their names, and what to say when one is missing.
import { plainName } from "./cells.ts";
import { FileFault } from "./row-fault.ts";

/** Places by name, compared without case, accents and punctuation. @throws FileFault */
export function columnsNamed<Name extends string>(
  header: readonly string[],
  wanted: Readonly<Record<Name, string>>,
  example: string,
): Readonly<Record<Name, number>> {
  const names = header.map(plainName);
  const places = Object.entries<string>(wanted).map(([key, name]) => {
    const at = names.indexOf(plainName(name));
    if (at >= 0) return [key, at] as const;
    const detail = `The column ${name} is missing. The first line must be ${example}.`;
    throw new FileFault("header_invalid", detail, { line: 1, column: name });
  });
  return Object.fromEntries(places) as Record<Name, number>;
}

/** Whether a header has all of these. */
export function hasColumns(header: readonly string[], wanted: readonly string[]): boolean {
  const names = new Set(header.map(plainName));
  return wanted.every((name) => names.has(plainName(name)));
}
