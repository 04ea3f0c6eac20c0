// A Homie 5 device: described once, retained, then a value a topic without any time.
import { encodeHomieDescription, encodeHomieValues } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import {
  DESCRIBED_EVERY_MS,
  isFirstOf,
  steadily,
  telling,
  thousandths,
  voiceOf,
  type VoiceInput,
} from "../voice.ts";

export function homieVoice(input: VoiceInput): Voice {
  const { main, serial, stepMs } = input;
  const device = `meter-${serial}`;
  return voiceOf("homie-5", input, steadily(input), (moment, number) => {
    const energy = thousandths(main.shownAt(moment.trueMs));
    const power = String(Math.round(main.rateAt(moment.trueMs)));
    const properties = [
      { node: "meter", property: "energy", unit: "kWh", value: energy },
      { node: "meter", property: "power", unit: "W", value: power },
    ];
    const described = isFirstOf(DESCRIBED_EVERY_MS, moment, stepMs, number)
      ? [{ ...encodeHomieDescription(device, 1, properties), retain: true, introduces: true }]
      : [];
    const told = [telling(main, moment.trueMs, "meter/energy", energy)];
    const values = encodeHomieValues(device, properties);
    return [...described, ...values.map((message, at) => ({ ...message, tells: at === 0 ? told : [] }))];
  });
}
