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
export { encodeSenml, type SenmlFields, type SenmlValue } from "./senml/index.ts";
export { recognise, type Recognised } from "./recognise.ts";

/** `undefined` for a profile that a database of a later version may name. */
export function decoderFor(profile: string): Decoder | undefined {
  return Object.hasOwn(FAMILIES, profile) ? FAMILIES[profile as ProfileId].decode : undefined;
}
