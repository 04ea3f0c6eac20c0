// Whatever the bytes, the topics and their order: the decoder never throws, answers the same each time, within bounds.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";
import { templateOf } from "./template.ts";

const speech = goldenSpeech("homeassistant");
const topics = fc.oneof(
  fc.constantFrom(...speech.map(({ topic }) => topic)),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => `homeassistant/sensor/${text}/config`),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => `${text}/sensor/x/config`),
);

test("arbitrary bytes between good messages never make it throw", () => {
  fc.assert(
    fc.property(topics, fc.uint8Array({ maxLength: 300 }), (topic, payload) =>
      checkHostile(family, [...speech, { topic, payload }, ...speech]),
    ),
    { numRuns: 60 },
  );
});

test("messages with bytes changed, in any order, never make it throw", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(mutated(speech), fc.constantFrom(...speech)), { maxLength: 8 }),
      (messages) => checkHostile(family, messages),
    ),
    { numRuns: 1000 },
  );
});

const word = fc.oneof(
  fc.string({ unit: "binary", maxLength: 120 }),
  fc.constantFrom("s", "~/s", "kWh", "total"),
);

test("descriptions with anything for a value never make it throw", () => {
  const key = fc.constantFrom(
    "~",
    "stat_t",
    "state_topic",
    "val_tpl",
    "uniq_id",
    "dev",
    "dev_cla",
    "stat_cla",
    "avty",
    "avty_t",
    "unit_of_meas",
    "lrst_val_tpl",
    "name",
    "cmps",
    "p",
    "options",
    "__proto__",
  );
  const value = fc.oneof(
    word,
    fc.jsonValue({ maxDepth: 2 }),
    fc.constant({ ids: ["a"], cns: [["mac", "b"]] }),
  );
  const config = fc.dictionary(key, value);
  const device = fc.record({ cmps: fc.dictionary(word, config), stat_t: word });
  fc.assert(
    fc.property(fc.array(fc.oneof(config, device), { maxLength: 4 }), word, (configs, state) =>
      checkHostile(family, [
        ...configs.flatMap((one) => [
          { topic: "homeassistant/sensor/a/config", payload: Buffer.from(JSON.stringify(one)) },
          { topic: "homeassistant/device/a/config", payload: Buffer.from(JSON.stringify(one)) },
        ]),
        { topic: "s", payload: Buffer.from(state) },
        { topic: state, payload: Buffer.from('{"a":1}') },
      ]),
    ),
    { numRuns: 500 },
  );
});

test("templates of any words never make it throw, and give a number, a text or nothing", () => {
  const piece = fc.constantFrom(
    "value",
    "value_json",
    ".",
    "a",
    "[",
    "0",
    "]",
    "'a'",
    "(",
    ")",
    "|",
    "float",
    "int",
    "round",
    "multiply",
    "1000",
    "0.001",
    "*",
    "/",
    "+",
    "-",
    ",",
    "default",
    "=",
    "abs",
    " ",
  );
  const inner = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  const state = fc.oneof(fc.constant({ a: [1, "2", { a: 3.5 }] }), fc.jsonValue());
  fc.assert(
    fc.property(inner, state, (text, json) => {
      const template = `{{ ${text} }}`;
      templateOf(template);
      const config = { uniq_id: "x", stat_t: "s", val_tpl: template, unit_of_meas: "W" };
      checkHostile(family, [
        { topic: "homeassistant/sensor/a/config", payload: Buffer.from(JSON.stringify(config)) },
        { topic: "s", payload: Buffer.from(JSON.stringify(json)) },
        { topic: "s", payload: Buffer.from("12.5") },
      ]);
    }),
    { numRuns: 3000 },
  );
});

test("a template that multiplies without end is bounded", () => {
  const template = `{{ value${" * 99999999999999999999".repeat(40)} }}`;
  const config = { uniq_id: "x", stat_t: "s", val_tpl: template, unit_of_meas: "W" };
  const messages = [
    { topic: "homeassistant/sensor/a/config", payload: Buffer.from(JSON.stringify(config)) },
    ...Array.from({ length: 200 }, () => ({ topic: "s", payload: Buffer.from("9".repeat(90)) })),
  ];
  const started = performance.now();
  checkHostile(family, messages);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test.each(["[", '{"a":', "9", '"cmps":{"a":', " ", "{{"])(
  "half a megabyte of %s takes time in proportion",
  (unit) => {
    const payload = Buffer.from(unit.repeat(Math.floor(500_000 / unit.length)));
    const config = { uniq_id: "x", stat_t: "s", val_tpl: "{{ value_json.a }}", unit_of_meas: "W" };
    const long = { ...config, val_tpl: unit.repeat(100_000), name: unit.repeat(100_000) };
    const started = performance.now();
    for (const topic of [
      "homeassistant/sensor/a/config",
      "homeassistant/device/a/config",
      "a/".repeat(30_000),
    ])
      checkHostile(family, [{ topic, payload }]);
    checkHostile(family, [
      { topic: "homeassistant/sensor/a/config", payload: Buffer.from(JSON.stringify(long)) },
      { topic: "homeassistant/sensor/a/config", payload: Buffer.from(JSON.stringify(config)) },
      { topic: "s", payload },
    ]);
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);

test("a description of two thousand components is read in time", () => {
  const cmps = Object.fromEntries(
    Array.from({ length: 2000 }, (_, at) => [
      `c${at}`,
      { p: "sensor", uniq_id: `u${at}`, val_tpl: `{{ value_json.a${at} }}`, unit_of_meas: "W" },
    ]),
  );
  const state = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`a${at}`, at]));
  const started = performance.now();
  checkHostile(family, [
    { topic: "homeassistant/device/a/config", payload: Buffer.from(JSON.stringify({ stat_t: "s", cmps })) },
    { topic: "s", payload: Buffer.from(JSON.stringify(state)) },
  ]);
  expect(performance.now() - started).toBeLessThan(20_000);
});
