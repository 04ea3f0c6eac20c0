// What DSMR split by field sets as traps: units that the topic does not tell, times in topics of their own, two copies of the gas.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { playMessages } from "../play-messages.ts";
import { decodeDsmrTopic } from "./decode.ts";
import { family } from "./index.ts";

const RECEIVED = Date.UTC(2026, 2, 1, 12);
const CONTEXT = { receivedAtMs: RECEIVED, timezone: "Europe/Amsterdam", expectedIntervalS: null };

/** Each message with the seconds after the first at which it comes. */
function play(messages: readonly (readonly [topic: string, text: string, atS?: number])[]) {
  const facts = new Map<string, string>();
  const recent = new Map<string, unknown>();
  return messages.map(([topic, text, atS = 0]) => {
    const receivedAtMs = RECEIVED + atS * 1000;
    const decoded = decodeDsmrTopic(Buffer.from(text), { ...CONTEXT, receivedAtMs, topic, facts, recent });
    for (const { key, value } of decoded.facts ?? []) facts.set(key, value);
    return decoded;
  });
}

const lastOf = (messages: Parameters<typeof play>[0]) => play(messages).at(-1)?.observations[0];
const reasonOf = (messages: Parameters<typeof play>[0]) => play(messages).at(-1)?.rejections[0]?.reason;
const PHASE = "dsmr/reading/phase_currently_delivered_l3";
const INDEX = "dsmr/reading/electricity_delivered_1";
const TIME = "dsmr/reading/timestamp";
const GAS = "dsmr/reading/extra_device_delivered";
const GAS_TIME = "dsmr/reading/extra_device_timestamp";

test.each([
  ["460", "W"],
  ["0", "W"],
  ["7", "W"],
  ["23456", "W"],
  ["0.460", "kW"],
  ["0.000", "kW"],
  ["99.999", "kW"],
])("the power of a phase %s is in %s", (text, unit) => {
  expect(lastOf([[PHASE, text]])).toMatchObject({ value: text, register: { unit, quantity: "power" } });
});

test("a sender that has spoken kilowatts means kilowatts when it drops the decimals", () => {
  expect(
    lastOf([
      [PHASE, "0.46"],
      [PHASE, "0"],
    ])?.register.unit,
  ).toBe("kW");
  expect(
    reasonOf([
      [PHASE, "0.46"],
      [PHASE, "460"],
    ]),
  ).toBe("unit_unknown");
});

test("what neither unit allows is refused, never guessed", () => {
  expect(reasonOf([[PHASE, "460.5"]])).toBe("unit_unknown");
  expect(reasonOf([["dsmr/reading/electricity_currently_delivered", "531"]])).toBe("unit_unknown");
});

test("that the meter draws and returns 0 is in kW, whatever its digits", () => {
  expect(lastOf([["dsmr/reading/electricity_currently_returned", "0"]])?.register.unit).toBe("kW");
});

test("a value has the time that the same prefix told up to 30 s before", () => {
  const told = [TIME, "2026-03-01T11:59:55Z"] as const;
  const at = Date.UTC(2026, 2, 1, 11, 59, 55);
  expect(lastOf([told, [INDEX, "1.000", 30]])).toMatchObject({ observedAtMs: at, clock: 0 });
  expect(lastOf([told, [INDEX, "1.000", 31]])).toMatchObject({ observedAtMs: undefined, clock: 3 });
  expect(lastOf([told, [`b/${INDEX}`, "1.000"]])?.observedAtMs).toBeUndefined();
  expect(lastOf([[INDEX, "1.000"]])).toMatchObject({ register: { timedByBroker: true }, clock: 3 });
});

test("local time with its offset is as good as UTC; without an offset it is no time", () => {
  expect(
    lastOf([
      [TIME, "2026-10-25T02:30:00+01:00"],
      [INDEX, "1"],
    ])?.observedAtMs,
  ).toBe(Date.UTC(2026, 9, 25, 1, 30));
  expect(reasonOf([[TIME, "2026-10-25T02:30:00"]])).toBe("reading_malformed");
});

test("a time that is none makes the one before it forgotten", () => {
  expect(
    lastOf([
      [TIME, "2026-03-01T11:59:55Z"],
      [TIME, "soon"],
      [INDEX, "1"],
    ])?.observedAtMs,
  ).toBeUndefined();
});

test("gas has its own time, and not that of the telegram", () => {
  const gas = lastOf([
    [TIME, "2026-03-01T11:59:55Z"],
    [GAS_TIME, "2026-03-01T11:00:00Z"],
    [GAS, "5.1"],
  ]);
  expect(gas).toMatchObject({
    observedAtMs: Date.UTC(2026, 2, 1, 11),
    register: { carrier: "gas", unit: "m3" },
  });
  expect(
    lastOf([
      [TIME, "2026-03-01T11:59:55Z"],
      [GAS, "5.1"],
    ])?.observedAtMs,
  ).toBeUndefined();
});

test("an instant has one value: another one under the same time takes the broker's", () => {
  const before = [
    [GAS_TIME, "2026-03-01T11:00:00Z"],
    [GAS, "5.1"],
  ] as const;
  expect(
    lastOf([...before, [GAS_TIME, "2026-03-01T11:00:00Z", 10], [GAS, "5.1", 10]])?.observedAtMs,
  ).toBeDefined();
  expect(lastOf([...before, [GAS, "5.2", 10]])).toMatchObject({ observedAtMs: undefined, clock: 3 });
});

