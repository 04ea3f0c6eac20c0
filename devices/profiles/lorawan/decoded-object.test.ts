// What the names in a decoded object mean: units, places, times; and one uplink with a day in it.
import { describe, expect, test } from "vitest";
import { parseJson } from "#devices/json";
import type { Decoded, Observation } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { readDecodedObject } from "./decoded-object.ts";
import { fieldNameOf } from "./field-name.ts";
import { timeFieldOf } from "./field-time.ts";

const SERVER = Date.UTC(2026, 1, 28, 10);
const HEARD = { equipmentId: "70b3d5000000cafe", serverMs: SERVER, receivedAtMs: SERVER + 1000 };
const BOUNDS = { depthMax: 16, objectsMax: 5000, objectsName: "objects" };

function read(object: unknown): Decoded {
  const parsed = parseJson(Buffer.from(JSON.stringify(object)), BOUNDS);
  return readDecodedObject("reason" in parsed ? undefined : parsed.value, HEARD);
}
const byName = (object: unknown): ReadonlyMap<string, Observation> =>
  new Map(read(object).observations.map((one) => [one.register.name, one]));
const carriersOf = (object: unknown): Record<string, string> =>
  Object.fromEntries(
    [...byName(object)].map(([name, { register }]) => [name, `${register.carrier} ${register.direction}`]),
  );

test.each([
  ["total_kwh", "kWh"],
  ["EnergykWh", "kWh"],
  ["energy_wh", "Wh"],
  ["heat_energy_MWh", "MWh"],
  ["water_volume_m3", "m3"],
  ["volume_l", "l"],
  ["Volume_L", "l"],
  ["flow_m3h", "m3/h"],
  ["flow_m3_h", "m3/h"],
  ["flowrate_l_h", "l/h"],
  ["ACI1_mA", "mA"],
  ["AVI1_V", "V"],
  ["BatV", "V"],
  ["Bat", "V"],
  ["volt", "V"],
  ["battery_voltage", "V"],
  ["voltage_l1", "V"],
  ["current_A", "A"],
  ["current_A_L1", "A"],
  ["AI1_mA", "mA"],
  ["power", "W"],
  ["power_kW", "kW"],
  ["active_power_W_L1", "W"],
  ["apparent_power", "VA"],
  ["temperature", "Cel"],
  ["TempC_SHT", "Cel"],
  ["TempC1", "Cel"],
  ["temp_c", "Cel"],
  ["airtemperature", "Cel"],
  ["flow_temperature", "Cel"],
  ["Hum_SHT", "%RH"],
  ["airhumidity", "%RH"],
  ["humidity_pct", "%RH"],
  ["battery_percent", "%EL"],
  ["co2", "ppm"],
  ["pulse_1", "count"],
])("%s is in %s", (name, unit) => {
  expect(fieldNameOf(name).unit).toBe(unit);
});

test.each([
  "energy",
  "volume",
  "current_volume",
  "battery",
  "Bat_status",
  "BatteryLevel",
  "power_factor",
  "power_mode",
  "power_sum",
  "power_consumption",
  "current",
  "current_a",
  "PhaseA",
  "power_mW",
  "energy_mWh",
  "temp_f",
  "temperatureF",
  "supply_kV",
  "voltage_min_count",
  "phase_A",
  "channel_C",
  "uptime_s",
  "status",
  "zisternenpegel",
])("%s says nothing about its unit: a number", (name) => {
  expect(fieldNameOf(name)).toMatchObject({ unit: "", quantity: "number" });
});

describe("values", () => {
  test("a field of a like name tells the unit, and one that nobody here knows is not the usual one", () => {
    const units = [
      ...byName({
        energy: 12,
        energy_unit: "kWh",
        volume: "3.5",
        volumeUnit: "m³",
        temp: 70,
        temp_unit: "F",
      }),
    ].map(([name, { value, register }]) => `${name} ${value} ${register.unit} ${register.kind}`);
    expect(units).toEqual(["energy 12 kWh cumulative", "volume 3.5 m3 cumulative", "temp 70  instantaneous"]);
  });

  test("a unit beside the value outranks the name, and one that nobody knows is not the usual one", () => {
    const found = byName({
      PAPP: { unit: "VA", value: 10 },
      temperature: { unit: "°F", value: 70 },
      level: { displayName: "Level", unit: "mm", value: 1200 },
    });
    expect(
      [...found.values()].map(({ register, value }) => `${register.name} ${value} ${register.unit}`),
    ).toEqual(["PAPP 10 VA", "temperature 70 ", "level 1200 mm"]);
  });

  test("a value among other numbers is one of them, and short names are read with their unit alone", () => {
    expect([...byName({ a: { value: 1, min: 0, max: 2 }, b: { v: 230, i: 2 } }).keys()]).toEqual([
      "a.value",
      "a.min",
      "a.max",
      "b.v",
      "b.i",
    ]);
    const [one] = read({ sensors: [{ n: "energy", u: "Wh", v: 12 }] }).observations;
    expect([one?.register.name, one?.value, one?.register.unit]).toEqual(["sensors.energy", "12", "Wh"]);
  });

  test("texts count with a unit of theirs, or of their name", () => {
    const found = byName({
      Bat: "3.384 V",
      TempC: "0.00 °C",
      Hum: "48.2",
      soil: "0 uS/cm",
      serial: "123",
      mode: "x",
    });
    expect(
      [...found.values()].map(({ register, value }) => `${register.name} ${value} ${register.unit}`),
    ).toEqual(["Bat 3.384 V", "TempC 0.00 Cel", "Hum 48.2 %RH"]);
  });

  test("booleans, nulls and rows of bare numbers are left out, and a field that is missing is not zero", () => {
    expect(read({ open: true, relay: null, bytes: [1, 2, 3] })).toEqual({ observations: [], rejections: [] });
  });

  test("nested objects and channels are told apart by their path", () => {
    expect([
      ...byName({ a: { b: { temperature: 1 } }, channels: [{ power: 2 }, { name: "x", power: 3 }] }).keys(),
    ]).toEqual(["a.b.temperature", "channels.0.power", "channels.x.power"]);
  });

  test("the same register is the same object", () => {
    const [one, two] = [read({ power: 1 }), read({ power: 2 })];
    expect(one.observations[0]?.register).toBe(two.observations[0]?.register);
  });
});

