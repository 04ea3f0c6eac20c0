// What could be misread in a message of Zigbee2MQTT, one trap a test.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { encodeZigbee, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "zigbee2mqtt/building-a/boiler-room plug",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const decode = (message: unknown, topic = CONTEXT.topic) =>
  family.decode(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), {
    ...CONTEXT,
    topic,
  });

test("an index is a reading only when it changes, and without a time of its own it takes the broker's", () => {
  const [energy, power] = decode({ energy: 1.5, power: 20, linkquality: 1 }).observations;
  expect(energy?.register).toMatchObject({
    kind: "cumulative",
    unit: "kWh",
    onChange: true,
    timedByBroker: true,
  });
  expect(energy).toMatchObject({ observedAtMs: undefined, clock: ClockSource.broker });
  expect(power?.register).toMatchObject({ kind: "instantaneous", unit: "W", onChange: false });
});

test("devices of one bridge are told apart by their friendly names, slashes included", () => {
  const one = decode({ energy: 1, linkquality: 1 }).observations[0];
  const other = decode({ energy: 1, linkquality: 1 }, "zigbee2mqtt/building-b").observations[0];
  expect(one?.register.equipmentId).toBe("building-a/boiler-room plug");
  expect(other?.register.equipmentId).toBe("building-b");
  expect(decode({ energy: 2, linkquality: 1 }).observations[0]?.register).toBe(one?.register);
});

test.each([
  ["2026-01-15T10:00:00.000Z", Date.UTC(2026, 0, 15, 10)],
  ["2026-01-15T11:00:00+01:00", Date.UTC(2026, 0, 15, 10)],
  [1_768_471_200_000, Date.UTC(2026, 0, 15, 10)],
])("last seen %s", (last_seen, observedAtMs) => {
  expect(decode({ energy: 1, last_seen }).observations[0]).toMatchObject({
    observedAtMs,
    clock: ClockSource.payloadOffset,
  });
});

test.each([["soon"], [5], [null], [1e300]])("last seen %j is no time", (last_seen) => {
  expect(decode({ energy: 1, last_seen }).observations[0]?.observedAtMs).toBeUndefined();
});

test("null is no value", () => expect(decode({ power: null, energy: null }).observations).toEqual([]));

test("a property on a topic of its own gives the register of the state", () => {
  const alone = decode("1.50", `${CONTEXT.topic}/energy`).observations[0];
  expect(alone?.value).toBe("1.50");
  expect(alone?.register).toBe(decode({ energy: 1.5 }).observations[0]?.register);
});

test("a device may be called like a property", () => {
  expect(
    decode({ energy: 1, linkquality: 2 }, "zigbee2mqtt/cellar/power").observations[0]?.register.equipmentId,
  ).toBe("cellar/power");
});

test("phases stand beside the whole; what was fed in is a series of its own", () => {
  const { observations } = decode({ energy: 1, energy_a: 1, produced_energy: 2, power_phase_a: 3 });
  expect(observations.map(({ register }) => [register.name, register.carrier, register.direction])).toEqual([
    ["energy", "electricity", "import"],
    ["energy_a", null, null],
    ["produced_energy", "electricity", "export"],
    ["power_phase_a", null, null],
  ]);
});

test.each([
  ["zigbee2mqtt/lamp/availability", { state: "online" }],
  ["zigbee2mqtt/bridge/info", { version: "2.0" }],
  ["zigbee2mqtt/lamp/set", { state: "ON" }],
  ["zigbee2mqtt/lamp/set/state", "ON"],
  ["zigbee2mqtt/lamp/state", "ON"],
  ["zigbee2mqtt/lamp/linkquality", "91"],
])("%s is of no interest", (topic, message) => {
  expect(decode(typeof message === "string" ? `"${message}"` : message, topic)).toEqual({
    observations: [],
    rejections: [],
  });
});

test.each([
  ["zigbee2mqtt/a/b", '{"energy":1}', "zigbee2mqtt/a/b"],
  ["zigbee2mqtt/a/b/energy", "1.5", "zigbee2mqtt/a/b"],
  ["home/a", '{"energy":1,"linkquality":7}', "home/a"],
  ["home/a", '{"energy":1}', undefined],
  ["zigbee2mqtt/bridge/state", '{"state":"online"}', "zigbee2mqtt/bridge"],
  ["zigbee2mqtt/bridge/devices", "[]", "zigbee2mqtt/bridge"],
  ["zigbee2mqtt/a/b/availability", '{"state":"online"}', "zigbee2mqtt/a/b"],
  ["zigbee2mqtt/a/b/set", '{"state":"ON"}', "zigbee2mqtt/a/b"],
  ["tele/x/SENSOR", '{"Time":"2026-01-01T00:00:00"}', undefined],
])("who speaks on %s: %s", (topic, text, name) => {
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(name);
});