test("the gas of dsmr/consumption is the same meter again: no carrier", () => {
  const gas = lastOf([
    ["dsmr/consumption/gas/read_at", "2026-03-01T11:00:00Z"],
    ["dsmr/consumption/gas/delivered", "5.1"],
  ]);
  expect(gas).toMatchObject({ observedAtMs: Date.UTC(2026, 2, 1, 11), register: { carrier: null } });
});

test("tariffs and directions are those of the meter", () => {
  for (const [direction, word] of [
    ["import", "delivered"],
    ["export", "returned"],
  ]) {
    for (const tariff of ["1", "2"]) {
      const register = lastOf([[`dsmr/reading/electricity_${word}_${tariff}`, "12.345"]])?.register;
      expect(register).toMatchObject({
        direction,
        tariff,
        carrier: "electricity",
        unit: "kWh",
        kind: "cumulative",
      });
    }
  }
});

test.each([
  ["0001", "1"],
  ["0002", "2"],
  ["2", "2"],
])("the tariff %s is %s, as in a telegram", (text, value) => {
  expect(lastOf([["dsmr/reading/electricity_tariff", text]])).toMatchObject({
    value,
    register: { quantity: "tariff", unit: "" },
  });
});

test("a serial number names the meters behind what follows, and is told once", () => {
  const decoded = play([
    ["dsmr/reading/electricity_equipment_id", "4B31"],
    ["dsmr/reading/electricity_equipment_id", "4B31"],
    [INDEX, "1.000"],
    [GAS, "2.000"],
    ["dsmr/reading/gas_equipment_id", "G9"],
    [GAS, "2.000"],
  ]);
  expect(decoded[0]?.facts).toEqual([{ key: "electricity-serial", value: "K1" }]);
  expect(decoded[1]?.facts).toEqual([]);
  expect([2, 3, 5].map((n) => decoded[n]?.observations[0]?.register.equipmentId)).toEqual(["K1", "", "G9"]);
});

test.each([
  "dsmr/reading/id",
  "dsmr/reading/reactive_electricity_delivered_2",
  "dsmr/meter-stats/voltage_sag_count_l1",
  "dsmr/day-consumption/electricity1",
  "dsmr/day-consumption/total_cost",
  "dsmr/current-month/gas",
  "dsmr/current-year/electricity2_returned",
  "dsmr/consumption/gas/currently_delivered",
  "dsmr/consumption/quarter-hour-peak-electricity/read_at_start",
  "dsmr/raw",
  "dsmr/json",
])("%s is left out on purpose", (topic) => {
  expect(play([[topic, "1.5"]])).toEqual([{ observations: [], rejections: [] }]);
});

test("a topic that was cleared, and Python's nothing, are no readings", () => {
  for (const text of ["", "None", "null", " "]) expect(play([[GAS, text]])[0]?.rejections).toEqual([]);
});

test("the same register is the same object; a device registered with a minute keeps all its values", () => {
  const once = () => lastOf([[INDEX, "1"]])?.register;
  expect(once()).toBe(once());
  expect(once()?.keepEveryS).toBe(60);
  const all = playMessages(decodeDsmrTopic, [{ topic: INDEX, payload: Buffer.from("1") }], {
    ...CONTEXT,
    expectedIntervalS: 60,
  });
  expect(all[0]?.observations[0]?.register.keepEveryS).toBe(0);
});

test("sums since a contract began are left out, as those of a month are", () => {
  const topic = "dsmr/current-period/electricity1";
  expect(decodeDsmrTopic(Buffer.from("33.1"), { ...CONTEXT, topic })).toEqual({
    observations: [],
    rejections: [],
  });
});

test("a flood of prefixes is told as few facts", () => {
  const facts = new Map(Array.from({ length: 64 }, (_, n) => [`p${n}/phase-unit`, "kW"]));
  const decoded = decodeDsmrTopic(Buffer.from("0.5"), { ...CONTEXT, topic: `new/${PHASE}`, facts });
  expect([decoded.observations.length, decoded.facts]).toEqual([1, []]);
});

test.each([
  ["dsmr/reading/electricity_delivered_1", "1.5", "dsmr"],
  ["a/b/dsmr/reading/timestamp", "2026-03-01T11:00:00Z", "a/b/dsmr"],
  ["a/dsmr/meter-stats/dsmr_version", "50", "a/dsmr"],
  ["dsmr/reading/colour", "red", undefined],
  ["dsmr/json", '{"a":1}', undefined],
  ["adsmr/reading/id", "1", undefined],
  ["emon/dsmr", "1", undefined],
  ["dsmr/json", `{"id":1,"electricity_delivered_1":"1.5","note":"${"x".repeat(200)}"}`, "dsmr"],
  ["hall/dsmr/day-consumption/json", '{"electricity1":1.5}', "hall/dsmr"],
  ["dsmr/reading/electricity_delivered_1", '{"a":1}', undefined],
])("%s with %s is of %s", (topic, text, externalId) => {
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(externalId);
});

test("a whole telegram names itself, whatever its topic", () => {
  const telegram = readFileSync(new URL("../dsmr-p1/golden/nl-dsmr5-gas-heat.txt", import.meta.url));
  expect(family.recognise?.("dsmr/raw", telegram)).toBeUndefined();
});