describe("one whole of each carrier and direction", () => {
  test("import and export, and neither their sum nor a phase", () => {
    expect(
      carriersOf({ total_kWh: 3, export_kWh: 1, import_kWh: 2, import_l1_kWh: 1, voltage_l1: 230 }),
    ).toEqual({
      total_kWh: "null null",
      export_kWh: "electricity export",
      import_kWh: "electricity import",
      import_l1_kWh: "null null",
      voltage_l1: "electricity null",
    });
  });

  test("tariffs beside a total do not count, without one they do", () => {
    expect(carriersOf({ energy_t1_kWh: 3, energy_t2_kWh: 1 })).toEqual({
      energy_t1_kWh: "electricity import",
      energy_t2_kWh: "electricity import",
    });
    expect(carriersOf({ energy_kWh: 4, energy_t1_kWh: 3 })["energy_t1_kWh"]).toBe("null null");
  });

  test("the order of fields decides nothing", () => {
    const fields: [string, number][] = [
      ["water2_m3", 1],
      ["water1_m3", 2],
      ["reverse_m3", 3],
    ];
    expect(carriersOf(Object.fromEntries(fields.toReversed()))).toEqual(
      carriersOf(Object.fromEntries(fields)),
    );
    expect(carriersOf(Object.fromEntries(fields))["water1_m3"]).toBe("water import");
    expect(carriersOf(Object.fromEntries(fields))["water2_m3"]).toBe("null null");
  });

  test("energy with a volume is heat, and the volume circulates; with water it is two meters", () => {
    expect(carriersOf({ energy_kWh: 1, volume_m3: 2 })).toEqual({
      energy_kWh: "heat import",
      volume_m3: "null null",
    });
    expect(carriersOf({ energy_kWh: 1, water_m3: 2 })).toEqual({
      energy_kWh: "electricity import",
      water_m3: "water import",
    });
    expect(carriersOf({ gas_volume_m3: 2 })).toEqual({ gas_volume_m3: "gas import" });
  });

  test("what was counted in a period is no index", () => {
    expect(byName({ daily_volume_l: 12 }).get("daily_volume_l")?.register).toMatchObject({
      kind: "instantaneous",
      quantity: "step-volume",
      carrier: null,
    });
  });

  test("a Linky's labels mean what they mean on its port", () => {
    const pair = (value: number) => ({ unit: "Wh", value });
    expect(carriersOf({ EAST: pair(3), EASF01: pair(2), EASD01: pair(3), EAIT: pair(1) })).toEqual({
      EAST: "electricity import",
      EASF01: "null null",
      EASD01: "null null",
      EAIT: "electricity export",
    });
  });
});

