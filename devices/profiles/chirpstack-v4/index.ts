// The door of the chirpstack-v4 profile.
import type { Family } from "../family.ts";
import { decodeChirpstack, recogniseChirpstack } from "./decode.ts";

export { encodeChirpstack, type ChirpstackFields } from "./encode.ts";

export const family: Family = {
  profile: "chirpstack-v4",
  decode: decodeChirpstack,
  recognise: recogniseChirpstack,
};
