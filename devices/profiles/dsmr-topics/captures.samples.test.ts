// Topics as the Smart Gateways adapter and DSMR-reader publish them, against values read from the file by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { sharedDir } from "#testing";
import { playMessages, spokenMessages } from "../play-messages.ts";
import { family } from "./index.ts";

const shared = sharedDir();

test.runIf(shared !== undefined)("every message has its register, unit, value and time", () => {
  const file = resolve(shared ?? "", "samples/dsmr-split-topics/constructed.json");
  const { messages } = JSON.parse(readFileSync(file, "utf8")) as { messages: unknown };
  const decoded = playMessages(family.decode, spokenMessages(JSON.stringify(messages)), {
    receivedAtMs: Date.UTC(2026, 0, 15, 10, 0, 1),
    timezone: "Europe/Amsterdam",
    expectedIntervalS: null,
  });
  expect(decoded.flatMap(({ rejections }) => rejections)).toEqual([]);
  const lines = decoded.flatMap(({ observations }) =>
    observations.map(({ register: { name, unit, carrier, direction, tariff }, value, observedAtMs }) => {
      const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
      return `${name} ${value} ${unit} ${carrier} ${direction} ${tariff} ${at}`;
    }),
  );
  const telegram = "2026-01-15T10:00:00.000Z";
  expect(lines).toEqual([
    `electricity_delivered_1 1234.567 kWh electricity import 1 ${telegram}`,
    `electricity_delivered_2 2345.678 kWh electricity import 2 ${telegram}`,
    `electricity_returned_1 12.345 kWh electricity export 1 ${telegram}`,
    `electricity_returned_2 45.678 kWh electricity export 2 ${telegram}`,
    `electricity_currently_delivered 0.420 kW electricity import null ${telegram}`,
    `electricity_currently_returned 0.000 kW electricity export null ${telegram}`,
    "extra_device_delivered 1456.789 m3 gas import null 2026-01-15T09:55:00.000Z",
    "electricity_tariff 2  electricity null null no time",
    "electricity_delivered_1 3845.467 kWh electricity import 1 no time",
    "electricity_returned_2 1435.228 kWh electricity export 2 no time",
    "electricity_currently_delivered 0.531 kW electricity import null no time",
    "phase_currently_delivered_l3 460 W electricity import null no time",
  ]);
});
