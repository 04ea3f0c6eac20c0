// The door of the dsmr-topics profile: its decoder, and the encoder that writes what the decoder reads.
import type { Family } from "../family.ts";
import { decodeDsmrTopic } from "./decode.ts";
import { recogniseDsmrTopic } from "./recognise.ts";

export { encodeDsmrTopics, type DsmrFields, type DsmrMessage } from "./encode.ts";

export const family: Family = {
  profile: "dsmr-topics",
  decode: decodeDsmrTopic,
  recognise: recogniseDsmrTopic,
};
