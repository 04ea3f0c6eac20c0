// The door of the wmbusmeters profile: its decoder, and the encoder that writes what the decoder reads.
import type { Family } from "../family.ts";
import { decodeWmbusmeters } from "./decode.ts";
import { recogniseWmbusmeters } from "./telegram.ts";

export { encodeWmbus, type WmbusFields } from "./encode.ts";

export const family: Family = {
  profile: "wmbusmeters",
  decode: decodeWmbusmeters,
  recognise: recogniseWmbusmeters,
};
