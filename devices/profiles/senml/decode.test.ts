// RFC 8428 clause by clause, and what a hostile or careless sender gets; whole packs stand in golden/.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { DecodeContext, Decoded } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { decodeSenml } from "./decode.ts";

const RECEIVED = Date.UTC(2026, 0, 5, 12);
const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: RECEIVED,
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const decode = (payload: unknown): Decoded =>
  decodeSenml(Buffer.from(typeof payload === "string" ? payload : JSON.stringify(payload)), CONTEXT);
const valuesOf = (payload: unknown): (readonly [string, string, string])[] =>
  decode(payload).observations.map(({ register, value }) => [register.name, value, register.unit] as const);
const reasonsOf = (payload: unknown): string[] => decode(payload).rejections.map(({ reason }) => reason);

describe("values", () => {
  test("digits survive as they were written", () => {
    expect(
      valuesOf(
        '[{"n":"a","u":"J","v":9007199254740993},{"n":"b","u":"m3","v":12.340},{"n":"c","u":"W","v":-1.5e3}]',
      ),
    ).toEqual([
      ["a", "9007199254740993", "J"],
      ["b", "12.340", "m3"],
      ["c", "-1500", "W"],
    ]);
  });

  test("base name, unit and value hold until they are replaced (§4.1)", () => {
    const pack = [
      { bn: "x:", bu: "V", bv: 200, n: "l1", v: 30.5 },
      { n: "l2", v: 31 },
      { bn: "y:", n: "l1", v: 29, u: "mV" },
      { bu: "A", bv: 0, n: "i1", v: 4 },
    ];
    expect(valuesOf(pack)).toEqual([
      ["x:l1", "230.5", "V"],
      ["x:l2", "231", "V"],
      ["y:l1", "229", "mV"],
      ["y:i1", "4", "A"],
    ]);
  });

  test("a record of base fields alone carries no value and is no fault", () => {
    expect(
      valuesOf([
        { bn: "x:", bt: 1767225600 },
        { n: "t", u: "Cel", v: 20 },
      ]),
    ).toEqual([["x:t", "20", "Cel"]]);
    expect(reasonsOf([{ bn: "x:" }, { n: "t", u: "Cel", v: 20 }])).toEqual([]);
  });

  test("booleans are 1 and 0; text and data are told", () => {
    expect(
      valuesOf([
        { n: "on", vb: true },
        { n: "off", vb: false },
      ]),
    ).toEqual([
      ["on", "1", ""],
      ["off", "0", ""],
    ]);
    expect(
      reasonsOf([
        { n: "a", vs: "12" },
        { n: "b", vd: "AA" },
        { n: "c", vb: 1 },
        { n: "d", u: "W", v: "12" },
      ]),
    ).toEqual(Array.from({ length: 4 }, () => "value_not_numeric"));
  });

  test("an energy or a volume is an index, whether it comes as value or as sum", () => {
    for (const pack of [[{ n: "e", u: "kWh", v: 5 }], [{ n: "e", u: "kWh", s: 5 }]]) {
      expect(decode(pack).observations[0]?.register).toMatchObject({
        name: "e",
        kind: "cumulative",
        unit: "kWh",
      });
    }
  });

  test("a sum of power is what §4.2 says: energy in joules, a register of its own", () => {
    const [power, energy] = decode([{ n: "p", u: "W", v: 60, s: 216000 }]).observations;
    expect(power?.register).toMatchObject({ name: "p", unit: "W", kind: "instantaneous", quantity: "power" });
    expect(energy?.register).toMatchObject({
      name: "p#sum",
      unit: "J",
      kind: "cumulative",
      quantity: "energy",
    });
  });

  test("base and own sum are added", () => {
    expect(
      valuesOf([
        { bs: 1000, n: "e", u: "Wh", s: 0.5 },
        { n: "f", u: "Wh" },
      ]),
    ).toEqual([
      ["e", "1000.5", "Wh"],
      ["f", "1000", "Wh"],
    ]);
  });

  test("the same register is the same object", () => {
    const pack = [{ n: "e", u: "kWh", v: 5 }];
    expect(decode(pack).observations[0]?.register).toBe(decode(pack).observations[0]?.register);
  });
});

const timeOf = (record: object): unknown => {
  const [observation] = decode([record]).observations;
  return [observation?.observedAtMs, observation?.clock];
};

