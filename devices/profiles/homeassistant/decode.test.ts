// What could be misread in what Home Assistant's discovery describes, one trap a test; and that decoding undoes encoding.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockSource } from "#devices/vocabulary";
import { playMessages } from "../play-messages.ts";
import { encodeDiscovery, encodeState, family } from "./index.ts";

const CONTEXT = { receivedAtMs: Date.UTC(2026, 2, 1), timezone: "Europe/Brussels", expectedIntervalS: null };
const play = (...messages: [string, unknown][]) =>
  playMessages(
    family.decode,
    messages.map(([topic, payload]) => ({
      topic,
      payload: Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)),
    })),
    CONTEXT,
  );
const CONFIG = "homeassistant/sensor/x/config";
const ENERGY = {
  unique_id: "x",
  state_topic: "s",
  unit_of_measurement: "kWh",
  device_class: "energy",
  state_class: "total_increasing",
};
const registerOf = (config: object) =>
  play([CONFIG, { ...ENERGY, ...config }], ["s", "1.50"])[1]?.observations[0];

test("a state has the unit and kind of its description, and the broker's time; its repetition is no reading", () => {
  const observation = registerOf({ device: { identifiers: ["meter-1"] } });
  expect(observation).toMatchObject({ value: "1.50", observedAtMs: undefined, clock: ClockSource.broker });
  expect(observation?.register).toMatchObject({
    name: "x",
    equipmentId: "meter-1",
    unit: "kWh",
    kind: "cumulative",
    carrier: "electricity",
    direction: "import",
    onChange: true,
    timedByBroker: true,
  });
});

test("keys may be abbreviated, and the base topic stands for a tilde at either end", () => {
  const short = {
    uniq_id: "x",
    unit_of_meas: "kWh",
    dev_cla: "energy",
    stat_cla: "total",
    dev: { ids: "m" },
  };
  const [, , first, second] = play(
    [CONFIG, { "~": "house/x", stat_t: "~/state", ...short }],
    ["homeassistant/sensor/n/y/config", { "~": "x", stat_t: "house/~", ...short, uniq_id: "y" }],
    ["house/x/state", "1"],
    ["house/x", "2"],
  );
  expect(first?.observations[0]?.register).toMatchObject({ name: "x", equipmentId: "m", unit: "kWh" });
  expect(second?.observations[0]?.register).toMatchObject({ name: "y" });
});

test.each([
  [
    { state_class: "measurement", device_class: "power", unit_of_measurement: "W" },
    "instantaneous",
    "electricity",
  ],
  [{ state_class: "total" }, "cumulative", "electricity"],
  [{ state_class: "measurement" }, "instantaneous", null],
  [{ state_class: undefined }, "cumulative", null],
  [{ device_class: "gas", unit_of_measurement: "m³" }, "cumulative", "gas"],
  [{ device_class: "water", unit_of_measurement: "L" }, "cumulative", "water"],
  [{ device_class: "water", unit_of_measurement: "m³", name: "Gas boiler water" }, "cumulative", "water"],
  [{ device_class: "energy", unit_of_measurement: "GJ", name: "Heat" }, "cumulative", "heat"],
  [{ device_class: "energy", name: "Energy today" }, "instantaneous", null],
  [{ device_class: "energy", name: "Energy L1" }, "cumulative", null],
  [{ device_class: "energy", name: "Tariff 2" }, "cumulative", null],
  [{ device_class: "energy", name: "Water heater" }, "cumulative", null],
  [{ device_class: "energy", name: "Solar" }, "cumulative", null],
  [{ device_class: "energy_storage", state_class: "measurement" }, "instantaneous", null],
  [{ device_class: "water", unit_of_measurement: "gal" }, "cumulative", null],
])("%j is %s, %s", (config, kind, carrier) => {
  expect(registerOf(config)?.register).toMatchObject({ kind, carrier });
});

test.each([["Energy returned"], ["Export"], ["Grid feed-in"], ["Energy to grid"]])("%s is export", (name) => {
  expect(registerOf({ name })?.register.direction).toBe("export");
});

