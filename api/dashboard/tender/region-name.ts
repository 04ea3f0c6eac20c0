// Where a tender is open, and in what its volume is counted, in words.
import type { Tender } from "../data/tenders.ts";
import type { LoadUnit } from "../text/formats.ts";
import { texts } from "../text/texts.svelte.ts";

/** `BE-BRU` as "Brussels", `BE` as "Belgium"; a region that we have no name for stays a code. */
export function regionName(code: string): string {
  const own = texts.find(`tenders.region.${code}`);
  if (own !== undefined || code.length !== 2) return own ?? code;
  return new Intl.DisplayNames(texts.formats.tag, { type: "region" }).of(code) ?? code;
}

export function regionNames(codes: readonly string[]): string {
  return codes.map(regionName).join(", ");
}

export function volumeUnit(carrier: Tender["carrier"]): LoadUnit {
  return carrier === "gas" || carrier === "water" ? "l" : "Wh";
}
