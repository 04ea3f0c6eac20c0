// Captures of real devices: every value with its unit and instant, read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Decoded } from "#devices/reading";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();
const samples = resolve(shared ?? "", "samples/linky-tic-teleinfo2mqtt");
const PREFIX = "MicroTeleinfoV3Adapter";

const bytes = (file: string): Buffer => readFileSync(resolve(samples, `${PREFIX}${file}.json`));

function decode(file: string): Decoded {
  const receivedAtMs = Date.UTC(2025, 3, 14, 11);
  const context = { topic: "teleinfo/data", receivedAtMs, timezone: "Europe/Paris", expectedIntervalS: null };
  return family.decode(bytes(file), context);
}

function linesOf({ observations, rejections }: Decoded): string[] {
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${value} ${register.unit} ${register.carrier ?? "-"} ${at}`;
  });
}

const HISTORY = [
  "ISOUSC 30 A - no time",
  "BASE 6367621 Wh electricity no time",
  "IINST 1 A electricity no time",
  "IMAX 90 A - no time",
  "PAPP 126 VA - no time",
];

describe.runIf(shared !== undefined)("linky-tic", () => {
  test("history mode: one tariff, no time", () => {
    expect(linesOf(decode("Test.historyModeJson"))).toEqual(HISTORY);
    expect(linesOf(decode("Test.recordJson"))).toEqual(HISTORY);
    expect(linesOf(decode("JsonTest.str"))).toEqual([
      "ISOUSC 45 A - no time",
      "BASE 905868888 Wh electricity no time",
      "IINST 22 A electricity no time",
      "IMAX 90 A - no time",
      "PAPP 4110 VA - no time",
    ]);
  });

  test("standard mode of a producer: 14 April 2025 at 12:54:38 in summer is 10:54:38 UTC", () => {
    const frame = "2025-04-14T10:54:38.000Z";
    const zero = ["02", "03", "04", "05", "06", "07", "08", "09", "10"];
    expect(linesOf(decode("Test.standardModeJson"))).toEqual([
      `EAST 32507388 Wh electricity ${frame}`,
      `EASF01 32507388 Wh - ${frame}`,
      ...zero.map((number) => `EASF${number} 0 Wh - ${frame}`),
      `EASD01 7545288 Wh - ${frame}`,
      `EASD02 6699887 Wh - ${frame}`,
      `EASD04 11806842 Wh - ${frame}`,
      `EAIT 9509008 Wh electricity ${frame}`,
      `ERQ1 3136793 varh electricity ${frame}`,
      `ERQ2 15124 varh electricity ${frame}`,
      `ERQ3 1432483 varh electricity ${frame}`,
      `ERQ4 6198829 varh electricity ${frame}`,
      `IRMS1 5 A electricity ${frame}`,
      `IRMS2 0 A electricity ${frame}`,
      `IRMS3 0 A electricity ${frame}`,
      `URMS1 236 V electricity ${frame}`,
      `URMS2 0 V electricity ${frame}`,
      `URMS3 0 V electricity ${frame}`,
      `PREF 12 kVA - ${frame}`,
      `PCOUP 12 kVA - ${frame}`,
      `SINSTS 0 VA - ${frame}`,
      "SMAXSN-1 7000 VA - 2025-04-08T04:11:26.000Z",
      `SINSTI 1156 VA - ${frame}`,
      "SMAXIN 5030 VA - 2025-04-14T10:45:12.000Z",
      "SMAXIN-1 4140 VA - 2025-04-08T10:53:25.000Z",
      "CCASN 0 W electricity 2025-04-14T10:30:00.000Z",
      "CCASN-1 0 W - 2025-04-14T10:00:00.000Z",
      "CCAIN 2556 W electricity 2025-04-14T10:30:00.000Z",
      "CCAIN-1 3582 W - 2025-04-14T10:00:00.000Z",
      "UMOY1 237 V electricity 2025-04-14T10:50:00.000Z",
    ]);
  });

  test("another object is refused, and is nobody's", () => {
    const { observations, rejections } = decode("Test.invalidJson");
    expect([observations.length, rejections.map(({ reason }) => reason)]).toEqual([0, ["reading_malformed"]]);
    expect(family.recognise?.("teleinfo/data", bytes("Test.invalidJson"))).toBeUndefined();
  });

  test("the meter's address names who spoke", () => {
    expect(family.recognise?.("t", bytes("Test.standardModeJson"))).toBe("841875104423");
    expect(family.recognise?.("t", bytes("Test.historyModeJson"))).toBe("123456789123");
  });
});
