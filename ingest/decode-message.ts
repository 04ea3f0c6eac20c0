// Runs the decoder of a message's profile.
import type { Decoded, Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";
import type { IngestMessage } from "./message.ts";

export type DecoderOf = (profile: ProfileId) => Decoder | undefined;

export function decodeMessage(decoderOf: DecoderOf, message: IngestMessage): Decoded {
  const { device, payload, topic, receivedAtMs } = message;
  const decoder = decoderOf(device.profile);
  if (decoder === undefined) {
    const detail = `There is no decoder for the profile ${device.profile}.`;
    return { observations: [], rejections: [{ reason: "reading_malformed", detail }] };
  }
  return decoder(payload, {
    topic,
    receivedAtMs,
    timezone: device.timezone,
    expectedIntervalS: device.expectedIntervalS,
  });
}
