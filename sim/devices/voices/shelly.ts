// A Shelly Pro 3EM: counters once a minute on the full minute, and between them only what changed.
import { encodeShelly } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { telling, voiceOf, type VoiceInput } from "../voice.ts";

export function shellyVoice(input: VoiceInput): Voice {
  const { clock, stepMs, main, serial } = input;
  const source = `shellypro3em-${serial}`;
  return voiceOf(
    "shelly-gen2",
    input,
    (fromMs, toMs) => clock.moments(stepMs / 2, fromMs, toMs),
    ({ trueMs, claimedMs }) => {
      const power = new Map([["total_act_power", main.rateAt(trueMs).toFixed(1)]]);
      const full = claimedMs % stepMs === 0;
      const total = `${main.shownAt(trueMs)}.00`;
      const components = full
        ? new Map([["emdata:0", new Map([["total_act", total]])]])
        : new Map([["em:0", power]]);
      return [
        {
          topic: `${source}/events/rpc`,
          payload: encodeShelly({ source, observedAtMs: claimedMs, components }),
          tells: full ? [telling(main, claimedMs, "emdata:0.total_act", total)] : [],
        },
      ];
    },
  );
}
