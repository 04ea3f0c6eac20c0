// Captures of real devices, and messages made from the list of what can be a list: every value read from the files by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();

function linesOf(file: string): string[] {
  const text = readFileSync(resolve(shared ?? "", "samples/tasmota", file), "utf8");
  const { topic, payload } = JSON.parse(text) as { topic: string; payload: unknown };
  const { observations, rejections } = family.decode(Buffer.from(JSON.stringify(payload)), {
    topic,
    receivedAtMs: Date.UTC(2026, 1, 1),
    timezone: "Europe/Paris",
    expectedIntervalS: null,
  });
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${value} ${register.unit} ${register.carrier ?? "-"} ${at}`;
  });
}

const at = (instant: string, values: readonly string[]) => values.map((value) => `${value} ${instant}`);

describe.runIf(shared !== undefined)("tasmota", () => {
  test("a plug with a thermometer", () => {
    expect(linesOf("tele_SENSOR.plug_analog.json")).toEqual(
      at("2024-04-16T07:15:03.000Z", [
        "ANALOG.Temperature 28.6 Cel -",
        "ENERGY.Total 235.645 kWh electricity",
        "ENERGY.Power 24 W electricity",
        "ENERGY.ApparentPower 24 VA -",
        "ENERGY.ReactivePower 0 var -",
        "ENERGY.Factor 1 / -",
        "ENERGY.Voltage 237 V -",
        "ENERGY.Current 0.099 A -",
      ]),
    );
  });

  test("a Linky: the energy group counts, the meter's own labels stand beside it", () => {
    const lines = linesOf("tele_SENSOR.teleinfo_1.json");
    expect(lines.slice(0, 3)).toEqual(
      at("2021-03-13T08:20:26.000Z", [
        "ENERGY.Total 7970.903 kWh electricity",
        "ENERGY.Power 860 W electricity",
        "ENERGY.Current 4 A -",
      ]),
    );
    expect(lines).toContain("TIC.BASE 7970903 Wh - 2021-03-13T08:20:26.000Z");
    expect(lines).toContain("TIC.PAPP 860 VA - 2021-03-13T08:20:26.000Z");
  });

  test("before the clock is set", () => {
    expect(linesOf("constructed.before_ntp.json").every((line) => line.endsWith("no time"))).toBe(true);
  });

  test("three phases", () => {
    const lines = linesOf("constructed.three_phase_array.json");
    expect(lines).toContain("ENERGY.Total 1234.567 kWh electricity 2026-01-15T09:00:00.000Z");
    expect(lines).toContain("ENERGY.ExportActive 1.25 kWh electricity 2026-01-15T09:00:00.000Z");
    expect(lines).toContain("ENERGY.Power 600 W electricity 2026-01-15T09:00:00.000Z");
    expect(lines).toContain("ENERGY.TotalTariff#2 534.467 kWh - 2026-01-15T09:00:00.000Z");
  });
});
