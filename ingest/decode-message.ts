// Runs the decoder of a message's profile.
import type { Decoded, Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";
import { NO_DEVICE_ID } from "#store";
import type { IngestMessage } from "./message.ts";

export type DecoderOf = (profile: ProfileId) => Decoder | undefined;

const UNKNOWN: Decoded = {
  observations: [],
  rejections: [
    {
      reason: "device_unknown",
      detail: "The topic names no device that is registered here: d/<device>/<topic>.",
    },
  ],
};

export function decodeMessage(decoderOf: DecoderOf, message: IngestMessage): Decoded {
  const { device, payload, topic, receivedAtMs, isStored } = message;
  if (device.id === NO_DEVICE_ID) return UNKNOWN;
  const decoder = decoderOf(device.profile);
  if (decoder === undefined) {
    const detail = `There is no decoder for the profile ${device.profile}.`;
    return { observations: [], rejections: [{ reason: "reading_malformed", detail }] };
  }
  const decoded = decoder(payload, {
    topic,
    receivedAtMs,
    timezone: device.timezone,
    expectedIntervalS: device.expectedIntervalS,
  });
  if (isStored === undefined) return decoded;
  // A part of it was good the first time: what is stored must not come again in a row of another layout.
  return { ...decoded, observations: decoded.observations.filter((observation) => !isStored(observation)) };
}
