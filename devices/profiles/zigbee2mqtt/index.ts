// The door of the zigbee2mqtt profile.
import type { Family } from "../family.ts";
import { decodeZigbee } from "./decode.ts";
import { recogniseZigbee } from "./message.ts";

export { encodeZigbee, type ZigbeeFields } from "./encode.ts";

export const family: Family = { profile: "zigbee2mqtt", decode: decodeZigbee, recognise: recogniseZigbee };
