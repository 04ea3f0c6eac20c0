// What emoncms sets as traps: no units, no time on a topic, a JSON object with a time of any form, names of any form.
import { expect, test } from "vitest";
import type { Decoded } from "#devices/reading";
import { decodeEmoncms } from "./decode.ts";
import { family } from "./index.ts";

const RECEIVED = Date.UTC(2026, 2, 1, 12);

function decode(topic: string, payload: unknown, timezone = "Europe/Brussels"): Decoded {
  const bytes = Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload));
  return decodeEmoncms(bytes, { topic, receivedAtMs: RECEIVED, timezone, expectedIntervalS: null });
}
const firstOf = (topic: string, payload: unknown) => decode(topic, payload).observations[0];

test.each([
  ["power1", "W", "power", "instantaneous"],
  ["power1pluspower2", "W", "power", "instantaneous"],
  ["P12", "W", "power", "instantaneous"],
  ["heatpump_power", "W", "power", "instantaneous"],
  ["E1", "Wh", "energy", "cumulative"],
  ["e12", "Wh", "energy", "cumulative"],
  ["solar_kwh", "kWh", "energy", "cumulative"],
  ["total_kWh", "kWh", "energy", "cumulative"],
  ["grid_wh", "Wh", "energy", "cumulative"],
  ["gas_m3", "m3", "volume", "cumulative"],
  ["boiler_m3", "m3", "volume", "cumulative"],
  ["use_kwhd", "", "number", "instantaneous"],
  ["daily_m3", "", "number", "instantaneous"],
  ["today_kwh", "", "number", "instantaneous"],
  ["kwh_price", "", "number", "instantaneous"],
  ["Vrms", "V", "voltage", "instantaneous"],
  ["V3", "V", "voltage", "instantaneous"],
  ["I1", "A", "current", "instantaneous"],
  ["T1", "Cel", "temperature", "instantaneous"],
  ["temp_external", "Cel", "temperature", "instantaneous"],
  ["external temperature", "Cel", "temperature", "instantaneous"],
  ["humidity", "%RH", "humidity", "instantaneous"],
  ["pulsecount", "count", "count", "cumulative"],
  ["pulse2", "count", "count", "cumulative"],
  ["pulse1count", "count", "count", "cumulative"],
  ["apparent_power", "VA", "apparent-power", "instantaneous"],
  ["PF1", "", "number", "instantaneous"],
  ["ct1", "", "number", "instantaneous"],
  ["battery", "", "number", "instantaneous"],
  ["flow", "", "number", "instantaneous"],
])("%s counts %s: %s, %s", (key, unit, quantity, kind) => {
  expect(firstOf(`emon/n/${key}`, "12.5")?.register).toMatchObject({
    name: `n/${key}`,
    unit,
    quantity,
    kind,
  });
});

test("a clamp belongs to no supply point until a person says so; a name that says the whole does", () => {
  expect(firstOf("emon/tx/E1", "1")?.register).toMatchObject({ carrier: null, direction: null });
  expect(firstOf("emon/tx/solar_kwh", "1")?.register.carrier).toBeNull();
  expect(firstOf("emon/h/import_kwh", "1")?.register).toMatchObject({
    carrier: "electricity",
    direction: "import",
  });
  expect(firstOf("emon/h/grid_export_wh", "1")?.register).toMatchObject({ direction: "export" });
  expect(firstOf("emon/h/gas_m3", "1")?.register).toMatchObject({ carrier: "gas", direction: "import" });
  expect(firstOf("emon/h/boiler_m3", "1")?.register).toMatchObject({ carrier: null, direction: null });
});

test("a counter on a topic takes the broker's time", () => {
  expect(firstOf("emon/tx/E1", "7970903")).toMatchObject({
    value: "7970903",
    observedAtMs: undefined,
    clock: 3,
    register: { timedByBroker: true, keepEveryS: 60 },
  });
});

test("a counter that falls or stands is told as it comes: judging it is not the decoder's", () => {
  expect(["5", "4", "0"].map((text) => firstOf("emon/tx/E1", text)?.value)).toEqual(["5", "4", "0"]);
});

