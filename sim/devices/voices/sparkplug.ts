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
    const power = String(Math.round(main.rateAt(trueMs)));
    const metrics = [
      { name: "meter/energy", alias: 1, value, unit: "kWh", observedAtMs },
      { name: "meter/power", alias: 2, value: power, unit: "W", observedAtMs },
    ];
    const since = (count: number) => ({
      topic: `spBv1.0/buildings/${count === 0 ? "NBIRTH" : "NDATA"}/node ${serial}`,
      payload: Buffer.from(
        encodeSparkplug(count === 0 ? "birth" : "data", count % SEQUENCE, observedAtMs, metrics),
      ),
    });
    const isBirth = number % BORN_EVERY === 0;
    return [
      {
        ...since(number % BORN_EVERY),
        // Written as a double.
        tells: [telling(main, observedAtMs, "meter/energy", String(Number(value)))],
        introduces: isBirth,
        numbered: { number, isBirth, since },
      },
    ];
  });
}
