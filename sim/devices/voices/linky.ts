// A Linky behind teleinfo2mqtt: standard mode with its horodate, history mode without any time.
import { encodeTic } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, voiceOf, type VoiceInput } from "../voice.ts";

export function linkyVoice(mode: "history" | "standard"): (input: VoiceInput) => Voice {
  const [index, power] = mode === "history" ? ["BASE", "PAPP"] : ["EAST", "SINSTS"];
  return (input) => {
    const { main, fedIn, serial, generationAt } = input;
    const injected = mode === "standard" ? fedIn : undefined;
    return voiceOf("linky-tic", input, steadily(input), ({ trueMs, claimedMs }) => {
      const observedAtMs = mode === "history" ? trueMs : claimedMs;
      const value = String(main.shownAt(trueMs));
      const injectedValue = String(injected?.shownAt(trueMs));
      const entries = [
        { label: index, value },
        ...(injected === undefined ? [] : [{ label: "EAIT", value: injectedValue }]),
        { label: power, value: String(Math.round(main.rateAt(trueMs) * 1.04)) },
      ];
      const meter = `0${generationAt(trueMs)}${serial}`;
      return [
        {
          topic: "teleinfo/data",
          payload: encodeTic({
            mode,
            meter,
            entries,
            ...(mode === "standard" ? { observedAtMs } : {}),
          }),
          tells: [
            telling(main, observedAtMs, index, value),
            ...(injected === undefined ? [] : [telling(injected, observedAtMs, "EAIT", injectedValue)]),
          ],
        },
      ];
    });
  };
}
