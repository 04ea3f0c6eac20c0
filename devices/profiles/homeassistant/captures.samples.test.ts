// Descriptions made after Home Assistant's documentation by somebody else, and the state that they are about, made here.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages, type SpokenMessage } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();

function messages(): SpokenMessage[] {
  const path = resolve(shared ?? "", "samples/homeassistant-discovery/constructed.json");
  const { messages: list } = JSON.parse(readFileSync(path, "utf8")) as { messages: [string, unknown][] };
  return list.map(([topic, payload]) => ({ topic, payload: Buffer.from(JSON.stringify(payload)) }));
}

describe.runIf(shared !== undefined)("homeassistant", () => {
  test("energy and power of a device, on the topic that both descriptions name", () => {
    const context = {
      receivedAtMs: Date.UTC(2026, 0, 16),
      timezone: "Europe/Brussels",
      expectedIntervalS: null,
    };
    const state = { topic: "zigbee2mqtt/boiler-room", payload: Buffer.from('{"energy":235.645,"power":24}') };
    const answers = playMessages(family.decode, [...messages(), state], context);
    expect(answers.flatMap(({ rejections }) => rejections)).toEqual([]);
    expect(answers.map(({ facts }) => facts?.length)).toEqual([1, 1, undefined]);
    const lines = answers.flatMap(({ observations }) =>
      observations.map(({ register, value }) => {
        const { name, equipmentId, unit, kind, carrier, direction } = register;
        return `${name} ${equipmentId} ${value} ${unit} ${kind} ${carrier} ${direction}`;
      }),
    );
    expect(lines).toEqual([
      "0x00158d0001_energy zigbee2mqtt_0x00158d0001 235.645 kWh cumulative electricity import",
      "0x00158d0001_power  24 W instantaneous electricity null",
    ]);
    for (const { topic, payload } of messages())
      expect(family.recognise?.(topic, payload)).toBe("homeassistant");
  });
});
