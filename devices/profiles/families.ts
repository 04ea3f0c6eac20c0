// Written by write-families.ts: the door of every family.
import type { ProfileId } from "#devices/vocabulary";
import { family as chain2Sinapsi } from "./chain2-sinapsi/index.ts";
import { family as chirpstackV4 } from "./chirpstack-v4/index.ts";
import { family as dsmrP1 } from "./dsmr-p1/index.ts";
import { family as dsmrTopics } from "./dsmr-topics/index.ts";
import { family as emoncms } from "./emoncms/index.ts";
import { family as gateway } from "./gateway/index.ts";
import { family as homeassistant } from "./homeassistant/index.ts";
import { family as homie5 } from "./homie-5/index.ts";
import { family as linkyTic } from "./linky-tic/index.ts";
import { family as senml } from "./senml/index.ts";
import { family as shellyGen2 } from "./shelly-gen2/index.ts";
import { family as sparkplugB } from "./sparkplug-b/index.ts";
import { family as tasmota } from "./tasmota/index.ts";
import { family as ttsV3 } from "./tts-v3/index.ts";
import { family as wmbusmeters } from "./wmbusmeters/index.ts";
import { family as zigbee2mqtt } from "./zigbee2mqtt/index.ts";
import type { Family } from "./family.ts";

export const FAMILIES: Readonly<Record<ProfileId, Family>> = {
  "chain2-sinapsi": chain2Sinapsi,
  "chirpstack-v4": chirpstackV4,
  "dsmr-p1": dsmrP1,
  "dsmr-topics": dsmrTopics,
  emoncms,
  gateway,
  homeassistant,
  "homie-5": homie5,
  "linky-tic": linkyTic,
  senml,
  "shelly-gen2": shellyGen2,
  "sparkplug-b": sparkplugB,
  tasmota,
  "tts-v3": ttsV3,
  wmbusmeters,
  zigbee2mqtt,
};