const numeric = (property: string, unit: string, more: object = {}) => ({
  type: "numeric",
  name: property,
  property,
  unit,
  access: 1,
  ...more,
});

/** What a device says after the bridge has described it. */
function described(definition: object, state: object, device = "meter"): unknown[] {
  const facts = new Map<string, string>();
  const say = (topic: string, message: unknown) =>
    family.decode(Buffer.from(JSON.stringify(message)), { ...CONTEXT, topic, facts });
  const devices = [
    { type: "Coordinator", definition: null },
    { friendly_name: device, definition },
  ];
  for (const { key, value } of say("zigbee2mqtt/bridge/devices", devices).facts ?? []) facts.set(key, value);
  expect(say("zigbee2mqtt/bridge/devices", devices).facts).toBeUndefined();
  const { observations, rejections } = say(`zigbee2mqtt/${device}`, state);
  expect(rejections).toEqual([]);
  return observations.map(({ register: { name, quantity, unit, kind, carrier, direction, tariff }, value }) =>
    [name, value, unit, quantity, kind, carrier ?? "-", direction ?? "-", tariff ?? "-"].join(" "),
  );
}

test("a gas meter counts m³ under the name of energy, and its power is a flow", () => {
  const exposes = [
    numeric("power", "m³/h", { description: "Instantaneous gas flow in m³/h" }),
    numeric("energy", "m³", { access: 7, description: "Total gas consumption in m³" }),
    numeric("battery", "%"),
    numeric("voltage", "mV"),
  ];
  expect(
    described(
      { description: "Gas meter", exposes },
      { energy: 812.45, power: 0.1, battery: 90, voltage: 3005 },
    ),
  ).toEqual([
    "energy 812.45 m3 volume cumulative gas import -",
    "power 0.1 m3/h flow instantaneous gas import -",
    "voltage 3005 mV voltage instantaneous - - -",
  ]);
});

test.each([
  ["L", "l", "12500"],
  ["m³", "m3", "12.5"],
])("water is counted in %s where the bridge says so", (written, unit, value) => {
  const exposes = [numeric("water_consumed", written), numeric("month_consumption", written)];
  expect(
    described(
      { description: "Water valve", exposes },
      { water_consumed: Number(value), month_consumption: 1 },
    ),
  ).toEqual([
    `water_consumed ${value} ${unit} volume cumulative water import -`,
    `month_consumption 1 ${unit} step-volume instantaneous - - -`,
  ]);
});

test("what is counted in a unit that nobody converts is a number, and no kWh", () => {
  expect(described({ exposes: [numeric("water_consumed", "gal")] }, { water_consumed: 7 })).toEqual([
    "water_consumed 7  number instantaneous - - -",
  ]);
});

test("a heat meter's energy is heat, and its water circulates", () => {
  const exposes = [numeric("energy", "kWh"), numeric("cumulative_flow", "m³")];
  expect(
    described({ description: "Ultrasonic heat meter", exposes }, { energy: 100, cumulative_flow: 5 }),
  ).toEqual([
    "energy 100 kWh energy cumulative heat import -",
    "cumulative_flow 5 m3 volume cumulative - - -",
  ]);
});

test("a Linky behind a ZLinky: its labels, with the units that the bridge tells; VA are no W", () => {
  const exposes = [
    numeric("current_summ_delivered", "kWh", { name: "EAST" }),
    numeric("current_tier1_summ_delivered", "kWh", { name: "EASF01" }),
    numeric("current_summ_received", "kWh", { name: "EAIT" }),
    numeric("available_power", "kVA", { name: "PREF" }),
    numeric("apparent_power", "VA", { name: "SINSTS" }),
    numeric("active_power", "W", { name: "CCASN" }),
    numeric("active_power_max", "VA", { name: "SMAXSN" }),
    numeric("total_reactive_power", "VArh", { name: "ERQ1" }),
  ];
  const state = {
    current_summ_delivered: 12345.678,
    current_tier1_summ_delivered: 12000,
    current_summ_received: 17,
    available_power: 9,
    apparent_power: 860,
    active_power: 812,
    active_power_max: 4200,
    total_reactive_power: 55,
    current_tarif: "BASE",
    current_date: "E250526143000",
    meter_serial_number: "041876000042",
    linkquality: 90,
  };
  expect(described({ description: "Lixee ZLinky", exposes }, state)).toEqual([
    "current_summ_delivered 12345.678 kWh energy cumulative electricity import -",
    "current_tier1_summ_delivered 12000 kWh energy cumulative - - 1",
    "current_summ_received 17 kWh energy cumulative electricity export -",
    "available_power 9 kVA subscribed-power instantaneous - - -",
    "apparent_power 860 VA apparent-power instantaneous - - -",
    "active_power 812 W power instantaneous electricity import -",
    "active_power_max 4200 VA max-apparent-power instantaneous - - -",
    "total_reactive_power 55 varh reactive-energy cumulative electricity - -",
  ]);
});

