// Which decoder reads which profile. A new family adds one line here and its id in the vocabulary.
import type { Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";
import { decodeP1 } from "./dsmr-p1/index.ts";
import { decodeGateway } from "./gateway/index.ts";
import { decodeSenml } from "./senml/index.ts";

export {
  encodeTelegram,
  type MbusMeter,
  type Peak,
  type Phase,
  type TelegramFields,
} from "./dsmr-p1/index.ts";
export { encodeSenml, type SenmlFields, type SenmlValue } from "./senml/index.ts";

const DECODERS: Readonly<Record<ProfileId, Decoder>> = {
  "dsmr-p1": decodeP1,
  senml: decodeSenml,
  gateway: decodeGateway,
};

/** `undefined` for a profile that a database of a later version may name. */
export function decoderFor(profile: string): Decoder | undefined {
  return Object.hasOwn(DECODERS, profile) ? DECODERS[profile as ProfileId] : undefined;
}
