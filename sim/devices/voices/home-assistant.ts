// Something that Home Assistant discovers: its sensors described, retained, then states without any time.
import { encodeDiscovery, encodeState } from "#devices/profiles/index";
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

const SENSORS = [
  { object: "energy", field: "energy", unit: "kWh", deviceClass: "energy", stateClass: "total_increasing" },
  { object: "power", field: "power", unit: "W", deviceClass: "power", stateClass: "measurement" },
] as const;

export function homeAssistantVoice(input: VoiceInput): Voice {
  const { main, serial, stepMs } = input;
  const device = `reader_${serial}`;
  const stateTopic = `home/${device}/state`;
  return voiceOf("homeassistant", input, steadily(input), (moment, number) => {
    const energy = thousandths(main.shownAt(moment.trueMs));
    const power = String(Math.round(main.rateAt(moment.trueMs)));
    const described = isFirstOf(DESCRIBED_EVERY_MS, moment, stepMs, number)
      ? encodeDiscovery(device, stateTopic, SENSORS).map((message) => ({
          ...message,
          retain: true,
          introduces: true,
        }))
      : [];
    const state = encodeState(
      stateTopic,
      new Map([
        ["energy", energy],
        ["power", power],
      ]),
    );
    return [...described, { ...state, tells: [telling(main, moment.trueMs, `${device}_energy`, energy)] }];
  });
}
