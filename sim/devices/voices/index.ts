// Every family that a simulated meter can speak: what it can tell, how often, whose time, and what can befall it.
import { HOUR_MS, MINUTE_MS } from "#devices/time";
import type { Carrier, ProfileId } from "#devices/vocabulary";
import type { MeterFaultKind } from "../../story/fault-kinds.ts";
import type { Voice } from "../../story/story.ts";
import type { Country } from "../../world/absences.ts";
import type { VoiceInput } from "../voice.ts";
import { chain2Voice } from "./chain2.ts";
import { emoncmsVoice } from "./emoncms.ts";
import { homeAssistantVoice } from "./home-assistant.ts";
import { homieVoice } from "./homie.ts";
import { linkyVoice } from "./linky.ts";
import { chirpstackVoice, ttsVoice } from "./lorawan.ts";
import { senmlVoice } from "./senml.ts";
import { shellyVoice } from "./shelly.ts";
import { sparkplugVoice } from "./sparkplug.ts";
import { tasmotaVoice } from "./tasmota.ts";
import { wmbusVoice } from "./wmbus.ts";
import { zigbeeVoice } from "./zigbee.ts";

/**
 * Whose time a message bears: its own with an offset; its own in local time, which is told apart by its arrival; the network
 * server's; one that a message just before it told; or none, so that it counts from its arrival.
 */
export const TOLD_TIMES = ["offset", "local", "server", "before", "none"] as const;
export type ToldTime = (typeof TOLD_TIMES)[number];

export type FamilyTraits = {
  readonly profile: ProfileId;
  readonly carriers: readonly Carrier[];
  readonly time: ToldTime;
  /** Keeps what it could not send, and sends it afterwards. */
  readonly keeps: boolean;
  readonly stepMs: number;
  /** With which it speaks as it comes out of its box. */
  readonly qos: 0 | 1 | 2;
  readonly meterFaults: readonly MeterFaultKind[];
  /** Only a value other than the one before is a reading. */
  readonly onChange: boolean;
  /** Where grid operators hang such meters; absent: it hangs anywhere. */
  readonly countries?: readonly Country[];
};

export type OneRegisterFamily = FamilyTraits & {
  readonly voice: (input: VoiceInput, carrier: Carrier) => Voice;
};

/** A meter's own port knows its unit; a gateway's table may be wrong by a thousand, and its counter may have none. */
const OF_A_METER: readonly MeterFaultKind[] = ["reset", "rollover", "glitch", "swap"];
const OF_A_GATEWAY: readonly MeterFaultKind[] = [...OF_A_METER, "sentinel", "slip"];

const POWER: FamilyTraits = {
  profile: "senml",
  carriers: ["electricity"],
  time: "offset",
  keeps: false,
  stepMs: MINUTE_MS,
  qos: 1,
  meterFaults: OF_A_GATEWAY,
  onChange: false,
};

/** Those with two tariffs; they are made by `equip-site.ts`. */
export const TARIFF_FAMILIES = {
  "dsmr-p1": { ...POWER, profile: "dsmr-p1", meterFaults: OF_A_METER, countries: ["BE"] },
  "dsmr-topics": {
    ...POWER,
    profile: "dsmr-topics",
    time: "before",
    meterFaults: OF_A_METER,
    countries: ["BE"],
  },
} as const satisfies Record<string, FamilyTraits>;

export const ONE_REGISTER_FAMILIES = {
  senml: { ...POWER, carriers: ["electricity", "water"], keeps: true, voice: senmlVoice("json") },
  "senml-cbor": { ...POWER, carriers: ["electricity", "water"], keeps: true, voice: senmlVoice("cbor") },
  "shelly-gen2": { ...POWER, profile: "shelly-gen2", qos: 0, voice: shellyVoice },
  tasmota: {
    ...POWER,
    profile: "tasmota",
    time: "local",
    stepMs: 5 * MINUTE_MS,
    qos: 0,
    voice: tasmotaVoice,
  },
  zigbee2mqtt: { ...POWER, profile: "zigbee2mqtt", time: "none", qos: 0, onChange: true, voice: zigbeeVoice },
  "linky-standard": {
    ...POWER,
    profile: "linky-tic",
    meterFaults: OF_A_METER,
    countries: ["FR"],
    voice: linkyVoice("standard"),
  },
  "linky-history": {
    ...POWER,
    profile: "linky-tic",
    time: "none",
    meterFaults: OF_A_METER,
    countries: ["FR"],
    voice: linkyVoice("history"),
  },
  "chain2-sinapsi": {
    ...POWER,
    profile: "chain2-sinapsi",
    stepMs: 15 * MINUTE_MS,
    keeps: true,
    meterFaults: OF_A_METER,
    countries: ["IT"],
    voice: chain2Voice,
  },
  emoncms: { ...POWER, profile: "emoncms", qos: 2, voice: emoncmsVoice("object") },
  "emoncms-topics": { ...POWER, profile: "emoncms", time: "none", qos: 2, voice: emoncmsVoice("topics") },
  "homie-5": { ...POWER, profile: "homie-5", time: "none", voice: homieVoice },
  homeassistant: {
    ...POWER,
    profile: "homeassistant",
    time: "none",
    qos: 0,
    onChange: true,
    voice: homeAssistantVoice,
  },
  "sparkplug-b": { ...POWER, profile: "sparkplug-b", keeps: true, qos: 0, voice: sparkplugVoice },
  wmbusmeters: {
    ...POWER,
    profile: "wmbusmeters",
    carriers: ["water"],
    stepMs: 5 * MINUTE_MS,
    qos: 0,
    voice: wmbusVoice,
  },
  "chirpstack-v4": {
    ...POWER,
    profile: "chirpstack-v4",
    carriers: ["water"],
    stepMs: HOUR_MS,
    qos: 0,
    // Deltas are never negative, and the radio keeps its own count.
    meterFaults: [],
    voice: chirpstackVoice,
  },
  "tts-v3": {
    ...POWER,
    profile: "tts-v3",
    carriers: ["water"],
    time: "server",
    stepMs: HOUR_MS,
    qos: 0,
    voice: ttsVoice,
  },
} as const satisfies Record<string, OneRegisterFamily>;

export type FamilyName = keyof typeof TARIFF_FAMILIES | keyof typeof ONE_REGISTER_FAMILIES;
