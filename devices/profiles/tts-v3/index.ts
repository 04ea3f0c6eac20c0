// The door of the tts-v3 profile.
import type { Family } from "../family.ts";
import { decodeTts, recogniseTts } from "./decode.ts";

export { encodeTts, type TtsFields } from "./encode.ts";

export const family: Family = { profile: "tts-v3", decode: decodeTts, recognise: recogniseTts };
