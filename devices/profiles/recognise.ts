// Who spoke through a gateway: each family is asked whether the message is one of its own.
import type { ProfileId } from "#devices/vocabulary";
import { FAMILIES } from "./families.ts";

/** How a gateway names the device that spoke, and the family whose bytes these are. */
export type Recognised = {
  /** Storable text of 1 to 256 characters, the same for every message of the device. */
  readonly externalId: string;
  /** `null`: no family knows these bytes. */
  readonly profile: ProfileId | null;
};

const EXTERNAL_ID_MAX = 256;

/** Pure and total. No message is of two families (`recognise.test.ts`), so their order is nobody's concern. What does not name itself is named by its topic. */
export function recognise(topic: string, payload: Uint8Array): Recognised {
  for (const { profile, recognise: ask } of Object.values(FAMILIES)) {
    const name = ask?.(topic, payload);
    if (name !== undefined) return { externalId: externalIdOf(name === "" ? topic : name), profile };
  }
  return { externalId: externalIdOf(topic), profile: null };
}

/** NUL and half a surrogate pair, which no text column takes, become U+FFFD. */
function externalIdOf(name: string): string {
  return name.slice(0, EXTERNAL_ID_MAX).toWellFormed().replaceAll("\0", "\u{fffd}");
}
