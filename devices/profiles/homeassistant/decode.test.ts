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
  [{ device_class: "energy", name: "Tariff" }, "cumulative", null],
  [{ device_class: "energy", name: "Water heater" }, "cumulative", null],
  [{ device_class: "energy", name: "Solar" }, "cumulative", null],
  [{ device_class: "energy_storage", state_class: "measurement" }, "instantaneous", null],
  [{ device_class: "water", unit_of_measurement: "gal" }, "cumulative", null],
])("%j is %s, %s", (config, kind, carrier) => {
  expect(registerOf(config)?.register).toMatchObject({ kind, carrier });
});

test.each([
  ["Energy Consumed Tariff 1", "x", "1", "electricity"],
  ["Verbruik tarief 2", "x", "2", "electricity"],
  ["Energy T2", "x", "2", "electricity"],
  ["Energy", "plug_t2_energy", null, "electricity"],
  ["Tank 2 energy", "x", null, "electricity"],
  ["Energy L1 tariff 1", "x", null, null],
])("%s of %s: tariff %s", (name, unique_id, tariff, carrier) => {
  expect(registerOf({ name, unique_id })?.register).toMatchObject({ tariff, carrier });
});

test("a P1 reader of ESPHome: a topic a value, nan for none, its presence on a topic of its own", () => {
  const base = { stat_cla: "total_increasing", avty_t: "p1/status", dev: { ids: "8caab5aabbcc" } };
  const described = (
    object: string,
    name: string,
    dev_cla: string,
    unit_of_meas: string,
  ): [string, unknown] => [
    `homeassistant/sensor/p1/${object}/config`,
    { ...base, name, dev_cla, unit_of_meas, uniq_id: `ESP${object}`, stat_t: `p1/sensor/${object}/state` },
  ];
  const answers = play(
    described("energy_consumed_tariff_1", "Energy Consumed Tariff 1", "energy", "kWh"),
    described("energy_produced_tariff_2", "Energy Produced Tariff 2", "energy", "kWh"),
    described("gas_consumed_belgium", "Gas Consumed Belgium", "gas", "m³"),
    ["p1/status", "online"],
    ["p1/sensor/energy_consumed_tariff_1/state", "1234.567"],
    ["p1/sensor/energy_produced_tariff_2/state", "3.100"],
    ["p1/sensor/gas_consumed_belgium/state", "nan"],
    ["p1/sensor/gas_consumed_belgium/state", "812.450"],
  );
  expect(answers.flatMap(({ rejections }) => rejections)).toEqual([]);
  expect(
    answers.flatMap(({ observations }) =>
      observations.map(({ register: { carrier, direction, tariff, unit }, value }) =>
        [value, unit, carrier, direction, tariff].join(" "),
      ),
    ),
  ).toEqual([
    "1234.567 kWh electricity import 1",
    "3.100 kWh electricity export 2",
    "812.450 m3 gas import ",
  ]);
});

test("what panels have yielded is no consumption, though only the end of the topic says so", () => {
  const topic = "solar/116181/0/yieldtotal";
  const [, state] = play([CONFIG, { ...ENERGY, name: "YieldTotal", state_topic: topic }], [topic, "512.345"]);
  expect(state?.observations[0]?.register).toMatchObject({ carrier: "electricity", direction: "export" });
});

test("a boiler that gives 0 for what it does not know: what is not there is no value", () => {
  const val_tpl = "{{value_json.nrgheat if value_json.nrgheat is defined else 0}}";
  const [, , without, withValue] = play(
    [CONFIG, { ...ENERGY, value_template: undefined, val_tpl }],
    ["ems-esp/status", "online"],
    ["s", { other: 1 }],
    ["s", { nrgheat: 123.5 }],
  );
  expect(without).toEqual({ observations: [], rejections: [] });
  expect(withValue?.observations[0]?.value).toBe("123.5");
});

