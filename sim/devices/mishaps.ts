// What goes wrong with devices in real cellars: weak reception that leaves gaps, and a cable that garbles telegrams.
import { DAY_MS, HOUR_MS } from "#devices/time";
import { chance, derive } from "../world/random.ts";
import type { Speech } from "./speech.ts";

/** Out of reach once a day, for two and a half to six hours: longer than a line may bridge. */
export function withWeakReception(speech: Speech, seed: number): Speech {
  const moods = derive(seed, "reception");
  const silent = (instantMs: number) => {
    const day = Math.floor(instantMs / DAY_MS);
    const startMs = day * DAY_MS + Math.floor(17 * chance(moods, 2 * day)) * HOUR_MS;
    return instantMs >= startMs && instantMs < startMs + (2.5 + 3.5 * chance(moods, 2 * day + 1)) * HOUR_MS;
  };
  return { ...speech, messageAt: (at) => (silent(at) ? undefined : speech.messageAt(at)) };
}

/** Three of four telegrams arrive with one wrong character: the checksum tells. Speaks once a minute. */
export function withDamagedCable(speech: Speech, seed: number): Speech {
  const bites = derive(seed, "cable");
  return {
    ...speech,
    liveStepMs: 60_000,
    historyStepMs: HOUR_MS,
    messageAt: (at) => {
      const telegram = speech.messageAt(at);
      const second = Math.floor(at / 1000);
      if (telegram === undefined || chance(bites, second) > 0.75) return telegram;
      const garbled = Buffer.from(telegram);
      // Inside the value of the first register: a digit becomes another.
      const place = garbled.indexOf("1-0:1.8.1(") + 10 + Math.floor(6 * chance(bites ^ 1, second));
      garbled[place] = 0x30 + (((garbled[place] ?? 0x30) - 0x30 + 5) % 10);
      return garbled;
    },
  };
}
