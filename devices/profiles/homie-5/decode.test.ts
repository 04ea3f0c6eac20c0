// What could be misread in Homie 5, one trap a test; and that decoding undoes encoding.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ClockSource } from "#devices/vocabulary";
import { playMessages } from "../play-messages.ts";
import { encodeHomieDescription, encodeHomieValues, family } from "./index.ts";

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
const DESCRIPTION = "homie/5/meter/$description";
const described = (properties: object, node = "main") => ({
  homie: "5.0",
  version: 1,
  nodes: { [node]: { properties } },
});
const valueOf = (unit: string, name = "energy", more: object = {}) =>
  play(
    [DESCRIPTION, described({ [name]: { datatype: "float", unit, ...more } })],
    [`homie/5/meter/main/${name}`, "1.50"],
  )[1]?.observations[0];

test("a value takes type and unit from the description, its digits from the payload and its time from the broker", () => {
  const observation = valueOf("kWh", "energy-import");
  expect(observation).toMatchObject({ value: "1.50", observedAtMs: undefined, clock: ClockSource.broker });
  expect(observation?.register).toMatchObject({
    name: "main/energy-import",
    equipmentId: "meter",
    unit: "kWh",
    kind: "cumulative",
    carrier: "electricity",
    direction: "import",
    timedByBroker: true,
  });
});

test.each([
  ["°C", "Cel", "temperature"],
  ["%", "%", "ratio"],
  ["m³", "m3", "volume"],
  ["L", "l", "volume"],
  ["W", "W", "power"],
  ["kW", "kW", "power"],
  ["V", "V", "voltage"],
  ["A", "A", "current"],
  ["Hz", "Hz", "frequency"],
  ["Pa", "Pa", "pressure"],
  ["ppm", "ppm", "ratio"],
  ["lx", "lx", "illuminance"],
  ["K", "K", "temperature"],
  ["#", "count", "count"],
  ["gal", "", "number"],
  ["°F", "", "number"],
  ["mW", "", "number"],
  ["", "", "number"],
])("the unit %s is %s, a %s", (written, unit, quantity) => {
  expect(valueOf(written, "x")?.register).toMatchObject({ unit, quantity });
});

test.each([
  ["energy-today", "step-energy", "instantaneous", null],
  ["daily-energy", "step-energy", "instantaneous", null],
  ["energy-l1", "energy", "cumulative", null],
  ["energy-tariff1", "energy", "cumulative", "electricity"],
  ["energy-night", "energy", "cumulative", null],
  ["night-light", "energy", "cumulative", "electricity"],
  ["energie-vandaag", "step-energy", "instantaneous", null],
  ["warmte", "energy", "cumulative", "heat"],
  ["energyImport", "energy", "cumulative", "electricity"],
  ["heat-pump", "energy", "cumulative", null],
  ["heat", "energy", "cumulative", "heat"],
] as const)("%s in kWh: %s, %s, %s", (name, quantity, kind, carrier) => {
  expect(valueOf("kWh", name)?.register).toMatchObject({ quantity, kind, carrier });
});

test("nobody counts electricity in gigajoules", () => {
  expect(valueOf("GJ", "total")?.register).toMatchObject({ carrier: "heat", direction: "import" });
});

test("what a tank holds is no index of consumption", () => {
  expect(valueOf("L", "tank-level")?.register).toMatchObject({
    quantity: "stored-volume",
    kind: "instantaneous",
  });
});

test("what others set belongs to no supply point", () => {
  expect(valueOf("W", "limit-power", { settable: true })?.register.carrier).toBeNull();
});

test("before the description a value waits, and so does one of a property that it does not name", () => {
  const [before, , after] = play(
    ["homie/5/meter/main/energy", "1"],
    [DESCRIPTION, described({ power: { datatype: "float", unit: "W" } })],
    ["homie/5/meter/main/energy", "1"],
  );
  expect([before, after].map((one) => one?.rejections[0]?.reason)).toEqual([
    "description_missing",
    "description_missing",
  ]);
});