test.each([
  ["kW·h", "kWh"],
  ["KWH", "kWh"],
  ["m^3", "m3"],
  ["㎥", "m3"],
  ["L", "l"],
])("the unit %s is %s", (unit_of_measurement, unit) => {
  expect(registerOf({ unit_of_measurement, device_class: undefined })?.register.unit).toBe(unit);
});

test.each([
  [{ name: "Night light" }, "electricity"],
  [{ name: "Night light energy" }, "electricity"],
  [{ name: "High cellar plug" }, "electricity"],
  [{ name: "Gas station energy" }, "electricity"],
  [{ name: "Energy", unique_id: "gas_night_high_solar_hour_min_tank" }, "electricity"],
  [{ name: "Day room energy" }, "electricity"],
  [{ name: "Level 2 energy" }, "electricity"],
  [{ name: "Storage room energy" }, "electricity"],
  [{ name: "Last floor plug" }, "electricity"],
  [{ name: "P1 meter energy" }, "electricity"],
  [{ name: "Energy", unique_id: "plug_l1_energy" }, null],
  [{ name: "Energy night" }, null],
  [{ name: "Night tariff energy" }, null],
  [{ name: "Verbruik dal" }, null],
  [{ name: "Énergie heures creuses" }, null],
  [{ name: "Gas energy" }, "gas"],
  [{ name: "Consommation gaz" }, "gas"],
  [{ name: "Heat meter apartment 12" }, "heat"],
  [{ name: "Wärmemenge" }, "heat"],
  [{ name: "Total", device_class: undefined, unit_of_measurement: "m³", unique_id: "gas_meter" }, "gas"],
  [{ name: "Gas kitchen total", device_class: undefined, unit_of_measurement: "m³" }, "gas"],
  [{ name: "Night garden", device_class: "water", unit_of_measurement: "m³", unique_id: "gas_1" }, "water"],
])("%j: the words of a room take no carrier away and give none, it is %s", (config, carrier) => {
  expect(registerOf(config)?.register).toMatchObject({ kind: "cumulative", carrier, tariff: null });
});

test.each([
  ["Energy today"],
  ["Verbruik vandaag"],
  ["Énergie aujourd'hui"],
  ["Tagesverbrauch"],
  ["Energia oggi"],
  ["Energy this month"],
  ["Consommation mois"],
  ["Energy last hour"],
])("%s begins anew each time: no index", (name) => {
  expect(registerOf({ name })?.register.kind).toBe("instantaneous");
});

test.each([
  ["esp/night/sensor/energy_today/state", "instantaneous"],
  ["esp/night/sensor/total/state", "cumulative"],
])("where a state has no JSON, the end of its topic says what it is: %s", (state_topic, kind) => {
  const [, state] = play([CONFIG, { ...ENERGY, name: "Plug", state_topic }], [state_topic, "1"]);
  expect(state?.observations[0]?.register.kind).toBe(kind);
});

test.each([
  ["Power", null],
  ["Power consumption", "import"],
  ["Vermogen afname", "import"],
  ["Power export", "export"],
  ["Einspeisung", "export"],
])("electric power called %s has the direction %s: one number without a word is net", (name, direction) => {
  const power = { name, device_class: "power", unit_of_measurement: "W", state_class: "measurement" };
  expect(registerOf(power)?.register).toMatchObject({ carrier: "electricity", direction });
});

