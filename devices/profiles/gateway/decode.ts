// Messages of devices behind a gateway: whoever nobody has claimed is kept, byte for byte, until somebody does.
import { quoted } from "#devices/quote";
import type { Decoder } from "#devices/reading";

/** Nothing of an unclaimed device is a reading: the same bytes could be any family's. The topic says who speaks. */
export const decodeGateway: Decoder = (_payload, { topic }) => ({
  observations: [],
  rejections: [
    {
      reason: "device_unclaimed",
      detail: `Nobody has claimed the device that speaks on ${quoted(topic)} behind this gateway.`,
    },
  ],
});
