// Messages made from the source of Zigbee2MQTT: every value read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages, type SpokenMessage } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();

function messages(): SpokenMessage[] {
  const text = readFileSync(resolve(shared ?? "", "samples/zigbee2mqtt/constructed.json"), "utf8");
  const file = JSON.parse(text) as { messages: [string, unknown][] };
  return file.messages.map(([topic, payload]) => ({ topic, payload: Buffer.from(JSON.stringify(payload)) }));
}

describe.runIf(shared !== undefined)("zigbee2mqtt", () => {
  test("a plug: without a time, with a text, with milliseconds; and its availability", () => {
    const context = {
      receivedAtMs: Date.UTC(2026, 0, 16),
      timezone: "Europe/Brussels",
      expectedIntervalS: null,
    };
    const lines = playMessages(family.decode, messages(), context).map(({ observations, rejections }) => {
      expect(rejections).toEqual([]);
      return observations.map(({ register, value, observedAtMs }) => {
        const at = observedAtMs === undefined ? "-" : new Date(observedAtMs).toISOString();
        return `${register.name} ${value} ${register.unit} ${at}`;
      });
    });
    expect(lines).toEqual([
      ["power 24 W -", "energy 235.645 kWh -", "voltage 237 V -", "current 0.1 A -"],
      [
        "power 31 W 2026-01-15T10:00:00.000Z",
        "energy 235.645 kWh 2026-01-15T10:00:00.000Z",
        "voltage 237 V 2026-01-15T10:00:00.000Z",
        "current 0.13 A 2026-01-15T10:00:00.000Z",
      ],
      ["energy 235.645 kWh 2026-01-15T10:00:00.000Z"],
      [],
    ]);
  });
});