test.each([
  [{ identifiers: 4711 }, "4711"],
  [{ identifiers: [4711, "x"] }, "4711"],
  [{ identifiers: ["a", 4711] }, "a"],
])("a device of %j is %s", (device, equipmentId) => {
  expect(registerOf({ device })?.register.equipmentId).toBe(equipmentId);
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

test.each(["online", "Offline", '"online"', '{"state":"offline"}'])(
  "%s says whether somebody is there, on whatever topic",
  (payload) => expect(play(["bridge/lwt", payload])[0]).toEqual({ observations: [], rejections: [] }),
);

test("a thousand switches, texts and buttons share a few facts, and their topics stay known", () => {
  const facts = new Map<string, string>();
  const decode = (topic: string, payload: string) => {
    const answer = family.decode(Buffer.from(payload), { ...CONTEXT, topic, facts });
    for (const { key, value } of answer.facts ?? []) facts.set(key, value);
    return answer;
  };
  for (let at = 0; at < 1000; at++) {
    const config = { state_topic: `house/${at}/switch`, command_topic: `house/${at}/set` };
    expect(decode(`homeassistant/switch/plug-${at}/config`, JSON.stringify(config)).facts).toHaveLength(1);
    expect(decode(`homeassistant/switch/plug-${at}/config`, JSON.stringify(config)).facts).toBeUndefined();
  }
  expect(facts.size).toBeLessThanOrEqual(64);
  expect(Math.max(...[...facts.values()].map(({ length }) => length))).toBeLessThanOrEqual(16_384);
  for (const at of [0, 17, 999]) {
    expect(decode(`house/${at}/switch`, "ON")).toEqual({ observations: [], rejections: [] });
  }
  decode("homeassistant/switch/plug-17/config", "");
  expect(decode("house/17/switch", "ON").rejections[0]?.reason).toBe("description_missing");
  expect(decode("house/18/switch", "ON").rejections).toEqual([]);
});

test("a sensor that becomes a text is none any more", () => {
  const [, removed, state] = play(
    [CONFIG, ENERGY],
    [
      CONFIG,
      { ...ENERGY, unit_of_measurement: undefined, device_class: "enum", ops: ["a"], state_class: "" },
    ],
    ["s", "a"],
  );
  expect(removed?.facts?.map(({ key, value }) => [key.slice(0, 6), value === ""])).toEqual([
    ["config", true],
    ["topics", false],
  ]);
  expect(state).toEqual({ observations: [], rejections: [] });
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

/** What each state gives, with the seconds after noon at which it comes. */
function sessionAt(...states: [afterS: number, e: number, since: string][]): unknown[][] {
  const noonMs = Date.UTC(2026, 2, 1, 12);
  const messages = [
    { topic: CONFIG, payload: Buffer.from(JSON.stringify(SESSION)) },
    ...states.map(([afterS, e, since]) => ({
      topic: "s",
      payload: Buffer.from(JSON.stringify({ e, since })),
      afterS,
    })),
  ];
  return playMessages(family.decode, messages, { ...CONTEXT, receivedAtMs: noonMs })
    .slice(1)
    .map(({ observations }) =>
      observations.map(({ value, observedAtMs }) => [
        value,
        observedAtMs === undefined ? undefined : (observedAtMs - noonMs) / 1000,
      ]),
    );
}

test("where last_reset is a later one than before, the index stood at 0 at that instant", () => {
  expect(
    sessionAt(
      [0, 8, "2026-02-01T00:00:00+01:00"],
      [60, 9, "2026-02-01T00:00:00+01:00"],
      [180, 0.5, "2026-03-01T13:02:00+01:00"],
      [240, 0.6, "2026-03-01T13:02:00+01:00"],
    ),
  ).toEqual([
    [["8", undefined]],
    [["9", undefined]],
    [
      ["0", 120],
      ["0.5", undefined],
    ],
    [["0.6", undefined]],
  ]);
});

test("a last_reset before a value that was heard already is no 0: that value would look like consumption", () => {
  expect(
    sessionAt(
      [0, 8, "2026-02-01T00:00:00Z"],
      [60, 9, "2026-02-01T00:00:00Z"],
      [120, 0.5, "2026-03-01T12:00:30Z"],
      [180, 0.6, "2026-03-01T12:00:30Z"],
    ),
  ).toEqual([[["8", undefined]], [["9", undefined]], [["0.5", undefined]], [["0.6", undefined]]]);
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
