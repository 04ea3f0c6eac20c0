// In which zone a tender's civil days are cut: that of its country.
import { KoproError } from "#devices/error";

/** Countries of one zone. Lots of several zones need a zone for each lot. */
const ZONES: Readonly<Record<string, string>> = {
  AT: "Europe/Vienna",
  BE: "Europe/Brussels",
  CH: "Europe/Zurich",
  DE: "Europe/Berlin",
  FR: "Europe/Paris",
  IT: "Europe/Rome",
  LU: "Europe/Luxembourg",
  NL: "Europe/Amsterdam",
};

/** @throws KoproError `request_invalid` for regions of several countries, or of one whose zone is not known. */
export function tenderZone(regions: readonly string[]): string {
  const countries = new Set(regions.map((region) => region.slice(0, 2)));
  const [country] = countries;
  if (country === undefined || countries.size > 1) {
    throw regionsInvalid(`must be of one country, not of ${[...countries].join(", ") || "none"}`);
  }
  const zone = ZONES[country];
  if (zone === undefined) throw regionsInvalid(`no tender can be made in ${country} yet`);
  return zone;
}

function regionsInvalid(detail: string): KoproError {
  return invalidTender("/regions", detail);
}

export function invalidTender(pointer: string, detail: string): KoproError {
  return new KoproError("request_invalid", `${pointer}: ${detail}.`, {
    extra: { errors: [{ pointer, detail }] },
  });
}