test.each([
  [1772366395, Date.UTC(2026, 2, 1, 11, 59, 55), 0],
  [1772366395.25, Date.UTC(2026, 2, 1, 11, 59, 55, 250), 0],
  ["1772366395", Date.UTC(2026, 2, 1, 11, 59, 55), 0],
  ["2026-03-01T11:59:55Z", Date.UTC(2026, 2, 1, 11, 59, 55), 0],
  ["2026-03-01 12:59:55+01:00", Date.UTC(2026, 2, 1, 11, 59, 55), 0],
  ["2026-03-01 12:59:55", Date.UTC(2026, 2, 1, 11, 59, 55), 1],
  [null, undefined, 3],
])("the time %s of an object", (time, observedAtMs, clock) => {
  expect(firstOf("emon/tx", { E1: 5, time })).toMatchObject({ observedAtMs, clock });
  expect(firstOf("emon/tx", { Time: time, E1: 5 })).toMatchObject({ observedAtMs, clock });
});

test.each([["tea time"], [1e300], [true], [[1]], ["2026-02-31 00:00:00"]])(
  "an object with the time %j is refused whole: its values are of no known instant",
  (time) => {
    const { observations, rejections } = decode("emon/tx", { E1: 5, time });
    expect([observations.length, rejections.map(({ reason }) => reason)]).toEqual([0, ["reading_malformed"]]);
  },
);

test.each([
  ["emon/tx/power1", "tx/power1"],
  ["emon/tx/a/power1", "tx/a_power1"],
  ["site/3/emon/tx/power1", "tx/power1"],
  ["other/tx/power1", "tx/power1"],
  ["tx/power1", "tx/power1"],
  ["power1", "power1"],
  ["emon/tx", "tx/0"],
])("%s with one number is the register %s", (topic, name) => {
  expect(firstOf(topic, "5")?.register).toMatchObject({ name, equipmentId: "" });
});

test.each([
  ["emon/tx", "tx/P1"],
  ["emon/tx/b", "tx/b_P1"],
  ["other/tx", "tx/P1"],
])("%s with an object has the register %s", (topic, name) => {
  expect(firstOf(topic, { P1: 5 })?.register.name).toBe(name);
});

test("a topic with its time in the payload keeps its name", () => {
  expect(firstOf("emon/tx/P1", { time: 1772366395, value: 5 })).toMatchObject({
    register: { name: "tx/P1", unit: "W" },
    value: "5",
    clock: 0,
  });
});

test("digits survive as Python and firmware write them", () => {
  const written = ["0042", "1e-05", "-0.50", "230.10", "+7", " 12\n"];
  expect(written.map((text) => firstOf("emon/n/x", text)?.value)).toEqual([
    "42",
    "0.00001",
    "-0.50",
    "230.10",
    "7",
    "12",
  ]);
});

test("no value, and what is left out on purpose, gives nothing", () => {
  for (const [topic, payload] of [
    ["emon/n/x", ""],
    ["emon/n/MSG", "12"],
    ["emon/n/rssi", "-71"],
    ["emon/n/describe", "emonpi"],
    ["emon/n", { x: null, y: "", time: 1772366395 }],
  ] as const) {
    expect(decode(topic, payload)).toEqual({ observations: [], rejections: [] });
  }
});

test("a bad key costs only itself, and a thousand make a short report", () => {
  expect(decode("emon/n", { a: "off", P1: 1 })).toMatchObject({
    observations: [{ value: "1" }],
    rejections: [{ reason: "value_not_numeric" }],
  });
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`k${n}`, "off"]));
  expect(decode("emon/n", many).rejections).toHaveLength(17);
});

test("the same register is the same object", () => {
  expect(firstOf("emon/n/P1", "5")?.register).toBe(firstOf("emon/n", { P1: 6 })?.register);
});

test.each([
  ["emon/tx4/E1", "12", "emon/tx4"],
  ["emon/tx4", '{"P1":1,"time":"2026-03-01 12:00"}', "emon/tx4"],
  ["emon/10", "1,2.5,-3e2", "emon/10"],
  ["emon/tx4/E1", "on", undefined],
  ["emon/tx4/E1", "", undefined],
  ["emon/a/b/c", "1", undefined],
  ["emon/5/device/node/property", "1", undefined],
  ["emon/dsmr/reading", "1", undefined],
  ["emon/n", '{"P1":1,"state":"on"}', undefined],
  ["emon/n", '{"ENERGY":{"Power":1}}', undefined],
  ["emon/n", "[1]", undefined],
  ["emon/n", "{}", undefined],
  ["emon//x", "1", undefined],
  ["home/tx4/E1", "12", undefined],
])("%s with %s is of %s", (topic, text, externalId) => {
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(externalId);
});