describe("time", () => {
  const timeOf = (object: unknown) => {
    const [one] = read(object).observations;
    return [one === undefined ? 0 : (one.observedAtMs ?? 0) - SERVER, one?.clock];
  };

  test.each([
    ["seconds", { power: 1, timestamp: (SERVER - 60_000) / 1000 }],
    ["milliseconds", { power: 1, ts: SERVER - 60_000 }],
    ["an offset", { power: 1, time: "2026-02-28T10:59:00+01:00" }],
    ["UTC", { power: 1, timestamp_utc: "2026-02-28T09:59:00Z", timestamp_unix: 5 }],
  ])("%s in the payload", (_name, object) => {
    expect(timeOf(object)).toEqual([-60_000, ClockSource.payloadOffset]);
  });

  test.each([
    ["a clock that was never set", { power: 1, timestamp: 86_400 }],
    ["a clock two days ahead", { power: 1, timestamp: SERVER / 1000 + 172_800 }],
    ["no offset", { power: 1, time: "2026-02-28 09:59:00" }],
    ["no time", { power: 1 }],
  ])("%s: the network server's", (_name, object) => {
    expect(timeOf(object)).toEqual([0, ClockSource.networkServer]);
  });

  test("neither here nor there: none", () => {
    const parsed = parseJson(Buffer.from('{"power":1}'), BOUNDS);
    const heard = { ...HEARD, serverMs: undefined };
    const [one] = readDecodedObject("reason" in parsed ? 0 : parsed.value, heard).observations;
    expect([one?.observedAtMs, one?.clock]).toEqual([undefined, ClockSource.broker]);
  });

  test.each(["update", "uptime", "run_time", "counts", "volts", "watts", "lights", "on_time", "runtime"])(
    "%s is no time",
    (name) => {
      const parsed = parseJson(Buffer.from("1772272800"), BOUNDS);
      expect(timeFieldOf(name, "reason" in parsed ? 0 : parsed.value, SERVER)).toBeUndefined();
    },
  );

  test("a time of some fields is the time of those alone", () => {
    const found = byName({ LogTimestamp: SERVER / 1000 - 600, LogVolume_m3: 1, CurrentVolume_m3: 2 });
    expect(found.get("LogVolume_m3")?.observedAtMs).toBe(SERVER - 600_000);
    expect(found.get("CurrentVolume_m3")?.observedAtMs).toBe(SERVER);
  });

  test("entries with a time of their own are the past of the same register", () => {
    const { observations } = read({ history: [{ timestamp: SERVER / 1000 - 60, water_m3: 1 }], water_m3: 2 });
    expect(observations.map(({ register, observedAtMs }) => [register.name, observedAtMs])).toEqual([
      ["water_m3", SERVER - 60_000],
      ["water_m3", SERVER],
    ]);
    expect(observations[0]?.register).toBe(observations[1]?.register);
  });
});

describe("one uplink with a day in it", () => {
  const HOUR = 3_600_000;
  const deltas = Object.fromEntries(Array.from({ length: 23 }, (_, at) => [`delta_${at + 1}_m3`, 0.001]));
  const log = (timestampMs: number, more: object = {}) => ({
    timestamp_unix: timestampMs / 1000,
    log_volume_m3: 5.938,
    ...deltas,
    current_volume_m3: 5.961,
    history_count: 23,
    history_total_m3: 0.023,
    ...more,
  });
  const pointsOf = (object: unknown) =>
    read(object).observations.map((one) => [one.value, one.observedAtMs] as const);

  test("its time is of the last hour where the uplink came then", () => {
    const points = pointsOf(log(SERVER - 6000));
    expect(points).toHaveLength(24);
    expect(points[0]).toEqual(["5.938", SERVER - 6000 - 23 * HOUR]);
    expect(points[1]).toEqual(["5.939", SERVER - 6000 - 22 * HOUR]);
    expect(points[23]).toEqual(["5.961", SERVER - 6000]);
  });

  test("its time is of the first hour where the uplink came a day later", () => {
    const points = pointsOf(log(SERVER - 23 * HOUR));
    expect([points[0], points[23], points.length]).toEqual([
      ["5.938", SERVER - 23 * HOUR],
      ["5.961", SERVER],
      24,
    ]);
  });

  test("all are one register, which goes to the supply point", () => {
    const registers = new Set(read(log(SERVER)).observations.map(({ register }) => register));
    expect([...registers]).toMatchObject([
      { name: "current_volume_m3", kind: "cumulative", carrier: "water", direction: "import", unit: "m3" },
    ]);
  });

  test("an index of now that counts more is of the uplink's own time", () => {
    const points = pointsOf(log(SERVER - 23.5 * HOUR, { current_volume_m3: 5.97 }));
    expect(points).toHaveLength(25);
    expect(points[23]).toEqual(["5.961", SERVER - HOUR / 2]);
    expect(points[24]).toEqual(["5.97", SERVER]);
  });

  test("a list of deltas, and an interval of its own", () => {
    const points = pointsOf({
      log_timestamp: SERVER / 1000 - 3600,
      log_energy_kWh: 10,
      log_interval_min: 15,
      deltas: [1, 2, 3],
    });
    expect(points).toEqual([
      ["10", SERVER - HOUR],
      ["11", SERVER - HOUR * 0.75],
      ["13", SERVER - HOUR * 0.5],
      ["16", SERVER - HOUR * 0.25],
    ]);
  });

  test("without a time, and with a multiplier that the codec did not apply, only the index of now is used", () => {
    for (const more of [{ timestamp_unix: undefined }, { history_multiplier: 2 }]) {
      const { observations, rejections } = read(log(SERVER, more));
      expect(observations.map(({ value, observedAtMs }) => [value, observedAtMs])).toEqual([
        ["5.961", SERVER],
      ]);
      expect(rejections.map(({ reason }) => reason)).toEqual(["reading_malformed"]);
    }
  });
});

test("a decimal comma is told: it may be a point, or stand between thousands", () => {
  const { observations, rejections } = readDecodedObject(
    { energy_kwh: "1234,5", version: "1,2" },
    { equipmentId: "0102030405060708", serverMs: undefined, receivedAtMs: Date.UTC(2026, 2, 1) },
  );
  expect(observations).toEqual([]);
  expect(rejections.map(({ reason }) => reason)).toEqual(["value_not_numeric"]);
});