test("one state has all the sensors that name its topic, each by its own template; a part of it those that it has", () => {
  const [, , whole, part] = play(
    [CONFIG, { ...ENERGY, value_template: "{{ value_json.e }}" }],
    [
      "homeassistant/sensor/y/config",
      { unique_id: "y", state_topic: "s", value_template: "{{ value_json.p }}", unit_of_measurement: "W" },
    ],
    ["s", { e: 1.5, p: 20 }],
    ["s", { p: 21 }],
  );
  expect(whole?.observations.map(({ register, value }) => [register.name, value])).toEqual([
    ["x", "1.5"],
    ["y", "20"],
  ]);
  expect(part?.observations.map(({ value }) => value)).toEqual(["21"]);
  expect(part?.rejections).toEqual([]);
});

test("a template that is not read is told with its words when it is described, and not with every state", () => {
  const template = "{{ value_json.e if value_json.on else 0 }}";
  const [config, state] = play([CONFIG, { ...ENERGY, value_template: template }], ["s", { e: 1, on: true }]);
  expect(config?.rejections[0]?.detail).toContain(template);
  expect(state).toEqual({ observations: [], rejections: [] });
});

test("a default is no reading: an index does not stand at 0 because nobody said anything", () => {
  const [, state] = play(
    [CONFIG, { ...ENERGY, value_template: "{{ value_json.e | default(0) }}" }],
    ["s", {}],
  );
  expect(state).toEqual({ observations: [], rejections: [] });
});

test("a state that nobody described waits; availability, commands and other components are of no interest", () => {
  const answers = play(
    ["s", "1"],
    [CONFIG, { ...ENERGY, availability: [{ t: "s/online" }], json_attributes_topic: "s/attributes" }],
    ["homeassistant/switch/x/config", { state_topic: "s/switch", command_topic: "s/set" }],
    ["homeassistant/sensor/w/config", { state_topic: "s/firmware" }],
    ["s/online", "online"],
    ["s/attributes", "{}"],
    ["s/switch", "ON"],
    ["s/set", "OFF"],
    ["s/firmware", "1.2"],
    ["homeassistant/status", "online"],
    ["s", "1"],
  );
  expect(answers[0]?.rejections[0]?.reason).toBe("description_missing");
  for (const answer of answers.slice(4, 10)) expect(answer).toEqual({ observations: [], rejections: [] });
  expect(answers[10]?.observations).toHaveLength(1);
});

test("a description that did not change is no news; an empty one takes it off", () => {
  const [first, again, removed, state] = play([CONFIG, ENERGY], [CONFIG, ENERGY], [CONFIG, ""], ["s", "1"]);
  expect(first?.facts).toHaveLength(1);
  expect(again?.facts).toBeUndefined();
  expect(removed?.facts).toEqual([{ key: `config ${CONFIG}`, value: "" }]);
  expect(state?.rejections[0]?.reason).toBe("description_missing");
});

test("a device that is described whole: components share what they have in common, and one that is left out is gone", () => {
  const device = "homeassistant/device/d/config";
  const component = (name: string) => ({ ...ENERGY, p: "sensor", unique_id: name, state_topic: undefined });
  const common = { dev: { ids: ["d-1"] }, state_topic: "d/state" };
  const [first, state, second, less] = play(
    [device, { ...common, cmps: { a: component("a"), b: component("b"), c: { p: "sensor" } } }],
    ["d/state", "5"],
    [device, { ...common, cmps: { b: component("b") } }],
    ["d/state", "6"],
  );
  expect(first?.facts?.map(({ key }) => key)).toEqual([`config ${device} a`, `config ${device} b`]);
  expect(state?.observations.map(({ register }) => [register.name, register.equipmentId])).toEqual([
    ["a", "d-1"],
    ["b", "d-1"],
  ]);
  expect(second?.facts).toEqual([{ key: `config ${device} a`, value: "" }]);
  expect(less?.observations.map(({ register }) => register.name)).toEqual(["b"]);
});

