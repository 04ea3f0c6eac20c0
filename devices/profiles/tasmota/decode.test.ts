// What could be misread in a message of Tasmota, one trap a test.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { encodeTasmota, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "tele/plug/SENSOR",
  receivedAtMs: Date.UTC(2026, 9, 25, 1, 30),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const decode = (message: unknown, over: Partial<DecodeContext> = {}) =>
  family.decode(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), {
    ...CONTEXT,
    ...over,
  });
const energy = (fields: object, Time = "2026-10-24T12:00:00") => decode({ Time, ENERGY: fields });
const linesOf = (decoded: ReturnType<typeof decode>) =>
  decoded.observations.map(({ register, value }) => `${register.name} ${value} ${register.carrier ?? "-"}`);

test("local time is the building's; of the hour that autumn repeats the later that has already been", () => {
  expect(energy({ Total: 1 }, "2026-10-24T12:00:00").observations[0]).toMatchObject({
    observedAtMs: Date.UTC(2026, 9, 24, 10),
    clock: ClockSource.payloadLocal,
  });
  const repeated = { Time: "2026-10-25T02:15:00", ENERGY: { Total: 1 } };
  const at = (receivedAtMs: number) => decode(repeated, { receivedAtMs }).observations[0]?.observedAtMs;
  expect(at(Date.UTC(2026, 9, 25, 0, 16))).toBe(Date.UTC(2026, 9, 25, 0, 15));
  expect(at(Date.UTC(2026, 9, 25, 1, 16))).toBe(Date.UTC(2026, 9, 25, 1, 15));
});

test("before the clock is set there is no time, and an index is not given the broker's", () => {
  const [first] = energy({ Total: 1 }, "1970-01-01T00:00:17").observations;
  expect(first?.observedAtMs).toBeUndefined();
  expect(first?.register.timedByBroker).not.toBe(true);
});

test("phases add up to the whole, exactly, and do not count beside it", () => {
  expect(linesOf(energy({ Total: [0.1, 0.2, 0.3] }))).toEqual([
    "ENERGY.Total#1 0.1 -",
    "ENERGY.Total#2 0.2 -",
    "ENERGY.Total#3 0.3 -",
    "ENERGY.Total 0.6 electricity",
  ]);
});

test("where a phase is unreadable there is no whole", () => {
  expect(linesOf(energy({ Total: [0.1, "x"] }))).toEqual(["ENERGY.Total#1 0.1 -"]);
});

test("tariffs are parts of the total", () => {
  const { observations } = energy({ Total: 3, TotalTariff: [1, 2] });
  expect(observations.map(({ register }) => [register.tariff, register.carrier])).toEqual([
    [null, "electricity"],
    ["1", null],
    ["2", null],
  ]);
});

test("what begins anew each day, and the Wh since the last message, are no indices", () => {
  expect(
    linesOf(energy({ Yesterday: 4, Today: 1, Period: 30, TotalStartTime: "2026-01-01T00:00:00" })),
  ).toEqual([]);
});

test("a total that began anew is told as it is", () => {
  expect(linesOf(energy({ TotalStartTime: "2026-10-24T11:00:00", Total: 0.0 }))).toEqual([
    "ENERGY.Total 0 electricity",
  ]);
});

test("the energy group and a Linky behind it count once; volt-amperes are no watts", () => {
  const { observations } = decode({
    Time: "2026-10-24T12:00:00",
    ENERGY: { Total: 7970.903 },
    TIC: { ADCO: "061900000042", BASE: "007970903", PAPP: "00860" },
  });
  expect(observations.map(({ register, value }) => [value, register.unit, register.carrier])).toEqual([
    ["7970.903", "kWh", "electricity"],
    ["7970903", "Wh", null],
    ["860", "VA", null],
  ]);
});

