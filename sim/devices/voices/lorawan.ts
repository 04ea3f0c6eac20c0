// Water meters on LoRaWAN: twice a day a burst of 24 back-dated hours behind ChirpStack, or a value an uplink behind The Things Stack.
import { encodeChirpstack, encodeTts } from "#devices/profiles/index";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "#devices/time";
import type { Decimal } from "#devices/decimal";
import type { Voice } from "../../story/story.ts";
import { chance, derive } from "../../world/random.ts";
import { telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

const HOURS = 24;
const UPLINK_EVERY_MS = 12 * HOUR_MS;

/** Uplinks take turns at no instant in particular. */
const jitterMs = ({ seed }: VoiceInput, mostMs: number) =>
  Math.floor((chance(derive(seed, "uplink"), 0) * mostMs) / SECOND_MS) * SECOND_MS;

const euiOf = (serial: string) => `70b3d5${serial}`.padEnd(16, "0");

export function chirpstackVoice(input: VoiceInput): Voice {
  const { main, serial, clock } = input;
  const devEui = euiOf(serial);
  return voiceOf(
    "chirpstack-v4",
    input,
    (fromMs, toMs) =>
      clock.moments(UPLINK_EVERY_MS, fromMs, toMs, MINUTE_MS + jitterMs(input, UPLINK_EVERY_MS - MINUTE_MS)),
    ({ trueMs, claimedMs }, number) => {
      const lastMs = Math.floor(claimedMs / HOUR_MS) * HOUR_MS;
      const hours = Array.from({ length: HOURS }, (_, at) => lastMs - (HOURS - 1 - at) * HOUR_MS);
      const values = hours.map((hourMs) => main.shownAt(clock.trueOf(hourMs)));
      const object = new Map<string, Decimal>([
        ["timestamp_unix", String(lastMs / SECOND_MS)],
        ["log_volume_m3", thousandths(values[0] ?? 0)],
        ...values
          .slice(1)
          .map((value, at): [string, Decimal] => [
            `delta_${at + 1}_m3`,
            thousandths(value - (values[at] ?? 0)),
          ]),
        ["current_volume_m3", thousandths(values.at(-1) ?? 0)],
      ]);
      return [
        {
          topic: `application/1/device/${devEui}/event/up`,
          // The network server's clock is right.
          payload: encodeChirpstack({ devEui, observedAtMs: trueMs, fCnt: number, object }),
          tells: hours.map((hourMs, at) =>
            telling(main, hourMs, "current_volume_m3", thousandths(values[at] ?? 0)),
          ),
        },
      ];
    },
  );
}

export function ttsVoice(input: VoiceInput): Voice {
  const { main, serial, clock, stepMs } = input;
  const deviceId = `water-${serial}`;
  return voiceOf(
    "tts-v3",
    input,
    (fromMs, toMs) => clock.moments(stepMs, fromMs, toMs, jitterMs(input, stepMs)),
    // The time is the network server's: the meter's own clock is never asked.
    ({ trueMs }, number) => {
      const value = thousandths(main.shownAt(trueMs));
      const decodedPayload = new Map([
        ["water_m3", value],
        ["battery", "92"],
      ]);
      return [
        {
          topic: `v3/buildings@ttn/devices/${deviceId}/up`,
          payload: encodeTts({
            deviceId,
            devEui: euiOf(serial),
            observedAtMs: trueMs,
            frameCount: number,
            decodedPayload,
          }),
          tells: [telling(main, trueMs, "water_m3", value)],
        },
      ];
    },
  );
}
