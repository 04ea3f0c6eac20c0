// The door of the wmbusmeters profile.
import type { Family } from "../family.ts";
import { decodeWmbusmeters } from "./decode.ts";
import { recogniseWmbusmeters } from "./telegram.ts";

export const family: Family = {
  profile: "wmbusmeters",
  decode: decodeWmbusmeters,
  recognise: recogniseWmbusmeters,
};