test("what a Linky feeds in counts where the energy group knows nothing of it", () => {
  const tic = { ADSC: "061900000042", EAST: "12000", EAIT: "5000" };
  const countedOf = (fields: object) =>
    decode({ Time: "2026-10-24T12:00:00", ENERGY: fields, TIC: tic })
      .observations.filter(({ register }) => register.carrier !== null)
      .map(({ register }) => [register.name, register.direction]);
  expect(countedOf({ Total: 12 })).toEqual([
    ["ENERGY.Total", "import"],
    ["TIC.EAIT", "export"],
  ]);
  expect(countedOf({ Total: 12, ExportActive: 5 })).toEqual([
    ["ENERGY.Total", "import"],
    ["ENERGY.ExportActive", "export"],
  ]);
});

test("of a Linky's own groups P is apparent power, and the contract's indices are in Wh", () => {
  const { observations } = decode({
    Time: "2026-10-24T12:00:00",
    METER: { PH: 1, PSUB: 6000, P: 800, W: 780, U1: 235 },
    CONTRACT: { serial: "1", CONSO: 12_345_678, PROD: 55, BASE: 12_345_678 },
  });
  expect(
    observations.map(({ register, value }) => [register.name, value, register.unit, register.carrier]),
  ).toEqual([
    ["METER.P", "800", "VA", null],
    ["METER.W", "780", "W", "electricity"],
    ["METER.U1", "235", "V", null],
    ["CONTRACT.CONSO", "12345678", "Wh", "electricity"],
    ["CONTRACT.PROD", "55", "Wh", "electricity"],
  ]);
});

test.each(["GAS", "Wasser", "RG-15"])("the total of %s is no electricity", (group) => {
  expect(
    decode({ Time: "2026-10-24T12:00:00", [group]: { Total: 1234.5, Total_in: 2 } }).observations,
  ).toEqual([]);
});

test("a phase without a value is none, and there is no whole", () => {
  const decoded = energy({ Total: [0.1, null] });
  expect(linesOf(decoded)).toEqual(["ENERGY.Total#1 0.1 -"]);
  expect(decoded.rejections).toEqual([]);
});

test("a script's meter is read by the names that scripts use", () => {
  const { observations } = decode({
    Time: "2026-10-24T12:00:00",
    MT175: { E_in: 10.5, E_out: 2, P: -300, Volt_p1: 230, Meter_id: "1" },
  });
  expect(
    observations.map(({ register, value }) => [register.name, value, register.unit, register.direction]),
  ).toEqual([
    ["MT175.E_in", "10.5", "kWh", "import"],
    ["MT175.E_out", "2", "kWh", "export"],
    ["MT175.P", "-300", "W", null],
    ["MT175.Volt_p1", "230", "V", null],
  ]);
});

test("a meter that tells its tariffs and no whole counts by its tariffs", () => {
  const { observations } = decode({
    Time: "2026-10-24T12:00:00",
    P1: { E_in1: 1, E_in2: 2, E_out1: 3, E_out: 3, power: 300 },
  });
  expect(
    observations.map(({ register: { name, carrier, direction, tariff } }) => [
      name,
      carrier,
      direction,
      tariff,
    ]),
  ).toEqual([
    ["P1.E_in1", "electricity", "import", "1"],
    ["P1.E_in2", "electricity", "import", "2"],
    ["P1.E_out1", null, null, "1"],
    ["P1.E_out", "electricity", "export", null],
    ["P1.power", "electricity", null, null],
  ]);
});

test("a number that became a text on its way is one", () => {
  expect(linesOf(energy({ Total: "123.456", Power: "25" }))).toEqual([
    "ENERGY.Total 123.456 electricity",
    "ENERGY.Power 25 electricity",
  ]);
});

test("what a Zigbee bridge hears tells no time, and is of no interest", () => {
  expect(decode({ ZbReceived: { "0x1234": { Device: "0x1234", Power: 1 } } })).toEqual({
    observations: [],
    rejections: [],
  });
});

test("degrees Fahrenheit are left out", () => {
  expect(
    decode({ Time: "2026-10-24T12:00:00", AM2301: { Temperature: 70 }, TempUnit: "F" }).observations,
  ).toEqual([]);
});

