// The tiles of the live page: one for the grid each way, one for each meter and sensor, none for a meter's inner life.
import { expect, test } from "vitest";
import { createFormats } from "../text/formats.ts";
import { applyReadings, EMPTY_LIVE_STATE, type LiveReading } from "./live-state.ts";
import { tilesOf } from "./live-tiles.ts";
import type { RegisterInfo } from "./register-role.ts";

const OBSERVED_AT = "2026-01-06T10:00:00.000Z";

type Row = readonly [name: string, carrier: string | null, quantity: string, unit: string, value: string];

function tilesFor(rows: readonly Row[]) {
  const registers = new Map<string, RegisterInfo>();
  const readings = rows.map(([name, carrier, quantity, unit, value], index): LiveReading => {
    const registerId = String(index + 1);
    registers.set(registerId, { name, carrier, quantity, unit, tariff: null, direction: null, role: "main" });
    return {
      registerId,
      deviceId: registerId,
      supplyPointId: registerId,
      name,
      quantity,
      unit,
      value,
      observedAt: OBSERVED_AT,
    };
  });
  const state = applyReadings(EMPTY_LIVE_STATE, readings, registers, Date.parse(OBSERVED_AT));
  return tilesOf(state, createFormats("en-GB")).map(({ key, measure, quantity, detail }) =>
    [key ?? quantity, detail, measure.number, measure.unit].filter(Boolean).join(" "),
  );
}

test("two meters are one tile each way", () => {
  expect(
    tilesFor([
      ["1-0:1.7.0", "electricity", "power", "kW", "1.200"],
      ["1-0:1.7.0", "electricity", "power", "kW", "0.300"],
      ["1-0:2.7.0", "electricity", "power", "kW", "0.000"],
    ]),
  ).toEqual(["live.import 1.50 kW", "live.export 0 W"]);
});

test("gas, water and heat show their index, electricity's is in the list", () => {
  expect(
    tilesFor([
      ["1-0:1.8.1", "electricity", "energy", "kWh", "15.758"],
      ["0-2:24.2.1", "water", "volume", "m3", "872.234"],
      ["0-3:24.2.1", "heat", "energy", "GJ", "12.300"],
    ]),
  ).toEqual(["carrier.water 872.23 m³", "carrier.heat 12.3 GJ"]);
});

test("a room's sensor is a tile, a meter's voltage, tariff and demand are not", () => {
  expect(
    tilesFor([
      ["1-0:32.7.0", "electricity", "voltage", "V", "233.6"],
      ["0-0:96.14.0", "electricity", "tariff", "", "2"],
      ["1-0:1.4.0", "electricity", "demand", "kW", "1.117"],
      ["urn:dev:ow:12:outside", null, "temperature", "Cel", "8.4"],
      ["urn:dev:ow:12:temperature", null, "temperature", "Cel", "19.62"],
    ]),
  ).toEqual(["temperature outside 8.4 °C", "temperature 19.6 °C"]);
});
