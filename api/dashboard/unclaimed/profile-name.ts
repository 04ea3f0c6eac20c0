// Families of devices by the names that people know them by.
import type { Profile } from "../data/unclaimed.ts";
import { texts } from "../text/texts.svelte.ts";

/** What a device behind a gateway can be. */
export const PROFILES = [
  "wmbusmeters",
  "chirpstack-v4",
  "tts-v3",
  "zigbee2mqtt",
  "shelly-gen2",
  "tasmota",
  "homeassistant",
  "homie-5",
  "sparkplug-b",
  "dsmr-p1",
  "dsmr-topics",
  "linky-tic",
  "chain2-sinapsi",
  "emoncms",
  "senml",
] as const satisfies readonly Profile[];

/** A family without a text here would be missing from the choice: an error of the compiler. */
const _everyFamily: readonly Profile[] extends readonly (typeof PROFILES)[number][] ? true : never = true;
void _everyFamily;

export function profileName(profile: string): string {
  return texts.find(`profile.${profile}`) ?? texts.text("profile.other", { profile });
}
