// A Zigbee plug behind zigbee2mqtt: each change of power publishes the whole cached state, the energy of before included.
import { encodeZigbee } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

export function zigbeeVoice(input: VoiceInput): Voice {
  const { main, serial } = input;
  return voiceOf("zigbee2mqtt", input, steadily(input), ({ trueMs }) => {
    const energy = thousandths(main.shownAt(trueMs));
    const properties = new Map([
      ["power", String(Math.round(main.rateAt(trueMs)))],
      ["energy", energy],
    ]);
    return [
      {
        topic: `zigbee2mqtt/cellar/plug ${serial}`,
        payload: encodeZigbee({ properties, linkQuality: 80 + (Math.floor(trueMs / 1000) % 40) }),
        tells: [telling(main, trueMs, "energy", energy)],
      },
    ];
  });
}
