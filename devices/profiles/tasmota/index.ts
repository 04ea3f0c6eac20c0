// The door of the tasmota profile.
import type { Family } from "../family.ts";
import { decodeTasmota } from "./decode.ts";
import { recogniseTasmota } from "./message.ts";

export { encodeTasmota, type TasmotaFields } from "./encode.ts";

export const family: Family = { profile: "tasmota", decode: decodeTasmota, recognise: recogniseTasmota };
