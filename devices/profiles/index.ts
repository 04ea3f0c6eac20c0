// Which family reads which profile.
import type { Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";
import { FAMILIES } from "./families.ts";

export {
  encodeTelegram,
  type MbusMeter,
  type Peak,
  type Phase,
  type TelegramFields,
} from "./dsmr-p1/index.ts";
export { encodeSenml, encodeSenmlCbor, type SenmlFields, type SenmlValue } from "./senml/index.ts";
export { encodeSinapsi } from "./chain2-sinapsi/index.ts";
export { encodeChirpstack } from "./chirpstack-v4/index.ts";
export { encodeDsmrTopics } from "./dsmr-topics/index.ts";
export { encodeEmoncms } from "./emoncms/index.ts";
export { encodeDiscovery, encodeState } from "./homeassistant/index.ts";
export { encodeHomieDescription, encodeHomieValues } from "./homie-5/index.ts";
export { encodeTic } from "./linky-tic/index.ts";
export { encodeShelly } from "./shelly-gen2/index.ts";
export { encodeSparkplug } from "./sparkplug-b/index.ts";
export { encodeTasmota } from "./tasmota/index.ts";
export { encodeTts } from "./tts-v3/index.ts";
export { encodeWmbus } from "./wmbusmeters/index.ts";
export { encodeZigbee } from "./zigbee2mqtt/index.ts";
export { recognise, type Recognised } from "./recognise.ts";

/** `undefined` for a profile that a database of a later version may name. */
export function decoderFor(profile: string): Decoder | undefined {
  return Object.hasOwn(FAMILIES, profile) ? FAMILIES[profile as ProfileId].decode : undefined;
}
