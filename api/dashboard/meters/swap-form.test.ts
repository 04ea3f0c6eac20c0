// The form of a swap: indices as people write them, the instant by the building's clocks, lines that are left alone.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Register, SupplyPoint } from "../data/api.ts";
import {
  faultsOf,
  formOfSuspicion,
  indexIn,
  linesBetween,
  metersAt,
  requestOf,
  swapMs,
  type SwapForm,
  type SwapLine,
} from "./swap-form.ts";
import type { MeterSwap } from "./swap-view.ts";

const ZONE = "Europe/Brussels";
const NOW = Date.UTC(2026, 2, 10);

const line = (id: string, closing: string, opening: string): SwapLine => ({
  oldRegisterId: id,
  newRegisterId: `${id}0`,
  name: "1-0:1.8.1",
  tariff: "1",
  direction: "import",
  closingUnit: "kWh",
  openingUnit: "kWh",
  closing,
  opening,
});
const form = (change: Partial<SwapForm> = {}): SwapForm => ({
  day: "2026-03-01",
  time: "11:40",
  filledFromMs: undefined,
  lines: [line("1", "1000,5", "0")],
  ...change,
});

test.each([
  ["12345,678", "12345.678"],
  ["12 345,678", "12345.678"],
  ["12\u202f345.6", "12345.6"],
  ["12’345", "12345"],
  [" 007.10 ", "007.10"],
  ["", undefined],
  ["-1", undefined],
  ["1,2,3", undefined],
  ["1.234,5", undefined],
  ["12 kWh", undefined],
  ["1e3", undefined],
  ["1 ,5", undefined],
])("%j is read as %j", (text, index) => {
  expect(indexIn(text)).toBe(index);
});

test("every index that the API gives is read as itself", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9]{1,15}(\.[0-9]{1,9})?$/), (text) => {
      expect(indexIn(text)).toBe(text);
    }),
  );
});

test("a time is the building's, and one that was filled in and not touched is meant to the second, in the hour that comes twice too", () => {
  expect(swapMs(form(), ZONE)).toBe(Date.UTC(2026, 2, 1, 10, 40));
  expect(swapMs(form({ time: "" }), ZONE)).toBeUndefined();
  const second = Date.UTC(2026, 9, 25, 1, 30, 17);
  const suspicion: MeterSwap = {
    key: "",
    keys: [],
    supplyPointId: "1",
    state: "suspected",
    atMs: second,
    sinceMs: undefined,
    oldSerial: "A",
    newSerial: "B",
    kind: "serials",
    registers: [],
  };
  const filled = formOfSuspicion(suspicion, ZONE, ",");
  expect([filled.day, filled.time]).toEqual(["2026-10-25", "02:30"]);
  expect(swapMs(filled, ZONE)).toBe(second);
  expect(swapMs({ ...filled, time: "02:31" }, ZONE)).toBe(Date.UTC(2026, 9, 25, 0, 31));
});

test("what is wrong is said where it is wrong; a line that is empty is left alone, unless all are", () => {
  expect(faultsOf(form(), ZONE, NOW)).toBeUndefined();
  expect(faultsOf(form({ day: "" }), ZONE, NOW)?.when).toBe("meters.form.whenMissing");
  expect(faultsOf(form({ day: "2026-03-10", time: "01:01" }), ZONE, NOW)?.when).toBe("meters.form.whenAhead");
  const half = form({ lines: [line("1", "1000,5", ""), line("2", "", " "), line("3", "x", "1")] });
  expect(faultsOf(half, ZONE, NOW)?.lines).toEqual(
    new Map([
      ["1", { closing: false, opening: true }],
      ["3", { closing: true, opening: false }],
    ]),
  );
  const empty = form({ lines: [line("1", "", ""), line("2", "", "")] });
  expect(faultsOf(empty, ZONE, NOW)?.lines.size).toBe(2);
});

test("the request names what was filled in, and nothing else", () => {
  const two = form({ lines: [line("1", "1 000,5", "0"), line("2", "", "")] });
  expect(requestOf(two, ZONE)).toEqual({
    at: "2026-03-01T10:40:00.000Z",
    registers: [{ oldRegisterId: "1", newRegisterId: "10", closingIndex: "1000.5", openingIndex: "0" }],
  });
});

const point: SupplyPoint = {
  id: "1",
  buildingId: "1",
  carrier: "electricity",
  code: null,
  direction: "both",
  scope: "common",
  unitId: null,
  connectionKva: null,
  vatRate: 0.06,
};
const register = (id: string, change: Partial<Register> = {}): Register => ({
  id,
  deviceId: "1",
  supplyPointId: "1",
  name: "1-0:1.8.1",
  equipmentId: "A",
  carrier: "electricity",
  kind: "cumulative",
  quantity: "energy",
  unit: "kWh",
  tariff: null,
  direction: "import",
  role: "main",
  ...change,
});

test("the meters of a supply point are those of its registers, in force first; others' registers and powers are none", () => {
  const registers = [
    register("1", { equipmentId: "OLD", supplyPointId: null }),
    register("2"),
    register("3", { name: "1-0:2.8.1", direction: "export" }),
    register("4", { kind: "instantaneous", quantity: "power" }),
    register("5", { equipmentId: "X", supplyPointId: "2" }),
    register("6", { equipmentId: "G", carrier: "gas", quantity: "volume", unit: "m³" }),
  ];
  expect(metersAt(registers, point).map(({ serial, registers: its }) => [serial, its.length])).toEqual([
    ["A", 2],
    ["OLD", 1],
  ]);
  expect(metersAt([register("1", { supplyPointId: null })], point)).toEqual([]);
});

test("registers go together by what they count; without a second meter each with itself", () => {
  const old = { serial: "A", registers: [register("2", { tariff: "2" }), register("1", { tariff: "1" })] };
  const young = {
    serial: "B",
    registers: [register("11", { tariff: "1", unit: "Wh" }), register("13", { tariff: "3" })],
  };
  expect(linesBetween(old, young)).toMatchObject([
    { oldRegisterId: "1", newRegisterId: "11", closingUnit: "kWh", openingUnit: "Wh" },
  ]);
  expect(linesBetween(old, old).map((one) => [one.oldRegisterId, one.newRegisterId])).toEqual([
    ["2", "2"],
    ["1", "1"],
  ]);
});
