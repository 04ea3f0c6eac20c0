// The door of the SenML profile: its decoder, and the encoder that writes what the decoder reads.
import type { Family } from "../family.ts";
import { decodeSenml } from "./decode.ts";
import { recogniseSenml } from "./recognise.ts";

export { encodeSenml, type SenmlFields, type SenmlValue } from "./encode.ts";
export { encodeSenmlCbor } from "./encode-cbor.ts";

export const family: Family = { profile: "senml", decode: decodeSenml, recognise: recogniseSenml };
