// The door of the emoncms profile: its decoder, and the encoder that writes what the decoder reads.
import type { Family } from "../family.ts";
import { decodeEmoncms } from "./decode.ts";
import { recogniseEmoncms } from "./recognise.ts";

export { encodeEmoncms, type EmoncmsFields, type EmoncmsMessage } from "./encode.ts";

export const family: Family = { profile: "emoncms", decode: decodeEmoncms, recognise: recogniseEmoncms };
