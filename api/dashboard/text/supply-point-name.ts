// A supply point as people know it: what flows there, for whom, and its code as it stands on a bill.
import type { SupplyPoint } from "../data/api.ts";
import { texts } from "./texts.svelte.ts";

/** A long code in groups of four is easier to compare with a bill; it stays on one line. */
export function groupedCode(code: string): string {
  return code.replaceAll(/(.{4})(?=.)/g, "$1\u202f");
}

/** `Electricity, common parts`. */
export function supplyPointPlace({ carrier, scope }: Pick<SupplyPoint, "carrier" | "scope">): string {
  const place = texts.text(scope === "common" ? "equipment.scopeCommon" : "equipment.scopePrivate");
  return `${texts.text(`carrier.${carrier}`)}, ${place}`;
}

/** The same with its code, where it has one. */
export function supplyPointName(point: Pick<SupplyPoint, "carrier" | "scope" | "code">): string {
  const place = supplyPointPlace(point);
  return point.code === null ? place : `${place}, ${groupedCode(point.code)}`;
}
