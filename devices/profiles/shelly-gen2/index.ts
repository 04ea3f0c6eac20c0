// The door of the shelly-gen2 profile.
import type { Family } from "../family.ts";
import { decodeShelly } from "./decode.ts";
import { recogniseShelly } from "./notification.ts";

export { encodeShelly, type ShellyFields } from "./encode.ts";

export const family: Family = { profile: "shelly-gen2", decode: decodeShelly, recognise: recogniseShelly };