test("an offset in the time is believed", () => {
  expect(energy({ Total: 1 }, "2026-10-24T12:00:00+05:00").observations[0]).toMatchObject({
    observedAtMs: Date.UTC(2026, 9, 24, 7),
    clock: ClockSource.payloadOffset,
  });
});

test.each([
  "tele/plug/LWT",
  "tele/plug/STATE",
  "stat/plug/RESULT",
  "stat/plug/STATUS",
  "stat/plug/STATUS11",
  "stat/plug/SWITCH1",
  "cmnd/plug/TelePeriod",
  "plug/cmnd/Backlog",
  "tasmota/discovery/AABBCC112233/config",
  "tasmota/discovery/AABBCC112233/sensors",
])("%s is of no interest", (topic) => {
  for (const text of [
    "Online",
    "300",
    '{"sn":{"Time":"2026-10-24T12:00:00","ENERGY":{"Total":3}},"ver":1}',
    "",
  ]) {
    expect(decode(text, { topic })).toEqual({ observations: [], rejections: [] });
  }
});

/** What comes of three messages a minute apart, the last of which says that the total counts since another time. */
function restarted(since: string, total: number, before = 8): unknown[] {
  const recent = new Map<string, unknown>();
  const message = (minute: number, TotalStartTime: string, Total: number) =>
    decode({ Time: `2026-10-24T12:0${minute}:00`, ENERGY: { TotalStartTime, Total } }, { recent });
  message(0, "2025-01-01T00:00:00", before);
  message(1, "2025-01-01T00:00:00", before + 1);
  return message(5, since, total).observations.map(({ value, observedAtMs }) => [
    value,
    new Date(observedAtMs ?? 0).toISOString().slice(11, 19),
  ]);
}

test("where TotalStartTime is a later one than before, the total stood at 0 at that instant", () => {
  expect(restarted("2026-10-24T12:03:00", 0.25)).toEqual([
    ["0", "10:03:00"],
    ["0.25", "10:05:00"],
  ]);
});

test.each([
  ["2025-01-01T00:00:00", 9.1, "the same as before"],
  [
    "2026-10-24T12:00:30",
    0.25,
    "before a value that was told: a 0 there would make it look like consumption",
  ],
  ["2026-10-24T12:03:00", 8100, "with more than any device can count since: the total was set by hand"],
  ["2026-10-24T13:00:00", 0.25, "still to come"],
  ["soon", 0.25, "none"],
])("a TotalStartTime of %s with a total of %d gives no 0: it is %s", (since, total) => {
  expect(restarted(since, total)).toEqual([[String(total), "10:05:00"]]);
});

