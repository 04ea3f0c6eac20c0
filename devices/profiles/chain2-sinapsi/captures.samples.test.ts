// Captures of real devices: every value with its unit and instant, read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import type { Decoded } from "#devices/reading";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();
const samples = resolve(shared ?? "", "samples/italy-chain2-sinapsi");
const TOPIC = "/made/iomtsgdata/a1b2c3-1a2b3";
const bytes = (): Buffer => readFileSync(resolve(samples, "SinapsiAlfaEntryJsonTest.PAYLOAD_ENTRY.json"));

function decode(payload: Uint8Array): Decoded {
  const receivedAtMs = Date.UTC(2025, 8, 10, 13);
  return family.decode(payload, {
    topic: TOPIC,
    receivedAtMs,
    timezone: "Europe/Rome",
    expectedIntervalS: null,
  });
}

function linesOf({ observations, rejections }: Decoded): string[] {
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${value} ${register.unit} ${register.carrier ?? "-"} ${at}`;
  });
}

describe.runIf(shared !== undefined)("chain2-sinapsi", () => {
  test("59 W at 1757506202 seconds, alone and in the list in which it is published", () => {
    const expected = ["1-0:1.7.0 59 W electricity 2025-09-10T12:10:02.000Z"];
    expect(linesOf(decode(bytes()))).toEqual(expected);
    expect(linesOf(decode(Buffer.from(`[${bytes().toString()}]`)))).toEqual(expected);
  });

  test("the point of delivery names who spoke", () => {
    expect(family.recognise?.(TOPIC, bytes())).toBe("IT00123456789A");
  });
});
