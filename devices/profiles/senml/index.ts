// The door of the SenML profile: its decoder, and the encoder that writes what the decoder reads.
export { decodeSenml } from "./decode.ts";
export { encodeSenml, type SenmlFields, type SenmlValue } from "./encode.ts";