test.each([
  [
    "MT681",
    { Total_in: 5, Power_cur: 300, Power_p1: 100 },
    ["Total_in 5 kWh electricity import", "Power_cur 300 W electricity -", "Power_p1 100 W - -"],
  ],
  [
    "SML",
    { Counter: 5.123456, Power: 1 },
    ["Counter 5.123456 kWh electricity import", "Power 1 W electricity -"],
  ],
  [
    "SML",
    { EC_CounterVal: 5, EC_PowerVal: -20 },
    ["EC_CounterVal 5 kWh electricity import", "EC_PowerVal -20 W electricity -"],
  ],
  [
    "ELZ",
    { "ELZ_PV_1.8.0": 5, "ELZ_PV_2.8.0": 6 },
    ["ELZ_PV_1.8.0 5 kWh electricity import", "ELZ_PV_2.8.0 6 kWh electricity export"],
  ],
  [
    "SM",
    { "1_8_0": 5, "16_7_0": 300.25, "36_7_0": 100, "32_7_0": 231.5 },
    ["16_7_0 300.25 W electricity -", "36_7_0 100 W - -", "32_7_0 231.5 V - -"],
  ],
  [
    "ENERGY",
    { Total: 5, Supply: 6, Total_t1: 2, Voltage_L2: 230 },
    [
      "Total 5 kWh electricity import",
      "Supply 6 kWh electricity export",
      "Total_t1 2 kWh - -",
      "Voltage_L2 230 V - -",
    ],
  ],
  [
    "AS1440",
    { power_in: 1, Total_in: 2, power_out: 3, Total_out: 4 },
    [
      "power_in 1 W electricity -",
      "Total_in 2 kWh electricity import",
      "power_out 3 W electricity export",
      "Total_out 4 kWh electricity export",
    ],
  ],
  [
    "DWS7410",
    { energy: 5, en_out: 6, power: -20 },
    ["energy 5 kWh electricity import", "en_out 6 kWh electricity export", "power -20 W electricity -"],
  ],
  ["SML", { total_kwh: 5, curr_w: 6 }, ["total_kwh 5 kWh electricity import", "curr_w 6 W electricity -"]],
  [
    "Zaehler",
    { Verbrauch_Summe: 5, Einspeisung_Summe: 1, Watt_Summe: -20, Watt_L1: 3, Volt_L1: 230 },
    [
      "Verbrauch_Summe 5 kWh electricity import",
      "Einspeisung_Summe 1 kWh electricity export",
      "Watt_Summe -20 W electricity -",
      "Watt_L1 3 W - -",
      "Volt_L1 230 V - -",
    ],
  ],
  [
    "STROM",
    { HT_Total_in: 3, NT_Total_in: 2, Total_in: 5 },
    ["HT_Total_in 3 kWh - -", "NT_Total_in 2 kWh - -", "Total_in 5 kWh electricity import"],
  ],
  ["Power", { Power_T1: 1, Power_Sum: 3, Power_Use_Sum: 40 }, ["Power_Use_Sum 40 W electricity -"]],
  ["KSMC403", { HeatEnergyE1: 12.5, PreTemp: 60, Volume: 99 }, []],
  ["ENERGY", { Power: 20 }, ["Power 20 W electricity -"]],
])("labels that scripts give their meters: %s %j", (group, fields, lines) => {
  const { observations, rejections } = decode({ Time: "2026-10-24T12:00:00", [group]: fields });
  expect(rejections).toEqual([]);
  expect(
    observations.map(({ register: { name, unit, carrier, direction }, value }) =>
      [name.slice(group.length + 1), value, unit, carrier ?? "-", direction ?? "-"].join(" "),
    ),
  ).toEqual(lines);
});

test.each([
  ["tele/a/b/SENSOR", "a/b"],
  ["a/tele/SENSOR", "a"],
  ["stat/a/STATUS10", "a"],
  ["tele/a/STATE", "a"],
  ["tele/a/LWT", "a"],
  ["cmnd/a/POWER", "a"],
  ["tasmota/discovery/AABBCC112233/config", "tasmota/discovery"],
  ["a/SENSOR", undefined],
  ["tele/a/b/SENSOR", undefined, "21.5"],
] as [string, string | undefined, string?][])("who speaks on %s", (topic, name, text = "{}") =>
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(name),
);

test("decoding undoes encoding", () => {
  const decimal = fc.integer({ min: 0, max: 1e9 }).map((value) => (value / 1000).toFixed(3));
  const key = fc.constantFrom("Total", "ExportActive", "Power", "Voltage");
  const second = fc.integer({ min: 946_800_000, max: 1_790_000_000 });
  fc.assert(
    fc.property(fc.dictionary(key, decimal, { minKeys: 1 }), second, (fields, s) => {
      const groups = new Map([["ENERGY", new Map(Object.entries(fields))]]);
      const bytes = encodeTasmota({ observedAtMs: s * 1000, timezone: "Europe/Brussels", groups });
      const decoded = family.decode(bytes, { ...CONTEXT, receivedAtMs: s * 1000 + 500 });
      expect(decoded.rejections).toEqual([]);
      expect(
        Object.fromEntries(
          decoded.observations.map(({ register, value }) => [register.name.slice(7), value]),
        ),
      ).toEqual(fields);
      // Of the hour that comes twice, the message cannot say which.
      for (const { observedAtMs } of decoded.observations)
        expect([0, 3600]).toContain(Math.abs((observedAtMs ?? 0) / 1000 - s));
    }),
  );
});
