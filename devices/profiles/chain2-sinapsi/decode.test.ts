// The traps of Chain2 through a Sinapsi Alfa: times and values as texts, watts and watt-hours, parts of a total.
import { expect, test } from "vitest";
import type { DecodeContext, Decoded } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { codeOf } from "./codes.ts";
import { family } from "./index.ts";

const TOPIC = "/made/iomtsgdata/a1b2c3-1a2b3";
const CONTEXT: DecodeContext = {
  topic: TOPIC,
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Rome",
  expectedIntervalS: null,
};
const key = (code: string): string => `${code}.255_3,0_2`;
const bytes = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));
const decode = (message: unknown): Decoded => family.decode(bytes(message), CONTEXT);
const message = (...data: unknown[]): unknown => [{ du: "DU1", pod: "IT001E00000001", data }];

test("seconds and values are texts, and the digits survive", () => {
  expect(decode(message({ ts: "1772272802", [key("1-0:1.8.0")]: "00012345" })).observations).toMatchObject([
    {
      value: "12345",
      observedAtMs: 1772272802000,
      clock: ClockSource.payloadOffset,
      register: {
        name: "1-0:1.8.0",
        equipmentId: "IT001E00000001",
        unit: "Wh",
        kind: "cumulative",
        carrier: "electricity",
      },
    },
  ]);
});

test("a list, one object, numbers instead of texts: all the same", () => {
  const reading = { ts: "1772272802", [key("1-0:1.7.0")]: "59" };
  const unit = { du: "DU1", pod: "IT001E00000001", data: [reading] };
  const expected = decode([unit]).observations;
  expect(decode(unit).observations).toEqual(expected);
  expect(decode({ ...unit, data: [{ ts: 1772272802, [key("1-0:1.7.0")]: 59 }] }).observations).toEqual(
    expected,
  );
});

test.each([
  ["1-0:1.7.0", "W", "power", "import"],
  ["1-0:2.7.0", "W", "power", "export"],
  ["1-0:1.27.0", "W", "demand", "import"],
  ["1-0:1.8.0", "Wh", "energy", "import"],
  ["1-0:2.8.0", "Wh", "energy", "export"],
  ["1-0:1.8.3", "Wh", "energy", "import"],
  ["1-0:5.8.0", "varh", "reactive-energy", null],
  ["1-0:1.31.0", "", "number", null],
])("%s is in %s", (code, unit, quantity, direction) => {
  expect(codeOf(key(code))).toMatchObject({ name: code, unit, quantity, direction });
});

test("tariffs count only where their total is missing from the message", () => {
  const carriers = (...codes: string[]): (string | null)[] =>
    decode(message(...codes.map((code) => ({ ts: "1772272802", [key(code)]: "1" })))).observations.map(
      ({ register }) => register.carrier,
    );
  expect(carriers("1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2")).toEqual(["electricity", null, null]);
  expect(carriers("1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.0")).toEqual([
    "electricity",
    "electricity",
    "electricity",
  ]);
});

test("the energy of a quarter-hour is beside the index, and is counted nowhere", () => {
  const data = { ts: "1772272802", "1-0:99.1.0.255_7,1_2___0": "59", "1-0:99.1.0.255_7,1_2___1": "61" };
  expect(
    decode(message(data)).observations.map(({ register, value }) => [
      register.name,
      value,
      register.unit,
      register.carrier,
    ]),
  ).toEqual([
    ["1-0:99.1.0___0", "59", "Wh", null],
    ["1-0:99.1.0___1", "61", "Wh", null],
  ]);
});

test("identifiers, the customer's code and texts are left out", () => {
  const data = {
    ts: "1772272802",
    "0-0:96.1.0.255_1,0_2": "123",
    "0-0:94.39.100.255_1,0_2": "456",
    "0-0:42.0.0.255_1,0_2": "text",
    [key("1-0:1.7.0")]: "5",
  };
  expect(decode(message(data)).observations.map(({ register }) => register.name)).toEqual(["1-0:1.7.0"]);
  expect(decode(message(data)).rejections).toEqual([]);
});

test.each([
  ["no time", message({ [key("1-0:1.7.0")]: "5" }), "reading_malformed"],
  ["a time in words", message({ ts: "now" }), "reading_malformed"],
  ["a value in words", message({ ts: "1", [key("1-0:1.8.0")]: "many" }), "value_not_numeric"],
  ["a key that is no code", message({ ts: "1", power: "5" }), "reading_malformed"],
  ["a reading that is none", message("x"), "reading_malformed"],
  ["no reading", message(), "reading_malformed"],
  ["no unit", [], "reading_malformed"],
  ["another object", { foo: "bar" }, "reading_malformed"],
])("%s is told", (_name, wrong, reason) => {
  expect(decode(wrong).rejections).toMatchObject([{ reason }]);
});

test("the point of delivery names who spoke, else the reader; anything else is nobody", () => {
  const reading = { ts: "1772272802" };
  expect(family.recognise?.("t", bytes(message(reading)))).toBe("IT001E00000001");
  expect(family.recognise?.("t", bytes({ du: "DU1", data: [reading] }))).toBe("DU1");
  expect(family.recognise?.(TOPIC, bytes(message()))).toBe("IT001E00000001");
  for (const other of [
    [],
    {},
    [{ n: "a", v: 1 }],
    { pod: "IT1" },
    { pod: "IT1", data: [{}] },
    { du: "x", data: 1 },
  ]) {
    expect(family.recognise?.("t", bytes(other))).toBeUndefined();
  }
});

test("the same register is the same object", () => {
  const one = (value: string) =>
    decode(message({ ts: "1", [key("1-0:1.8.0")]: value })).observations[0]?.register;
  expect(one("1")).toBe(one("2"));
});
