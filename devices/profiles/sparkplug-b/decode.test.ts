// What could be misread in Sparkplug B, one trap a test.
import fc from "fast-check";
import { expect, test } from "vitest";
import { get } from "sparkplug-payload";
import { playMessages, type SpokenMessage } from "../play-messages.ts";
import { encodeSparkplug, family } from "./index.ts";

const CONTEXT = { receivedAtMs: Date.UTC(2026, 2, 1), timezone: "Europe/Brussels", expectedIntervalS: null };
const NOW = Date.UTC(2026, 1, 17);
const BIRTH = "spBv1.0/g/DBIRTH/n/meter";
const DATA = "spBv1.0/g/DDATA/n/meter";
const encoder = get("spBv1.0");

const play = (...messages: [string, Uint8Array][]) =>
  playMessages(
    family.decode,
    messages.map(([topic, payload]): SpokenMessage => ({ topic, payload })),
    CONTEXT,
  );
const metric = (value: string, over: object = {}) => ({
  name: "Energy/Import",
  alias: 1,
  value,
  unit: "kWh",
  observedAtMs: NOW,
  ...over,
});
const encoded = (type: "Float" | "UInt32" | "Int8" | "Int64", value: number) =>
  encoder?.encodePayload({
    seq: 1,
    timestamp: NOW,
    metrics: [{ name: "x", alias: 9, type, value, timestamp: NOW }],
  }) ?? new Uint8Array();

test("after its birth a metric is known by its alias alone, with its unit", () => {
  const [, data] = play(
    [BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1.5")])],
    [DATA, encodeSparkplug("data", 2, NOW, [metric("1.625")])],
  );
  expect(data?.observations[0]).toMatchObject({ value: "1.625", observedAtMs: NOW });
  expect(data?.observations[0]?.register).toMatchObject({
    name: "Energy/Import",
    unit: "kWh",
    equipmentId: "meter",
  });
  expect(data?.requests).toBeUndefined();
});

test("an alias that nobody was born with waits, and the node is asked to be born again", () => {
  const [data] = play([DATA, encodeSparkplug("data", 2, NOW, [metric("1")])]);
  expect(data?.rejections[0]?.reason).toBe("description_missing");
  expect(data?.requests?.[0]?.topic).toBe("spBv1.0/g/NCMD/n");
});

test.each([
  [
    [254, 255, 0, 1],
    [false, false, false],
  ],
  [
    [1, 2, 4],
    [false, true],
  ],
])("sequence %j", (seqs, asked) => {
  const [first = 0, ...rest] = seqs;
  const answers = play(
    [BIRTH, encodeSparkplug("birth", first, NOW, [metric("1")])],
    ...rest.map((seq): [string, Uint8Array] => [
      DATA,
      encodeSparkplug("data", seq, NOW + seq, [metric("2")]),
    ]),
  ).slice(1);
  expect(answers.map(({ requests }) => requests !== undefined)).toEqual(asked);
  expect(answers.every(({ observations }) => observations.length === 1)).toBe(true);
});

test.each([
  ["Float", 23.1, "23.1"],
  ["UInt32", 4_000_000_000, "4000000000"],
  ["Int8", -5, "-5"],
  ["Int64", -7, "-7"],
] as const)("%s %d", (type, value, text) => {
  expect(play([BIRTH, encoded(type, value)])[0]?.observations[0]?.value).toBe(text);
});

test("a UInt32 in the field of 32 bits is read too", () => {
  // Metric: name x (1), datatype 7 (4), int_value 4294967295 (10).
  const bytes = Buffer.from("120b0a017820075 0ffffffff0f".replace(" ", ""), "hex");
  expect(play([BIRTH, bytes])[0]?.observations[0]?.value).toBe("4294967295");
});

test("a birth that did not change is no new fact", () => {
  const bytes = encodeSparkplug("birth", 1, NOW, [metric("1")]);
  const [first, second] = play([BIRTH, bytes], [BIRTH, bytes]);
  expect(first?.facts?.length).toBe(1);
  expect(second?.facts).toBeUndefined();
});

test("a node of a thousand metrics is born in parts", () => {
  const metrics = Array.from({ length: 1000 }, (_, at) =>
    metric("1", { name: `Energy/${"x".repeat(20)}${at}`, alias: at }),
  );
  const [birth, data] = play(
    [BIRTH, encodeSparkplug("birth", 1, NOW, metrics)],
    [DATA, encodeSparkplug("data", 2, NOW, metrics)],
  );
  expect(birth?.facts?.length).toBeGreaterThan(1);
  expect(data?.observations.length).toBe(1000);
});

test("decoding undoes encoding", () => {
  const value = fc.integer({ min: 0, max: 1e9 }).map((milli) => (milli / 1000).toString());
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), (values) => {
      const metrics = values.map((one, alias) => metric(one, { alias, name: `Energy/${alias}` }));
      const [, data] = play(
        [BIRTH, encodeSparkplug("birth", 1, NOW, metrics)],
        [DATA, encodeSparkplug("data", 2, NOW, metrics)],
      );
      expect(data?.observations.map((one) => Number(one.value))).toEqual(values.map(Number));
    }),
  );
});