test("of a Linky that the bridge did not describe, what has one unit only is read", () => {
  const { observations, rejections } = decode({
    current_summ_delivered: 12345,
    current_tier2_summ_delivered: 5,
    apparent_power: 860,
    available_power: 45,
    current_tarif: "HC..",
  });
  expect(rejections).toEqual([]);
  expect(
    observations.map(({ register, value }) => [register.name, value, register.unit, register.carrier]),
  ).toEqual([
    ["current_summ_delivered", "12345", "kWh", "electricity"],
    ["current_tier2_summ_delivered", "5", "kWh", null],
    ["apparent_power", "860", "VA", null],
  ]);
});

test("a device that the bridge no longer describes is read by its names again", () => {
  const facts = new Map<string, string>();
  const say = (topic: string, message: unknown) => {
    const answer = family.decode(Buffer.from(JSON.stringify(message)), { ...CONTEXT, topic, facts });
    for (const { key, value } of answer.facts ?? []) facts.set(key, value);
    return answer.observations[0]?.register.unit;
  };
  const device = { friendly_name: "küche/gas", definition: { exposes: [numeric("energy", "m³")] } };
  say("zigbee2mqtt/bridge/devices", [device]);
  expect(say("zigbee2mqtt/küche/gas", { energy: 1 })).toBe("m3");
  expect(say("zigbee2mqtt/küche/gas/energy", 1)).toBe("m3");
  expect(say("zigbee2mqtt/other", { energy: 1 })).toBe("kWh");
  say("zigbee2mqtt/bridge/devices", []);
  expect(say("zigbee2mqtt/küche/gas", { energy: 1 })).toBe("kWh");
});

test("a plug says nothing that its names do not, so nothing is kept of it", () => {
  const exposes = [
    { type: "switch", features: [{ type: "binary", property: "state", access: 7 }] },
    numeric("power", "W"),
    numeric("energy", "kWh"),
    numeric("temperature", "°C"),
    numeric("humidity", "%"),
    numeric("linkquality", "lqi"),
    numeric("overload_protection", "W", { access: 7 }),
  ];
  const devices = [{ friendly_name: "plug", definition: { exposes } }];
  expect(decode(devices, "zigbee2mqtt/bridge/devices")).toEqual({ observations: [], rejections: [] });
});

test("the voltage of what lives on a battery is in mV, and no supply's", () => {
  expect(decode({ battery: 90, voltage: 3005, temperature: 20 }).observations[0]?.register).toMatchObject({
    unit: "mV",
    carrier: null,
  });
  expect(decode({ voltage: 231 }).observations[0]?.register).toMatchObject({ unit: "V" });
});

test("a base topic of several levels ends in the name of Zigbee2MQTT", () => {
  const topic = "house/7/zigbee2mqtt/cellar/plug";
  expect(decode({ energy: 1 }, topic).observations[0]?.register.equipmentId).toBe("cellar/plug");
  expect(family.recognise?.(topic, Buffer.from("{}"))).toBe(topic);
  const info = { config: Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [at, {}])) };
  expect(decode(info, "house/7/zigbee2mqtt/bridge/info")).toEqual({ observations: [], rejections: [] });
});

test("a number that a converter passes on as a text is one", () => {
  expect(decode({ energy: "1.50" }).observations[0]?.value).toBe("1.50");
  expect(decode({ energy: "1,5" }).rejections[0]?.reason).toBe("value_not_numeric");
});

test("decoding undoes encoding", () => {
  const decimal = fc.integer({ min: 0, max: 1e9 }).map((value) => (value / 1000).toFixed(3));
  const properties = fc.dictionary(fc.constantFrom("energy", "power", "voltage", "temperature"), decimal, {
    minKeys: 1,
  });
  const instant = fc.option(fc.integer({ min: 946_684_800_000, max: 4_000_000_000_000 }), { nil: undefined });
  fc.assert(
    fc.property(properties, instant, (values, lastSeenMs) => {
      const seen = lastSeenMs === undefined ? {} : { lastSeenMs };
      const bytes = encodeZigbee({ properties: new Map(Object.entries(values)), linkQuality: 7, ...seen });
      const { observations, rejections } = family.decode(bytes, CONTEXT);
      expect(rejections).toEqual([]);
      expect(Object.fromEntries(observations.map(({ register, value }) => [register.name, value]))).toEqual(
        values,
      );
      expect(observations.every(({ observedAtMs }) => observedAtMs === lastSeenMs)).toBe(true);
    }),
  );
});
