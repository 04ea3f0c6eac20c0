// The door of the homie-5 profile.
import type { Family } from "../family.ts";
import { decodeHomie } from "./decode.ts";
import { recogniseHomie } from "./topic.ts";

export {
  encodeHomieDescription,
  encodeHomieValues,
  type HomieMessage,
  type HomieProperty,
} from "./encode.ts";

export const family: Family = { profile: "homie-5", decode: decodeHomie, recognise: recogniseHomie };
