// Random secrets, shown once and kept as SHA-256: long enough that a slow hash would add nothing.
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** The prefix says what was found when one turns up where it should not be, and lets scanners recognise it. */
const PREFIXES = { session: "kps_", apiToken: "kpt_", invitation: "kpi_", device: "kpd_", csrf: "" } as const;

/** 256 random bits, URL-safe. */
export function newSecret(kind: keyof typeof PREFIXES): string {
  return PREFIXES[kind] + randomBytes(32).toString("base64url");
}

export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Compares without telling by its duration how much was right. */
export function sameSecret(given: string, expected: string): boolean {
  return timingSafeEqual(hashOf(given), hashOf(expected));
}