test("a topic that begins like another one does not take off what that one described", () => {
  const [, , removed] = play(
    ["homeassistant/sensor/x/config", ENERGY],
    ["homeassistant/sensor/x/x/config", { ...ENERGY, unique_id: "xx" }],
    ["homeassistant/sensor/x/config", ""],
  );
  expect(removed?.facts).toEqual([{ key: "config homeassistant/sensor/x/config", value: "" }]);
});

const SESSION = {
  ...ENERGY,
  state_class: "total",
  value_template: "{{ value_json.e }}",
  last_reset_value_template: "{{ value_json.since }}",
};
const session = (e: number, since: string): [string, unknown] => ["s", { e, since }];

test("where last_reset is a later one than before, the index stood at 0 at that instant", () => {
  const answers = play(
    [CONFIG, SESSION],
    session(8, "2026-02-01T00:00:00+01:00"),
    session(9, "2026-02-01T00:00:00+01:00"),
    session(0.5, "2026-02-20T00:00:00+01:00"),
    session(0.6, "2026-02-20T00:00:00+01:00"),
  );
  const lines = answers.map(({ observations }) =>
    observations.map(({ value, observedAtMs }) => [value, observedAtMs]),
  );
  expect(lines.slice(1)).toEqual([
    [["8", undefined]],
    [["9", undefined]],
    [
      ["0", Date.UTC(2026, 1, 19, 23)],
      ["0.5", undefined],
    ],
    [["0.6", undefined]],
  ]);
});

test.each([
  ["2019"],
  ["soon"],
  ["1970-01-01T00:00:00+00:00"],
  ["2036-01-01T00:00:00Z"],
  ["2026-02-20T00:00:00"],
])("a last_reset of %s is none", (since) => {
  const answers = play([CONFIG, SESSION], session(8, "2026-02-01T00:00:00Z"), session(9, since));
  expect(answers[2]?.observations).toHaveLength(1);
});

test.each([
  ["homeassistant/sensor/x/config", ENERGY, "homeassistant"],
  ["homeassistant/sensor/node/x/config", ENERGY, "homeassistant"],
  ["homeassistant/device/x/config", { cmps: {} }, "homeassistant"],
  ["homeassistant/sensor/x/config", "", "homeassistant"],
  ["home/ha/sensor/x/config", ENERGY, "home/ha"],
  ["home/ha/sensor/x/config", { interval: 5 }, undefined],
  ["homeassistant/sensor/light/x/config", ENERGY, "homeassistant"],
  ["homeassistant/status", "online", undefined],
  ["s", "1", undefined],
  ["s", { energy: 1 }, undefined],
])("who speaks on %s", (topic, payload, name) => {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  expect(family.recognise?.(topic, Buffer.from(text))).toBe(name);
});

test("decoding undoes encoding", () => {
  const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const sensor = fc.record({
    object: id,
    field: id,
    unit: fc.constantFrom("kWh", "Wh"),
    deviceClass: fc.constant("energy"),
    stateClass: fc.constantFrom("total" as const, "total_increasing" as const, "measurement" as const),
  });
  const sensors = fc.uniqueArray(sensor, { minLength: 1, maxLength: 20, selector: ({ object }) => object });
  const value = fc.integer({ min: 0, max: 1e9 }).map((milli) => (milli / 1000).toFixed(3));
  fc.assert(
    fc.property(id, sensors, fc.func(value), (device, list, valueOf) => {
      const values = new Map(list.map(({ field }) => [field, valueOf(field)]));
      const messages = [...encodeDiscovery(device, "t/state", list), encodeState("t/state", values)];
      const answers = playMessages(family.decode, messages, CONTEXT);
      expect(answers.flatMap(({ rejections }) => rejections)).toEqual([]);
      const read = answers
        .at(-1)
        ?.observations.map(({ register, value: text }) => [
          register.name,
          register.equipmentId,
          register.unit,
          text,
        ]);
      expect(read).toEqual(
        list.map(({ object, field, unit }) => [`${device}_${object}`, device, unit, values.get(field)]),
      );
    }),
  );
});
