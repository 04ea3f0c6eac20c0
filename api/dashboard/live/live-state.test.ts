// The live state: order and repetition do not matter, the window is bounded, and the building's power is its main meters'.
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  applyReadings,
  EMPTY_LIVE_STATE,
  gridPowerOf,
  LIVE_WINDOW_MS,
  parseLiveEvent,
  withHistory,
  withRegisters,
  type LiveReading,
} from "./live-state.ts";
import { roleOf } from "./register-role.ts";

const START_MS = Date.parse("2026-01-06T10:00:00Z");
const NO_REGISTERS = new Map();

function reading(registerId: string, name: string, value: string, second: number): LiveReading {
  return {
    registerId,
    deviceId: "1",
    supplyPointId: "1",
    name,
    quantity: "power",
    unit: "kW",
    value,
    observedAt: new Date(START_MS + second * 1000).toISOString(),
  };
}

test("the power is import less export, in watts", () => {
  const state = applyReadings(
    EMPTY_LIVE_STATE,
    [
      reading("1", "1-0:1.7.0", "0.250", 0),
      reading("2", "1-0:2.7.0", "1.500", 0),
      reading("3", "1-0:21.7.0", "0.1", 0),
    ],
    NO_REGISTERS,
    START_MS,
  );
  expect(gridPowerOf(state.latest)).toEqual({
    importW: 250,
    exportW: 1500,
    netW: -1250,
    observedAtMs: START_MS,
  });
  expect(state.samples).toEqual([{ atMs: START_MS, netW: -1250 }]);
});

test("the latest values do not depend on order or repetition", () => {
  const events = fc.uniqueArray(fc.tuple(fc.constantFrom("1", "2", "3"), fc.nat(500)), {
    selector: ([register, second]) => `${register}@${second}`,
    minLength: 1,
  });
  fc.assert(
    fc.property(events, fc.infiniteStream(fc.nat()), (pairs, keys) => {
      const readings = pairs.map(([register, second]) =>
        reading(register, "1-0:1.7.0", String(second / 1000), second),
      );
      const order = keys[Symbol.iterator]();
      const shuffled = [...readings, ...readings]
        .map((item) => ({ item, key: order.next().value ?? 0 }))
        .sort((a, b) => a.key - b.key)
        .map(({ item }) => item);
      const apply = (list: readonly LiveReading[]) =>
        list.reduce((state, item) => applyReadings(state, [item], NO_REGISTERS, START_MS), EMPTY_LIVE_STATE);
      const sorted = (state: ReturnType<typeof apply>) =>
        [...state.latest.entries()].sort(([a], [b]) => a.localeCompare(b));
      expect(sorted(apply(shuffled))).toEqual(sorted(apply(readings)));
    }),
  );
});

test("samples older than the window leave", () => {
  const first = applyReadings(EMPTY_LIVE_STATE, [reading("1", "1-0:1.7.0", "1", 0)], NO_REGISTERS, START_MS);
  const laterS = LIVE_WINDOW_MS / 1000 + 1;
  const second = applyReadings(
    first,
    [reading("1", "1-0:1.7.0", "2", laterS)],
    NO_REGISTERS,
    START_MS + laterS * 1000,
  );
  expect(second.samples).toEqual([{ atMs: START_MS + laterS * 1000, netW: 2000 }]);
});

test("history fills the past of the sparkline and never overrides what was seen live", () => {
  const live = applyReadings(EMPTY_LIVE_STATE, [reading("1", "1-0:1.7.0", "1", 60)], NO_REGISTERS, START_MS);
  const filled = withHistory(live, [
    { atMs: START_MS + 60_000, netW: 7 },
    { atMs: START_MS, netW: 500 },
  ]);
  expect(filled.samples).toEqual([
    { atMs: START_MS, netW: 500 },
    { atMs: START_MS + 60_000, netW: 1000 },
  ]);
});

test("an event that is not a reading is ignored, one reading and several are read alike", () => {
  const one = reading("1", "1-0:1.7.0", "1", 0);
  expect(parseLiveEvent(JSON.stringify(one))).toEqual([one]);
  expect(parseLiveEvent(JSON.stringify([one, { registerId: 3 }, null]))).toEqual([one]);
  for (const data of ["", "{", "null", "3", '{"registerId":"1"}'])
    expect(parseLiveEvent(data), data).toEqual([]);
});

test("a value that is no number changes nothing", () => {
  const state = applyReadings(
    EMPTY_LIVE_STATE,
    [reading("1", "1-0:1.7.0", "n/a", 0)],
    NO_REGISTERS,
    START_MS,
  );
  expect(state.latest.size).toBe(0);
});

test("a register is what its quantity, name and role make it", () => {
  const power = { carrier: null, quantity: "power", unit: "W", tariff: null, direction: null, role: "main" };
  expect(roleOf({ ...power, name: "1-0:61.7.0" })).toBe("phase");
  expect(roleOf({ ...power, name: "1-0:2.7.0" })).toBe("grid-export-power");
  expect(roleOf({ ...power, name: "roof", role: "production" })).toBe("production-power");
  expect(roleOf({ ...power, name: "roof", role: null, direction: "export" })).toBe("production-power");
  expect(roleOf({ ...power, name: "boiler", carrier: "heat" })).toBe("sub-power");
  expect(roleOf({ ...power, name: "lift", role: "sub" })).toBe("sub-power");
  expect(roleOf({ ...power, name: "main", direction: "export" })).toBe("grid-export-power");
  expect(roleOf({ ...power, name: "hall", quantity: "temperature" })).toBe("sensor");
});

test("readings that came before their registers were known get their meaning afterwards", () => {
  const gas = { ...reading("5", "0-1:24.2.3", "112.384", 0), quantity: "volume", unit: "m3" };
  const early = applyReadings(EMPTY_LIVE_STATE, [gas], NO_REGISTERS, START_MS);
  const info = {
    name: gas.name,
    carrier: "gas",
    quantity: "volume",
    unit: "m3",
    tariff: null,
    direction: null,
    role: "main",
  };
  const late = withRegisters(early, new Map([["5", info]]));
  expect(late.latest.get("5")).toMatchObject({ carrier: "gas", value: 112.384 });
  expect(early.latest.get("5")).toMatchObject({ carrier: null });
});

test("a sensor beside a meter that tells its own power is not added to it", () => {
  const registers = new Map(
    [
      ["1", "1-0:1.7.0", "import"],
      ["9", "clamp", "import"],
    ].map(([id = "", name = "", direction = ""]) => [
      id,
      { name, carrier: "electricity", quantity: "power", unit: "kW", tariff: null, direction, role: "main" },
    ]),
  );
  const both = [reading("1", "1-0:1.7.0", "1", 0), reading("9", "clamp", "1.1", 0)];
  const beside = applyReadings(EMPTY_LIVE_STATE, both, registers, START_MS);
  expect(gridPowerOf(beside.latest)?.importW).toBe(1000);
  const elsewhere = both.map((item) => (item.name === "clamp" ? { ...item, supplyPointId: "2" } : item));
  expect(gridPowerOf(applyReadings(EMPTY_LIVE_STATE, elsewhere, registers, START_MS).latest)?.importW).toBe(
    2100,
  );
});
