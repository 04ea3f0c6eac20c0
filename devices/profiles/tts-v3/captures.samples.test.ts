// Captures of real devices: every value with its unit and instant, read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Decoded } from "#devices/reading";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();
const samples = resolve(shared ?? "", "samples/tts-v3");

/** The file holds topic and payload; the payload's digits are those of the device. */
function message(file: string): { readonly topic: string; readonly payload: Buffer } {
  const text = readFileSync(resolve(samples, file), "utf8");
  const { topic } = JSON.parse(text) as { topic: string };
  const payload = text.slice(text.indexOf('"payload":') + '"payload":'.length, text.lastIndexOf("}"));
  return { topic, payload: Buffer.from(payload.trim()) };
}

function decode(file: string): Decoded {
  const { topic, payload } = message(file);
  const receivedAtMs = Date.UTC(2026, 2, 1);
  return family.decode(payload, { topic, receivedAtMs, timezone: "Europe/Berlin", expectedIntervalS: null });
}

function linesOf({ observations, rejections }: Decoded): string[] {
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${value} ${register.unit} ${register.carrier ?? "-"} ${at}`;
  });
}

describe.runIf(shared !== undefined)("tts-v3", () => {
  test("air, battery and cistern of a Lobaro Modbus bridge; two relays are null", () => {
    const at = "2024-01-22T07:06:25.054Z";
    expect(linesOf(decode("iobroker-lorawan-01.json"))).toEqual([
      `airhumidity 50.9 %RH - ${at}`,
      `airtemperature 19.9 Cel - ${at}`,
      `port 20  - ${at}`,
      `relais1 0  - ${at}`,
      `relais2 1  - ${at}`,
      `volt 3.649 V - ${at}`,
      `zisternenpegel 2  - ${at}`,
    ]);
  });

  test("the acknowledgement of a downlink is of no interest", () => {
    expect(decode("iobroker-lorawan-02.json")).toEqual({ observations: [], rejections: [] });
  });

  test.each([
    ["iobroker-lorawan-01.json", "70b3d5e050013950"],
    ["iobroker-lorawan-02.json", "a84041162183f8fb"],
  ])("%s is recognised as %s", (file, devEui) => {
    const { topic, payload } = message(file);
    expect(family.recognise?.(topic, payload)).toBe(devEui);
  });
});
