// A water meter on wireless M-Bus, heard by wmbusmeters every few minutes, at no instant in particular.
import { encodeWmbus } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { chance, derive } from "../../world/random.ts";
import { telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

export function wmbusVoice(input: VoiceInput): Voice {
  const { main, serial, generationAt, stepMs, clock, seed } = input;
  const jitter = derive(seed, "radio");
  return voiceOf(
    "wmbusmeters",
    input,
    (fromMs, toMs) => clock.moments(stepMs, fromMs, toMs, Math.floor(chance(jitter, 0) * stepMs)),
    (moment) => {
      // The receiver's time, to the second, a moment after.
      const observedAtMs = Math.floor(moment.claimedMs / 1000) * 1000;
      const value = thousandths(main.shownAt(moment.trueMs - (moment.claimedMs - observedAtMs)));
      const id = String((Number(serial) + generationAt(moment.trueMs)) % 1e8).padStart(8, "0");
      return [
        {
          topic: `wmbusmeters/${id}`,
          payload: encodeWmbus({
            media: "cold water",
            meter: "multical21",
            id,
            observedAtMs,
            values: new Map([
              ["total_m3", value],
              ["flow_temperature_c", "12"],
            ]),
          }),
          tells: [telling(main, observedAtMs, "total_m3", value)],
        },
      ];
    },
  );
}
