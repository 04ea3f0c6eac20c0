// The door of the homeassistant profile.
import type { Family } from "../family.ts";
import { decodeHomeAssistant } from "./decode.ts";
import { recogniseConfig } from "./topics.ts";

export {
  encodeDiscovery,
  encodeState,
  type HomeAssistantMessage,
  type HomeAssistantSensor,
} from "./encode.ts";

export const family: Family = {
  profile: "homeassistant",
  decode: decodeHomeAssistant,
  recognise: recogniseConfig,
};