describe("time", () => {
  test("from 2 ** 28 it counts from 1970, to the millisecond", () => {
    expect(timeOf({ n: "a", u: "W", v: 1, bt: 1276020076.001, t: -5 })).toEqual([
      1276020071001,
      ClockSource.payloadOffset,
    ]);
    expect(timeOf({ n: "a", u: "W", v: 1, t: 2 ** 28 })).toEqual([2 ** 28 * 1000, ClockSource.payloadOffset]);
  });

  test("what is finer than a millisecond is rounded", () => {
    expect(timeOf({ n: "a", u: "W", v: 1, t: 1767225600.0004 })).toEqual([
      1767225600000,
      ClockSource.payloadOffset,
    ]);
  });

  test("below 2 ** 28 it counts from the arrival, for values of the moment", () => {
    expect(timeOf({ n: "a", u: "W", v: 1, t: -60 })).toEqual([RECEIVED - 60_000, ClockSource.broker]);
    expect(timeOf({ n: "a", u: "W", v: 1, t: 2 ** 28 - 1 })).toEqual([
      RECEIVED + (2 ** 28 - 1) * 1000,
      ClockSource.broker,
    ]);
  });

  test("an index needs a time of its own: a relative one is none", () => {
    expect(timeOf({ n: "a", u: "kWh", v: 1, t: -60 })).toEqual([undefined, ClockSource.broker]);
  });

  test("no time is no time", () => {
    expect(timeOf({ n: "a", u: "W", v: 1 })).toEqual([undefined, ClockSource.broker]);
    expect(timeOf({ n: "a", u: "W", v: 1, t: 0 })).toEqual([undefined, ClockSource.broker]);
  });

  test("a time that no calendar holds is told", () => {
    for (const t of ["1e300", "-1e300", "1e99999"]) {
      expect(reasonsOf(`[{"n":"a","u":"W","v":1,"t":${t}}]`)).toEqual(["reading_malformed"]);
    }
  });
});

describe("carrier and direction", () => {
  test.each([
    ["energy", "kWh", "electricity", "import"],
    ["urn:dev:mac:00ff:pv-production", "W", "electricity", "export"],
    ["meter/export.total", "Wh", "electricity", "export"],
    ["injection", "kWh", "electricity", "export"],
    ["exports", "kWh", "electricity", "import"],
    ["export:energy", "kWh", "electricity", "import"],
    ["flat3/heat", "kWh", "heat", "import"],
    ["heating", "GJ", "heat", "import"],
    ["hot-water", "kWh", "heat", "import"],
    ["gas", "m3", "gas", "import"],
    ["gas", "kWh", "gas", "import"],
    ["cold", "m3", "water", "import"],
    ["hot-water", "m3", "water", "import"],
    ["heating-circuit", "m3", null, null],
    ["l1", "V", "electricity", null],
    ["room", "Cel", null, null],
  ])("%s in %s is %s, %s", (name, unit, carrier, direction) => {
    expect(decode([{ n: name, u: unit, v: 1 }]).observations[0]?.register).toMatchObject({
      carrier,
      direction,
    });
  });
});