test("before its birth a metric told in full waits too: its unit is not known, and a register without one would stay", () => {
  const told = encoder?.encodePayload({
    seq: 1,
    timestamp: NOW,
    metrics: [{ name: "Energy/Import", type: "Double", value: 1, timestamp: NOW }],
  });
  const bytes = told ?? new Uint8Array();
  const [before, , after] = play(
    [DATA, bytes],
    [BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1")])],
    [DATA, bytes],
  );
  expect(before?.rejections[0]?.reason).toBe("description_missing");
  expect(after?.observations[0]?.register.unit).toBe("kWh");
});

test.each([
  ["Energy/Delta", "step-energy", "instantaneous", null],
  ["Energy/Interval", "step-energy", "instantaneous", null],
  ["Energy/L1", "energy", "cumulative", null],
  ["Energy/Import", "energy", "cumulative", "electricity"],
] as const)("%s in kWh: %s, %s, %s", (name, quantity, kind, carrier) => {
  const [birth] = play([BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1", { name })])]);
  expect(birth?.observations[0]?.register).toMatchObject({ quantity, kind, carrier });
});

test("C is a degree Celsius where a unit of engineers stands", () => {
  const [birth] = play([BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1", { name: "T", unit: "C" })])]);
  expect(birth?.observations[0]?.register.unit).toBe("Cel");
});

test("a later part of a birth that changed holds from the next message on", () => {
  const metrics = (unit: string) =>
    Array.from({ length: 1000 }, (_, at) =>
      metric("1", { name: `Energy/${"x".repeat(20)}${at}`, alias: at, unit: at === 999 ? unit : "kWh" }),
    );
  const answers = play(
    [BIRTH, encodeSparkplug("birth", 1, NOW, metrics("kWh"))],
    [DATA, encodeSparkplug("data", 2, NOW, metrics("kWh"))],
    [BIRTH, encodeSparkplug("birth", 3, NOW, metrics("Wh"))],
    [DATA, encodeSparkplug("data", 4, NOW, metrics("Wh"))],
  );
  expect(answers[2]?.facts).toHaveLength(1);
  expect(answers.map(({ observations }) => observations[999]?.register.unit)).toEqual([
    "kWh",
    "kWh",
    "Wh",
    "Wh",
  ]);
});

test("devices of one node that speak in turn are each known by their own birth", () => {
  const answers = play(
    ["spBv1.0/g/DBIRTH/n/a", encodeSparkplug("birth", 1, NOW, [metric("1", { name: "Energy/A" })])],
    ["spBv1.0/g/DBIRTH/n/b", encodeSparkplug("birth", 2, NOW, [metric("1", { name: "Energy/B" })])],
    ["spBv1.0/g/DDATA/n/a", encodeSparkplug("data", 3, NOW, [metric("2")])],
    ["spBv1.0/g/DDATA/n/b", encodeSparkplug("data", 4, NOW, [metric("2")])],
    ["spBv1.0/g/DDATA/n/a", encodeSparkplug("data", 5, NOW, [metric("3")])],
  );
  expect(answers.map(({ observations }) => observations[0]?.register.name)).toEqual([
    "Energy/A",
    "Energy/B",
    "Energy/A",
    "Energy/B",
    "Energy/A",
  ]);
});

test.each([
  ["of this birth", 3, false],
  ["of an earlier connection", 2, true],
])("after a death %s, a number that does not follow asks for a rebirth: %j", (_name, bdSeq, asked) => {
  const born = (type: "NBIRTH" | "NDEATH", sequence: number): [string, Uint8Array] => [
    `spBv1.0/g/${type}/n`,
    encoder?.encodePayload({
      ...(type === "NBIRTH" ? { seq: 0 } : {}),
      timestamp: NOW,
      metrics: [{ name: "bdSeq", type: "UInt64", value: sequence }],
    }) ?? new Uint8Array(),
  ];
  const answers = play(
    born("NBIRTH", 3),
    [BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1")])],
    born("NDEATH", bdSeq),
    [DATA, encodeSparkplug("data", 9, NOW, [metric("2")])],
  );
  expect(answers[3]?.requests !== undefined).toBe(asked);
});

test("the request is a Boolean that is true, named Node Control/Rebirth", () => {
  const [data] = play([DATA, encodeSparkplug("data", 2, NOW, [metric("1")])]);
  const decoded = encoder?.decodePayload(data?.requests?.[0]?.payload ?? new Uint8Array());
  expect(decoded?.metrics).toMatchObject([{ name: "Node Control/Rebirth", type: "Boolean", value: true }]);
});

test("what is null, or of the past, is said by the metric itself", () => {
  const late = NOW - 3_600_000;
  const data = encoder?.encodePayload({
    seq: 2,
    timestamp: NOW,
    metrics: [
      { alias: 1, type: "Double", value: 5, timestamp: late, isHistorical: true },
      { alias: 1, type: "Double", value: null, isNull: true, timestamp: NOW },
    ],
  });
  const [, answer] = play(
    [BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1")])],
    [DATA, data ?? new Uint8Array()],
  );
  expect(answer?.observations.map(({ value, observedAtMs }) => [value, observedAtMs])).toEqual([["5", late]]);
});

test.each([
  ["Power_W", "W"],
  ["Energy (kWh)", "kWh"],
  ["Current_A", "A"],
  ["Phase/A", ""],
  ["Power/min", ""],
])("without a stated unit %s is in %j", (name, unit) => {
  const [birth] = play([BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1", { name, unit: "" })])]);
  expect(birth?.observations[0]?.register.unit).toBe(unit);
});

test.each([
  ["Energy/Active Import", "kW·h", "kWh electricity import"],
  ["Energy/Active Export", "KWH", "kWh electricity export"],
  ["Night Light/Energy", "Wh", "Wh electricity import"],
  ["Production/Line 1/Energy", "kWh", "kWh electricity import"],
  ["Energy/Production", "kWh", "kWh electricity export"],
  ["Total Heat", "GJ", "GJ heat import"],
  ["kWh Total", "", "kWh electricity import"],
  ["Gas Volume (m³)", "", "m3 gas import"],
  ["Meter/Energy Tariff 2", "kWh", "kWh electricity import"],
])("a metric called %s in %j is %s", (name, unit, meaning) => {
  const [birth] = play([BIRTH, encodeSparkplug("birth", 1, NOW, [metric("1.5", { name, unit })])]);
  const register = birth?.observations[0]?.register;
  expect(`${register?.unit} ${register?.carrier} ${register?.direction}`).toBe(meaning);
});
