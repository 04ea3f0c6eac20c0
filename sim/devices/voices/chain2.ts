// An Italian meter's second chain, read by a Sinapsi Alfa: epoch seconds and values as texts.
import { encodeSinapsi } from "#devices/profiles/index";
import type { Voice } from "../../story/story.ts";
import { steadily, telling, voiceOf, type VoiceInput } from "../voice.ts";

export function chain2Voice(input: VoiceInput): Voice {
  const { main, fedIn, serial } = input;
  return voiceOf("chain2-sinapsi", input, steadily(input), ({ trueMs, claimedMs }) => {
    const told = [
      telling(main, claimedMs, "1-0:1.8.0", String(main.shownAt(trueMs))),
      ...(fedIn === undefined ? [] : [telling(fedIn, claimedMs, "1-0:2.8.0", String(fedIn.shownAt(trueMs)))]),
    ];
    const values = new Map([
      ...told.map(({ register, value }) => [register, value] as const),
      ["1-0:1.7.0", String(Math.round(main.rateAt(trueMs)))],
    ]);
    return [
      {
        topic: `/${serial}/iomtsgdata/key`,
        payload: encodeSinapsi({
          du: serial,
          pod: `IT001E${serial.slice(-8)}`,
          readings: [{ observedAtMs: claimedMs, values }],
        }),
        tells: told,
      },
    ];
  });
}
