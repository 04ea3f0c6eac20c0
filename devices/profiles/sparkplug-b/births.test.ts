// What a birth can do to the messages after it: names that look like JSON, names too long for a key, births of an earlier connection.
import { get } from "sparkplug-payload";
import { expect, test } from "vitest";
import { playMessages } from "../play-messages.ts";
import { family } from "./index.ts";

type Encode = NonNullable<ReturnType<typeof get>>["encodePayload"];
type Metrics = NonNullable<Parameters<Encode>[0]["metrics"]>;

const AT = Date.UTC(2026, 0, 15, 10);
const CONTEXT = { receivedAtMs: AT, timezone: "Europe/Brussels", expectedIntervalS: null };
const KWH = { engUnit: { type: "String" as const, value: "kWh" } };
const LONG = "x".repeat(100);

function play(messages: readonly (readonly [topic: string, seq: number, metrics: Metrics])[]) {
  const spoken = messages.map(([topic, seq, metrics]) => {
    const payload = get("spBv1.0")?.encodePayload({ timestamp: AT, seq, metrics }) ?? new Uint8Array();
    return { topic, payload };
  });
  return playMessages(family.decode, spoken, CONTEXT);
}

const born = (name: string, alias: number, properties = KWH): Metrics[number] => ({
  name,
  alias,
  type: "Double",
  value: 1,
  properties,
});
const told = (alias: number, more: Partial<Metrics[number]> = {}): Metrics[number] => ({
  alias,
  type: "Double",
  value: 2,
  ...more,
});
const valuesOf = (answer: ReturnType<typeof play>[number] | undefined) =>
  answer?.observations.map(({ register, value }) => [register.name, register.unit, value]);

test.each(["\\u0000", '"', "\\", "a\\u0000b"])("a name or a unit of %j is kept as it is", (text) => {
  const unit = { engUnit: { type: "String" as const, value: text } };
  const answers = play([
    ["spBv1.0/g/DBIRTH/n/d", 1, [born(text, 1), born("Energy", 2), born("Other", 3, unit)]],
    ["spBv1.0/g/DDATA/n/d", 2, [told(1), told(2), told(3)]],
  ]);
  expect(valuesOf(answers[1])).toEqual([
    [text, "kWh", "2"],
    ["Energy", "kWh", "2"],
    ["Other", "", "2"],
  ]);
});

test("two devices whose names are longer than a key are told apart, in parts as well", () => {
  const topic = (kind: string, last: string) => `spBv1.0/${LONG}/${kind}/${LONG}/${"d".repeat(99)}${last}`;
  const many = Array.from({ length: 900 }, (_, n) => born(`the energy of the meter number ${n}`, n));
  const answers = play([
    [topic("DBIRTH", "1"), 1, many],
    [topic("DBIRTH", "2"), 2, [born("Other", 0)]],
    [topic("DDATA", "1"), 3, [told(0), told(899)]],
  ]);
  expect(answers[0]?.facts?.length).toBeGreaterThan(1);
  expect(valuesOf(answers[2])?.map(([name]) => name)).toEqual([
    "the energy of the meter number 0",
    "the energy of the meter number 899",
  ]);
});

test("when a node is born anew, what its devices were born with before holds no longer", () => {
  const bdSeq = (value: number): Metrics => [{ name: "bdSeq", type: "UInt64", value }];
  const answers = play([
    ["spBv1.0/g/NBIRTH/n", 0, bdSeq(1)],
    ["spBv1.0/g/DBIRTH/n/d", 1, [born("Energy", 1)]],
    ["spBv1.0/g/DDATA/n/d", 2, [told(1)]],
    ["spBv1.0/g/NBIRTH/n", 0, bdSeq(2)],
    ["spBv1.0/g/DDATA/n/d", 2, [told(1)]],
    ["spBv1.0/g/DBIRTH/n/d", 3, [born("Voltage", 1)]],
    ["spBv1.0/g/DDATA/n/d", 4, [told(1)]],
  ]);
  expect(valuesOf(answers[2])).toEqual([["Energy", "kWh", "2"]]);
  expect([valuesOf(answers[4]), answers[4]?.rejections[0]?.reason, answers[4]?.requests?.length]).toEqual([
    [],
    "description_missing",
    1,
  ]);
  expect(valuesOf(answers[6])?.[0]?.[0]).toBe("Voltage");
});

test("a late metric without a time of its own has none: the payload's is when it was sent", () => {
  const answers = play([
    ["spBv1.0/g/DBIRTH/n/d", 1, [born("Energy", 1)]],
    ["spBv1.0/g/DDATA/n/d", 2, [told(1, { isHistorical: true })]],
    ["spBv1.0/g/DDATA/n/d", 3, [told(1, { isHistorical: true, timestamp: AT - 3_600_000 })]],
    ["spBv1.0/g/DDATA/n/d", 4, [told(1)]],
  ]);
  const times = answers.slice(1).map(({ observations }) => observations[0]?.observedAtMs);
  expect(times).toEqual([undefined, AT - 3_600_000, AT]);
});

test.each([
  ["Int8", 251, "-5"],
  ["Int8", 0xff_ff_ff_fb, "-5"],
  ["Int8", 300, undefined],
  ["Int16", 65_531, "-5"],
  ["UInt8", 250, "250"],
  ["UInt8", 300, undefined],
  ["UInt16", 70_000, undefined],
  ["UInt32", 0xff_ff_ff_ff, "4294967295"],
] as const)("%s of the bits %s is %s, never cut to its width", (type, value, expected) => {
  const [answer] = play([["spBv1.0/g/DBIRTH/n/d", 1, [{ name: "Count", type, value }]]]);
  expect(answer?.observations[0]?.value).toBe(expected);
});

test("a metric told by name and an alias that nobody knows is known by its name", () => {
  const answers = play([
    ["spBv1.0/g/DBIRTH/n/d", 1, [born("Energy", 1)]],
    ["spBv1.0/g/DDATA/n/d", 2, [told(77, { name: "Energy" })]],
  ]);
  expect(valuesOf(answers[1])).toEqual([["Energy", "kWh", "2"]]);
});

test.each(["Engineering Units", "engineeringUnit", "Eng. Units", "EngUnit", "UoM"])(
  "the unit of %s",
  (key) => {
    const metric = { ...born("Energy", 1), properties: { [key]: KWH.engUnit } };
    const [answer] = play([["spBv1.0/g/DBIRTH/n/d", 1, [metric]]]);
    expect(answer?.observations[0]?.register.unit).toBe("kWh");
  },
);

test("a unit that is no text is none", () => {
  const metric = { ...born("Other", 1), properties: { engUnit: { type: "Int32" as const, value: 7 } } };
  const answers = play([
    ["spBv1.0/g/DBIRTH/n/d", 1, [metric]],
    ["spBv1.0/g/DDATA/n/d", 2, [told(1)]],
  ]);
  expect(answers.map(valuesOf)).toEqual([[["Other", "", "1"]], [["Other", "", "2"]]]);
});
