// A Sparkplug B node: a birth that names its metrics, then data by alias with a sequence that ends where it begins.
import { encodeSparkplug } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

const SEQUENCE = 256;
/** Born anew after so many messages, as after each connection. */
const BORN_EVERY = 300;

export function sparkplugVoice(input: VoiceInput): Voice {
  const { main, serial } = input;
  return voiceOf("sparkplug-b", input, steadily(input), ({ trueMs, claimedMs: observedAtMs }, number) => {
    const value = thousandths(main.shownAt(trueMs));
    const since = number % BORN_EVERY;
    const kind = since === 0 ? "birth" : "data";
    const power = String(Math.round(main.rateAt(trueMs)));
    const metrics = [
      { name: "meter/energy", alias: 1, value, unit: "kWh", observedAtMs },
      { name: "meter/power", alias: 2, value: power, unit: "W", observedAtMs },
    ];
    return [
      {
        topic: `spBv1.0/buildings/${kind === "birth" ? "NBIRTH" : "NDATA"}/node ${serial}`,
        payload: encodeSparkplug(kind, since % SEQUENCE, observedAtMs, metrics),
        // Written as a double.
        tells: [telling(main, observedAtMs, "meter/energy", String(Number(value)))],
        introduces: kind === "birth",
      },
    ];
  });
}
