// Which families' messages are each whole in itself, so that more can be asked of them.
import type { ProfileId } from "#devices/vocabulary";

const ALWAYS_SPEAKS: ReadonlySet<ProfileId> = new Set(["dsmr-p1", "gateway", "senml", "wmbusmeters"]);
const READ_ALONE: ReadonlySet<ProfileId> = new Set([
  ...ALWAYS_SPEAKS,
  "chain2-sinapsi",
  "chirpstack-v4",
  "emoncms",
  "linky-tic",
  "tts-v3",
]);

/**
 * Whether every message, whatever its bytes, gives an observation or a rejection. Elsewhere some are about availability, joins
 * or settings, and rightly say nothing.
 */
export function saysSomething(profile: ProfileId): boolean {
  return ALWAYS_SPEAKS.has(profile);
}

/** Whether a message means the same whatever came before: read again, alone, it shows what must be stored of it. */
export function isReadAlone(profile: ProfileId): boolean {
  return READ_ALONE.has(profile);
}
