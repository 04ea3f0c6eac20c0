// Written by profiles/write-families.ts: the folders of profiles/.
export const PROFILE_IDS = [
  "chain2-sinapsi",
  "chirpstack-v4",
  "dsmr-p1",
  "dsmr-topics",
  "emoncms",
  "gateway",
  "homeassistant",
  "homie-5",
  "linky-tic",
  "senml",
  "shelly-gen2",
  "sparkplug-b",
  "tasmota",
  "tts-v3",
  "wmbusmeters",
  "zigbee2mqtt",
] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];