test("a description that did not change is no news, and one that did holds from the next value on", () => {
  const energy = { energy: { datatype: "float", unit: "kWh" } };
  const [first, again, , changed, value] = play(
    [DESCRIPTION, described(energy)],
    [DESCRIPTION, described(energy)],
    ["homie/5/meter/main/energy", "1"],
    [DESCRIPTION, described({ energy: { datatype: "float", unit: "Wh" } })],
    ["homie/5/meter/main/energy", "1000"],
  );
  expect(first?.facts).toHaveLength(1);
  expect(again).toEqual({ observations: [], rejections: [] });
  expect(changed?.facts).toHaveLength(1);
  expect(value?.observations[0]?.register.unit).toBe("Wh");
});

test("a description of a thousand properties is kept in parts, and a shorter one takes the rest off", () => {
  const names = Array.from({ length: 1000 }, (_, at) => `energy-${"x".repeat(20)}-${at}`);
  const many = Object.fromEntries(names.map((name) => [name, { datatype: "float", unit: "kWh" }]));
  const [first, value, second, gone] = play(
    [DESCRIPTION, described(many)],
    [`homie/5/meter/main/${names.at(-1)}`, "3"],
    [DESCRIPTION, described({ energy: { datatype: "float", unit: "kWh" } })],
    [`homie/5/meter/main/${names.at(-1)}`, "3"],
  );
  expect(first?.facts?.length).toBeGreaterThan(1);
  expect(value?.observations).toHaveLength(1);
  expect(second?.facts?.filter((fact) => fact.value === "")).toHaveLength((first?.facts?.length ?? 0) - 1);
  expect(gone?.rejections[0]?.reason).toBe("description_missing");
});

test("a device that is removed is not known any more", () => {
  const [, , value] = play(
    [DESCRIPTION, described({ energy: { datatype: "float", unit: "kWh" } })],
    [DESCRIPTION, ""],
    ["homie/5/meter/main/energy", "1"],
  );
  expect(value?.rejections[0]?.reason).toBe("description_missing");
});

test("texts, booleans and cleared topics are no readings, and no faults", () => {
  const answers = play(
    [DESCRIPTION, described({ on: { datatype: "boolean" }, text: {}, energy: { datatype: "integer" } })],
    ["homie/5/meter/main/on", "true"],
    ["homie/5/meter/main/text", "12"],
    ["homie/5/meter/main/energy", ""],
    ["homie/5/meter/main/energy", "\0"],
  );
  expect(answers.slice(1).every((one) => one.observations.length + one.rejections.length === 0)).toBe(true);
});

test("a number of a hundred digits too many is none, and not its beginning", () => {
  const [, value] = play(
    [DESCRIPTION, described({ energy: { datatype: "float", unit: "kWh" } })],
    ["homie/5/meter/main/energy", "1".repeat(200)],
  );
  expect(value?.rejections[0]?.reason).toBe("value_not_numeric");
});

test.each([
  ["homie/5/meter/main/energy", "meter"],
  ["homie/5/meter/$state", "meter"],
  ["house/5/meter/main/energy", undefined],
  ["homie/5/$broadcast/alert", undefined],
  ["homie/meter/main/energy", undefined],
  ["homie/5", undefined],
])("who speaks on %s", (topic, name) => {
  expect(family.recognise?.(topic, Buffer.from("1"))).toBe(name);
});

test("decoding undoes encoding", () => {
  const id = fc.stringMatching(/^[a-z0-9]{1,12}$/);
  const property = fc.record({
    node: id,
    property: id,
    unit: fc.constantFrom("kWh", "W", "°C"),
    value: fc
      .integer({ min: -1e9, max: 1e9 })
      .map((milli) => (milli / 1000).toFixed(3).replace(/^-0.000$/, "0.000")),
  });
  const properties = fc.uniqueArray(property, {
    minLength: 1,
    maxLength: 30,
    selector: ({ node, property: name }) => `${node}/${name}`,
  });
  fc.assert(
    fc.property(id, properties, (device, list) => {
      const messages = [encodeHomieDescription(device, 1, list), ...encodeHomieValues(device, list)];
      const answers = playMessages(family.decode, messages, CONTEXT);
      expect(answers.flatMap(({ rejections }) => rejections)).toEqual([]);
      const read = answers.flatMap(({ observations }) => observations);
      expect(read.map(({ register, value }) => [register.name, register.equipmentId, value])).toEqual(
        list.map(({ node, property: name, value }) => [`${node}/${name}`, device, value]),
      );
    }),
  );
});
