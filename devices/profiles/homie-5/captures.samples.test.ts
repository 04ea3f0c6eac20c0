// Messages made after the convention by somebody else: every value read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages, type SpokenMessage } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();

function messages(): SpokenMessage[] {
  const text = readFileSync(resolve(shared ?? "", "samples/homie5/constructed.json"), "utf8");
  return (JSON.parse(text) as { messages: [string, unknown][] }).messages.map(([topic, payload]) => ({
    topic,
    payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
  }));
}

describe.runIf(shared !== undefined)("homie-5", () => {
  test("a meter: its state, its description, its energy and its power", () => {
    const context = {
      receivedAtMs: Date.UTC(2026, 0, 16),
      timezone: "Europe/Brussels",
      expectedIntervalS: null,
    };
    const lines = playMessages(family.decode, messages(), context).map(({ observations, rejections }) => {
      expect(rejections).toEqual([]);
      return observations.map(({ register, value, observedAtMs }) => {
        expect(observedAtMs).toBeUndefined();
        return `${register.name} ${register.equipmentId} ${value} ${register.unit} ${register.kind} ${register.direction}`;
      });
    });
    expect(lines).toEqual([
      [],
      [],
      ["main/energy-import meter-01 15423.127 kWh cumulative import"],
      ["main/power meter-01 860 W instantaneous null"],
    ]);
  });
});
