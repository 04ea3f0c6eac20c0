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
