// The door of the P1 profile: its decoder, and the encoder that writes what the decoder reads.
import type { Family } from "../family.ts";
import { decodeP1 } from "./decode.ts";
import { recogniseP1 } from "./recognise.ts";

export { encodeTelegram, type MbusMeter, type Peak, type Phase, type TelegramFields } from "./encode.ts";

export const family: Family = { profile: "dsmr-p1", decode: decodeP1, recognise: recogniseP1 };
