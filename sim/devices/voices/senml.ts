// A meter that speaks SenML, in JSON or in CBOR; it keeps what it could not send.
import { encodeSenml, encodeSenmlCbor } from "#devices/profiles/index";
import type { Carrier } from "#devices/vocabulary";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";

const INDEX: Readonly<Record<Carrier, { readonly name: string; readonly unit: string }>> = {
  electricity: { name: "energy", unit: "kWh" },
  heat: { name: "heat", unit: "kWh" },
  gas: { name: "gas", unit: "m3" },
  water: { name: "water", unit: "m3" },
};

export function senmlVoice(form: "json" | "cbor"): (input: VoiceInput, carrier: Carrier) => Voice {
  const encode = form === "json" ? encodeSenml : encodeSenmlCbor;
  return (input, carrier) => {
    const { main, serial } = input;
    const baseName = `urn:dev:ow:${serial}:`;
    const { name, unit } = INDEX[carrier];
    return voiceOf("senml", input, steadily(input), ({ trueMs, claimedMs }) => {
      const value = thousandths(main.shownAt(trueMs));
      const records = [{ name, unit, value, sum: form === "json" }];
      return [
        {
          topic: `meter/${name}`,
          payload: encode({ baseName, observedAtMs: claimedMs, records }),
          tells: [telling(main, claimedMs, `${baseName}${name}`, value)],
        },
      ];
    });
  };
}
