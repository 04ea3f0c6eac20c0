// Which family reads which profile. A new family adds one line here and its id in the vocabulary.
import type { Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";
import { dsmrP1 } from "./dsmr-p1/index.ts";
import type { Family } from "./family.ts";
import { gateway } from "./gateway/index.ts";
import { senml } from "./senml/index.ts";
import { wmbusmeters } from "./wmbusmeters/index.ts";

export {
  encodeTelegram,
  type MbusMeter,
  type Peak,
  type Phase,
  type TelegramFields,
} from "./dsmr-p1/index.ts";
export { encodeSenml, type SenmlFields, type SenmlValue } from "./senml/index.ts";
export { recognise, type Recognised } from "./gateway/index.ts";

const FAMILIES: Readonly<Record<ProfileId, Family>> = {
  "dsmr-p1": dsmrP1,
  senml,
  wmbusmeters,
  gateway,
};

/** `undefined` for a profile that a database of a later version may name. */
export function decoderFor(profile: string): Decoder | undefined {
  return Object.hasOwn(FAMILIES, profile) ? FAMILIES[profile as ProfileId].decode : undefined;
}
