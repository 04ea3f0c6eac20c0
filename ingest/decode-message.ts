// Runs the decoder of a message's profile.
import type { Decoded, Decoder, Observation } from "#devices/reading";
import { ClockSource, type ProfileId } from "#devices/vocabulary";
import { NO_DEVICE_ID } from "#store";
import type { DeviceState } from "./device-state.ts";
import type { IngestMessage } from "./message.ts";

/** What the device said before. */
export type DecoderMemory = Pick<DeviceState, "facts" | "recent">;
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

/** Identity is (register, observedAt) only where the payload or its transport carries the time. */
export function hasOwnTime(observation: Observation): boolean {
  return observation.observedAtMs !== undefined && observation.clock !== ClockSource.broker;
}

/** Of an old message, kept by a foreign broker and delivered on subscribing, what has no time of its own is no reading. */
export function decodeMessage(decoderOf: DecoderOf, message: IngestMessage, memory: DecoderMemory): Decoded {
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
    facts: memory.facts,
    recent: memory.recent,
  });
  const isOld = message.old === true;
  if (!isOld && isStored === undefined) return decoded;
  // A part of it was good the first time: what is stored must not come again in a row of another layout.
  const isNew = (observation: Observation): boolean =>
    (!isOld || hasOwnTime(observation)) && isStored?.(observation) !== true;
  return { ...decoded, observations: decoded.observations.filter(isNew) };
}
