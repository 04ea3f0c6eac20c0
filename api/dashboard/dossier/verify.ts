// Whether a dossier and the curve beside it are what was published: both hashes computed again from what was received (I6).
import type { Sha256 } from "../tender/verify-log.ts";
import { canonicalJson, type Json } from "./canonical-json.ts";
import { QUARTER_MS, type GroupLoad } from "./profile.ts";

/** `unknown`: this browser has no SHA-256 for a page such as this one, which came over plain HTTP from elsewhere. */
export type Verdict = "verified" | "different" | "unknown";

/** `text` is the dossier as it was sent; its `hash` is that of all the rest. */
export function verifyDossier(text: string, sha256: Sha256 | undefined): Promise<Verdict> {
  const { hash, ...shown } = JSON.parse(text) as { readonly [name: string]: Json };
  return verdict(canonicalJson(shown), hash, sha256);
}

/** The curve's numbers, written as the published CSV, against the `profileSha256` that the dossier's hash covers. */
export function verifyProfile(
  load: GroupLoad,
  published: string,
  sha256: Sha256 | undefined,
): Promise<Verdict> {
  return verdict(profileCsv(load), published, sha256);
}

async function verdict(text: string, told: Json | undefined, sha256: Sha256 | undefined): Promise<Verdict> {
  if (sha256 === undefined) return "unknown";
  return (await sha256(text)) === told ? "verified" : "different";
}

/** Byte for byte the file that the API gives: nothing where a value is missing, lines that end with CR LF. */
export function profileCsv({ fromMs, energies }: GroupLoad): string {
  const lines = ["from,to,energyWh"];
  for (let slot = 0; slot < energies.length; slot += 1) {
    const startMs = fromMs + slot * QUARTER_MS;
    const energy = energies[slot] ?? Number.NaN;
    lines.push(`${instant(startMs)},${instant(startMs + QUARTER_MS)},${Number.isNaN(energy) ? "" : energy}`);
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** Without a fraction of a second, as Temporal writes a full one. */
function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace(".000Z", "Z");
}
