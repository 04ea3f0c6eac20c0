// A meter read by DSMR-reader: the time first, then a topic for each value of that time.
import { encodeDsmrTopics } from "#devices/profiles/index";
import type { Telling, Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type VoiceInput } from "../voice.ts";
import type { TariffRegisters } from "./p1.ts";

export type DsmrTopicsInput = VoiceInput & { readonly tariffs: TariffRegisters };

/** What the topics behind them are read with. */
const INTRODUCING = ["electricity_equipment_id", "timestamp"];

export function dsmrTopicsVoice(input: DsmrTopicsInput): Voice {
  const { tariffs, serial, generationAt } = input;
  return voiceOf("dsmr-topics", input, steadily(input), ({ trueMs, claimedMs: observedAtMs }) => {
    const told = new Map<string, Telling>();
    const fields: Record<string, string> = {};
    const add = (field: string, register: TariffRegisters["importDay"], isTold: boolean) => {
      const value = thousandths(register.shownAt(trueMs));
      fields[field] = value;
      if (isTold) told.set(field, telling(register, observedAtMs, field, value));
    };
    add("electricity_delivered_1", tariffs.importDay, true);
    add("electricity_returned_1", tariffs.exportDay, tariffs.feedsIn);
    add("electricity_delivered_2", tariffs.importNight, true);
    add("electricity_returned_2", tariffs.exportNight, tariffs.feedsIn);
    fields["electricity_currently_delivered"] = thousandths(Math.round(input.main.rateAt(trueMs)));
    const serials = { electricity: `E00${generationAt(trueMs)}${serial}` };
    return encodeDsmrTopics({ prefix: "", observedAtMs, fields, serials }).map((message) => {
      const field = message.topic.split("/").at(-1) ?? "";
      const own = told.get(field);
      return {
        ...message,
        tells: own === undefined ? [] : [own],
        introduces: INTRODUCING.includes(field),
      };
    });
  });
}
