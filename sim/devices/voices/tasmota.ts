// A plug or meter reader with Tasmota: one SENSOR message a period, in local time without a zone.
import { encodeTasmota } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

export function tasmotaVoice(input: VoiceInput): Voice {
  const { main, serial, timezone } = input;
  return voiceOf("tasmota", input, steadily(input), ({ trueMs, claimedMs }) => {
    const total = thousandths(main.shownAt(trueMs));
    const energy = new Map([
      ["Total", total],
      ["Power", String(Math.round(main.rateAt(trueMs)))],
    ]);
    return [
      {
        topic: `tele/tasmota_${serial}/SENSOR`,
        payload: encodeTasmota({
          observedAtMs: claimedMs,
          timezone,
          groups: new Map([["ENERGY", energy]]),
        }),
        tells: [telling(main, claimedMs, "ENERGY.Total", total)],
      },
    ];
  });
}
