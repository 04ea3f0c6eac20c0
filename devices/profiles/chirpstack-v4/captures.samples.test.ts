// Captures of real devices: every value with its unit and instant, read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Decoded } from "#devices/reading";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();
const samples = resolve(shared ?? "", "samples/chirpstack-v4");

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

describe.runIf(shared !== undefined)("chirpstack-v4", () => {
  test("four analog inputs of a Dragino LT22222; its switches are texts", () => {
    const at = "2024-01-24T16:47:01.573Z";
    expect(linesOf(decode("iobroker-lorawan-03.json")).toSorted()).toEqual([
      `ACI1_mA 0.0 mA - ${at}`,
      `ACI2_mA 0.0 mA - ${at}`,
      `AVI1_V 0.0 V - ${at}`,
      `AVI2_V 0.0 V - ${at}`,
    ]);
  });

  test("the acknowledgement of a downlink is of no interest", () => {
    expect(decode("iobroker-lorawan-04.json")).toEqual({ observations: [], rejections: [] });
  });

  test.each([
    ["iobroker-lorawan-03.json", "a8404127a188d826"],
    ["iobroker-lorawan-04.json", "70b3d52dd300ed31"],
  ])("%s is recognised as %s", (file, devEui) => {
    const { topic, payload } = message(file);
    expect(family.recognise?.(topic, payload)).toBe(devEui);
  });
});
