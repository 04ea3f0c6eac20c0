// An emonPi: all keys in one object with its time, or a topic for each without one.
import { encodeEmoncms } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

export function emoncmsVoice(form: "object" | "topics"): (input: VoiceInput) => Voice {
  return (input) => {
    const { main, serial } = input;
    const node = `emonpi${serial}`;
    return voiceOf("emoncms", input, steadily(input), ({ trueMs, claimedMs }) => {
      const observedAtMs = form === "object" ? claimedMs : trueMs;
      const value = thousandths(main.shownAt(trueMs));
      const values = { import_kwh: value, power1: String(Math.round(main.rateAt(trueMs))) };
      const messages = encodeEmoncms({
        node,
        values,
        ...(form === "object" ? { json: { observedAtMs } } : {}),
      });
      const told = [telling(main, observedAtMs, `${node}/import_kwh`, value)];
      return messages.map((message, at) => ({ ...message, tells: at === 0 ? told : [] }));
    });
  };
}
