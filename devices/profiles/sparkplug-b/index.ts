// The door of the sparkplug-b profile.
import type { Family } from "../family.ts";
import { decodeSparkplug } from "./decode.ts";
import { recogniseSparkplug } from "./topic.ts";

export { encodeSparkplug, type SparkplugMetric } from "./encode.ts";

export const family: Family = {
  profile: "sparkplug-b",
  decode: decodeSparkplug,
  recognise: recogniseSparkplug,
};
