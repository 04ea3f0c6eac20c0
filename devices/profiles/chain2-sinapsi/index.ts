// The door of the chain2-sinapsi profile.
import type { Family } from "../family.ts";
import { decodeSinapsi } from "./decode.ts";
import { recogniseSinapsi } from "./message.ts";

export { encodeSinapsi, type SinapsiFields, type SinapsiReading } from "./encode.ts";

export const family: Family = {
  profile: "chain2-sinapsi",
  decode: decodeSinapsi,
  recognise: recogniseSinapsi,
};
