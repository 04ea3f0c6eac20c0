// Captures of real devices and the vendor's documentation: every value with its unit and instant, read from the files by hand.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedDir } from "#testing";
import { family } from "./index.ts";

const shared = sharedDir();

function linesOf(file: string): string[] {
  const bytes = readFileSync(resolve(shared ?? "", "samples/shelly-gen2", file));
  const { observations, rejections } = family.decode(bytes, {
    topic: "aiida/events/rpc",
    receivedAtMs: Date.UTC(2025, 9, 1),
    timezone: "Europe/Vienna",
    expectedIntervalS: null,
  });
  expect(rejections).toEqual([]);
  return observations.map(({ register, value, observedAtMs }) => {
    const at = observedAtMs === undefined ? "no time" : new Date(observedAtMs).toISOString();
    return `${register.name} ${value} ${register.unit} ${at}`;
  });
}

const at = (instant: string, values: readonly string[]) => values.map((value) => `${value} ${instant}`);

describe.runIf(shared !== undefined)("shelly-gen2", () => {
  test.each(["ShellyJsonTest.EM_DATA_PAYLOAD.json", "doc.EMData.json"])(
    "energies of three phases: %s",
    (file) => {
      const lines = linesOf(file);
      expect(lines.length).toBe(8);
      if (!file.startsWith("Shelly")) return;
      expect(lines).toEqual(
        at("2025-09-05T08:18:00.210Z", [
          "emdata:0.a_total_act_energy 0.06 Wh",
          "emdata:0.a_total_act_ret_energy 0 Wh",
          "emdata:0.b_total_act_energy 0.06 Wh",
          "emdata:0.b_total_act_ret_energy 0.01 Wh",
          "emdata:0.c_total_act_energy 26289.44 Wh",
          "emdata:0.c_total_act_ret_energy 131881.85 Wh",
          "emdata:0.total_act 26289.57 Wh",
          "emdata:0.total_act_ret 131881.86 Wh",
        ]),
      );
    },
  );

  test("a switch that counts both ways", () => {
    expect(linesOf("ShellyJsonTest.SWITCH_PAYLOAD.json")).toEqual(
      at("2025-09-11T11:52:00.010Z", [
        "switch:3.apower 35 W",
        "switch:3.voltage 228.5 V",
        "switch:3.current 77 A",
        "switch:3.freq 50.01 Hz",
        "switch:3.aenergy.total 1235.456 Wh",
        "switch:3.ret_aenergy.total 234.567 Wh",
      ]),
    );
  });

  test("powers of three phases; a current that is null is none", () => {
    const lines = linesOf("doc.EM.json");
    expect(lines.length).toBe(21);
    expect(lines).toContain("em:0.c_act_power -18 W 2025-09-05T08:10:29.080Z");
    expect(lines).toContain("em:0.total_act_power -18.017 W 2025-09-05T08:10:29.080Z");
    expect(lines).toContain("em:0.total_aprt_power 108.708 VA 2025-09-05T08:10:29.080Z");
    expect(lines.some((line) => line.startsWith("em:0.n_current"))).toBe(false);
    expect(linesOf("ShellyJsonTest.EM_PAYLOAD.json").length).toBe(21);
  });

  test("a component that nobody knows is passed over; what is no notification is refused", () => {
    expect(linesOf("ShellyJsonTest.UNKNOWN_COMPONENT_PAYLOAD.json")).toEqual([]);
    expect(() => linesOf("ShellyJsonTest.invalidJson.json")).toThrow();
  });
});