describe("refusals", () => {
  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["an object", "{}"],
    ["a number", "12"],
    ["an empty pack", "[]"],
    ["a record that is no object", "[1]"],
    ["a record in a record", "[[]]"],
    ["a later version", '[{"bver":11,"n":"a","u":"W","v":1}]'],
    ["a field that must be understood", '[{"n":"a","u":"W","v":1},{"x_":1,"n":"b","u":"W","v":1}]'],
    ["a base time that is text", '[{"bt":"now","n":"a","u":"W","v":1}]'],
    ["a base name that is a number", '[{"bn":1,"n":"a","u":"W","v":1}]'],
    ["a name that is a number", '[{"n":1,"u":"W","v":1}]'],
    ["no name", '[{"u":"W","v":1}]'],
    ["no value", '[{"n":"a","u":"W"}]'],
    ["two values", '[{"n":"a","u":"W","v":1,"vb":true}]'],
    ["a name of 201 characters", `[{"n":"${"a".repeat(201)}","u":"W","v":1}]`],
  ])("%s is malformed, and nothing is decoded", (_, payload) => {
    const { observations, rejections } = decode(payload);
    expect(observations).toEqual([]);
    expect(rejections.map(({ reason }) => reason)).toEqual(["reading_malformed"]);
  });

  test("a bad record costs only itself", () => {
    const decoded = decode([
      { n: "a", u: "W", v: 1 },
      { n: "b", u: "furlong", v: 1 },
      { n: "c", u: "W", v: 3 },
    ]);
    expect(decoded.observations.map(({ register }) => register.name)).toEqual(["a", "c"]);
    expect(decoded.rejections).toEqual([
      { reason: "unit_unknown", detail: 'b has the unit "furlong", which is not known.' },
    ]);
  });

  test("a name of 200 characters is still a name", () => {
    expect(decode([{ n: "a".repeat(200), u: "W", v: 1 }]).observations).toHaveLength(1);
  });

  test.each(['"a\\u0000b"', '"\\ud800"', '"a b"', '"é"', '"#sum"', '":a"', '"a\\n"'])(
    "the name %s is not one",
    (name) => {
      const decoded = decode(`[{"n":${name},"u":"W","v":1}]`);
      expect(decoded.observations).toEqual([]);
      expect(decoded.rejections.map(({ reason }) => reason)).toEqual(["text_invalid"]);
      expect(decoded.rejections[0]?.detail.isWellFormed()).toBe(true);
      expect(decoded.rejections[0]?.detail).not.toContain("\0");
    },
  );

  test("what is not UTF-8 is not read", () => {
    const { rejections } = decodeSenml(Buffer.from('[{"n":"\xff","u":"W","v":1}]', "latin1"), CONTEXT);
    expect(rejections.map(({ reason }) => reason)).toEqual(["text_invalid"]);
  });

  test("a byte order mark is left alone", () => {
    expect(valuesOf('\ufeff[{"n":"a","u":"W","v":1}]')).toEqual([["a", "1", "W"]]);
  });

  test("brackets in a name do not count as depth", () => {
    const decoded = decode(`[{"x":"${"[".repeat(50)}\\"${"{".repeat(50)}","n":"a","u":"W","v":1}]`);
    expect(decoded.observations).toHaveLength(1);
  });

  test.each([
    ["deep arrays", "[".repeat(1_000_000), "payload_too_deep"],
    ["deep objects", '{"a":'.repeat(100_000), "payload_too_deep"],
    ["a deep field", `[{"n":"a","u":"W","v":1,"x":${"[".repeat(7)}${"]".repeat(7)}}]`, "payload_too_deep"],
    ["many records", `[${"{},".repeat(300_000)}{}]`, "reading_malformed"],
    ["a long number", `[{"n":"a","u":"W","v":${"9".repeat(900_000)}}]`, "value_not_numeric"],
    ["quotation marks", '"'.repeat(1_000_000), "reading_malformed"],
  ])("%s are refused at once", (_, payload, reason) => {
    const started = performance.now();
    expect(reasonsOf(payload)).toEqual([reason]);
    expect(performance.now() - started).toBeLessThan(20_000);
  });

  test("ten thousand records are decoded", () => {
    const records = Array.from({ length: 10_000 }, (_, index) => `{"n":"m${index}","u":"W","v":${index}}`);
    expect(decode(`[${records.join(",")}]`).observations).toHaveLength(10_000);
  });

  test("ten thousand bad records make a short report", () => {
    const { rejections } = decode(`[${Array.from({ length: 10_000 }, () => '{"n":"a"}').join(",")}]`);
    expect(rejections).toHaveLength(17);
    expect(rejections.at(-1)?.detail).toBe("9984 more records could not be used.");
  });
});

const check = (bytes: Uint8Array): void => {
  const { observations, rejections } = decodeSenml(bytes, CONTEXT);
  expect(observations.length + rejections.length).toBeGreaterThan(0);
  for (const { value, observedAtMs, register } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    expect(register.name.isWellFormed()).toBe(true);
  }
  for (const { detail } of rejections) expect(detail.isWellFormed() && !detail.includes("\0")).toBe(true);
};

test("whatever the bytes, it never throws and says something", () => {
  const field = fc.constantFrom(
    "n",
    "bn",
    "t",
    "bt",
    "u",
    "bu",
    "v",
    "bv",
    "s",
    "bs",
    "vb",
    "vs",
    "vd",
    "ut",
    "bver",
    "x",
    "x_",
  );
  const record = fc.dictionary(
    field,
    fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom("W", "kWh", "name", 5, 1.7e9)),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), check));
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), (pack) => check(Buffer.from(JSON.stringify(pack)))),
    {
      numRuns: 500,
    },
  );
  fc.assert(fc.property(fc.json(), (text) => check(Buffer.from(text))));
});

test.each([
  ["KWH", "kWh", "electricity"],
  ["m³", "m3", "water"],
  ["L", "l", "water"],
  ["GJ", "GJ", "heat"],
])("a unit that is written %s is %s", (written, unit, carrier) => {
  const twice = [1, 2].map((v) => decode([{ n: "e", u: written, v, t: 1_772_366_400 }]).observations[0]);
  expect(twice[0]?.register).toMatchObject({ unit, carrier });
  expect(twice[1]?.register).toBe(twice[0]?.register);
});

test("French and Dutch names of what flows are understood", () => {
  const carrierOf = (n: string, u: string) =>
    decode([{ n, u, v: 1, t: 1_772_366_400 }]).observations[0]?.register.carrier;
  expect(["gaz", "gas", "eau"].map((n) => carrierOf(n, "m3"))).toEqual(["gas", "gas", "water"]);
  expect(carrierOf("warmte", "kWh")).toBe("heat");
});
