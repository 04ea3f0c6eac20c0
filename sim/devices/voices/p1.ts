// A Belgian P1 meter: a telegram every second or ten (as told), with the hourly gas and the five-minute water behind its M-Bus.
import { encodeTelegram, type TelegramFields } from "#devices/profiles/index";
import type { Telling, Voice } from "../../story/story.ts";
import { steadily, telling, thousandths, voiceOf, type MeterRegister, type VoiceInput } from "../voice.ts";

/** Two tariffs each way. Export is told by every meter, but belongs to a series only where something is fed in. */
export type TariffRegisters = {
  readonly importDay: MeterRegister;
  readonly importNight: MeterRegister;
  readonly exportDay: MeterRegister;
  readonly exportNight: MeterRegister;
  readonly feedsIn: boolean;
};

export type MbusRegister = {
  readonly carrier: "gas" | "water";
  readonly meterId: string;
  readonly register: MeterRegister;
  /** How often the meter passes its index on; between, the telegram repeats it. */
  readonly everyMs: number;
};

export type P1VoiceInput = VoiceInput & {
  readonly tariffs: TariffRegisters;
  readonly mbus: readonly MbusRegister[];
  /** Powers, voltages and peaks of an instant; the indices in it are replaced by what the meter shows. */
  readonly fieldsAt: (trueMs: number) => TelegramFields;
};

export function p1Voice(input: P1VoiceInput): Voice {
  const { clock, tariffs, mbus } = input;
  return voiceOf("dsmr-p1", input, steadily(input), ({ trueMs, claimedMs }) => {
    const { importDay, importNight, exportDay, exportNight } = tariffs;
    const behind = mbus.map(({ carrier, meterId, register, everyMs }) => {
      const observedAtMs = Math.floor(claimedMs / everyMs) * everyMs;
      return {
        carrier,
        meterId,
        observedAtMs,
        register,
        index: register.shownAt(clock.trueOf(observedAtMs)),
      };
    });
    const importWh = [importDay.shownAt(trueMs), importNight.shownAt(trueMs)] as const;
    const exportWh = [exportDay.shownAt(trueMs), exportNight.shownAt(trueMs)] as const;
    const payload = encodeTelegram({
      ...input.fieldsAt(trueMs),
      meterId: `${input.generationAt(trueMs) + 1}SIM${input.serial}`,
      observedAtMs: claimedMs,
      importWh,
      exportWh,
      mbus: behind,
    });
    const tells: Telling[] = [
      telling(importDay, claimedMs, "1-0:1.8.1", thousandths(importWh[0])),
      telling(importNight, claimedMs, "1-0:1.8.2", thousandths(importWh[1])),
      ...(tariffs.feedsIn
        ? [
            telling(exportDay, claimedMs, "1-0:2.8.1", thousandths(exportWh[0])),
            telling(exportNight, claimedMs, "1-0:2.8.2", thousandths(exportWh[1])),
          ]
        : []),
      ...behind.map(({ carrier, register, observedAtMs, index }, at) =>
        telling(register, observedAtMs, `0-${at + 1}:24.2.${carrier === "gas" ? 3 : 1}`, thousandths(index)),
      ),
    ];
    return [{ topic: "p1/telegram", payload, tells }];
  });
}
