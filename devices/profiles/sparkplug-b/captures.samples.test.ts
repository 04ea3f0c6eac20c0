// Messages that another encoder wrote: every value with its unit and instant, read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();
const file = "samples/sparkplug-b/encoded_by_npm_sparkplug-payload_1.0.3.json";

describe.runIf(shared !== undefined)("sparkplug-b", () => {
  test("a node and its meter: born, by alias, late, null, round the end of the sequence, dead", () => {
    const text = readFileSync(resolve(shared ?? "", file), "utf8");
    const messages = (JSON.parse(text) as { topic: string; hex: string }[]).map(({ topic, hex }) => ({
      topic,
      payload: Buffer.from(hex, "hex"),
    }));
    const context = {
      receivedAtMs: Date.UTC(2026, 0, 16),
      timezone: "Europe/Brussels",
      expectedIntervalS: null,
    };
    const answers = playMessages(family.decode, messages, context);
    const lines = answers.flatMap(({ observations, rejections }) => {
      expect(rejections).toEqual([]);
      return observations.map(({ register, value, observedAtMs }) => {
        return `${register.name} ${register.equipmentId} ${value} ${register.unit} ${new Date(observedAtMs ?? 0).toISOString()}`;
      });
    });
    expect(lines).toEqual([
      "Energy/Import meter-1 15423.127 kWh 2026-01-15T10:00:00.000Z",
      "Power meter-1 860.5 W 2026-01-15T10:00:00.000Z",
      "Energy/Import meter-1 15423.141 kWh 2026-01-15T10:01:00.000Z",
      "Power meter-1 812.25 W 2026-01-15T10:01:00.000Z",
      "Energy/Import meter-1 15422.5 kWh 2026-01-15T09:00:00.000Z",
      "Energy/Import meter-1 15423.16 kWh 2026-01-15T10:03:00.000Z",
      "Energy/Import meter-1 15423.17 kWh 2026-01-15T10:04:00.000Z",
    ]);
  });
});
