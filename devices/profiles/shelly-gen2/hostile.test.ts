// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";

const speech = goldenSpeech("shelly-gen2");
const topics = fc.constantFrom("t", "a/events/rpc", "a/status/switch:0", ...speech.map(({ topic }) => topic));
const check = (topic: string, bytes: Uint8Array) => checkHostile(family, [{ topic, payload: bytes }]);

test("arbitrary bytes, texts and JSON on any topic never make it throw", () => {
  fc.assert(fc.property(topics, fc.uint8Array({ maxLength: 300 }), check));
  fc.assert(fc.property(topics, fc.json(), (topic, text) => check(topic, Buffer.from(text))));
});

test("components of any shape never make it throw", () => {
  const name = fc.oneof(fc.constantFrom("switch:0", "emdata:1", "em:0", "ts", "__proto__"), fc.string());
  const key = fc.constantFrom("aenergy", "total", "apower", "total_act", "constructor", "a_voltage");
  const status = fc.dictionary(
    key,
    fc.oneof(fc.jsonValue(), fc.double(), fc.dictionary(key, fc.jsonValue())),
  );
  fc.assert(
    fc.property(fc.dictionary(name, status), fc.jsonValue(), (params, ts) => {
      const message = { src: "s", method: "NotifyStatus", params: { ...params, ts } };
      check("a/events/rpc", Buffer.from(JSON.stringify(message)));
    }),
  );
});

test("messages with bytes changed, cut out or doubled never make it throw", () => {
  fc.assert(
    fc.property(mutated(speech), ({ topic, payload }) => check(topic, payload)),
    { numRuns: 500 },
  );
});

test.each(["[", '{"a":', "9", '{"switch:0":{"apower":1}},'])(
  "half a megabyte of %s takes time in proportion",
  (unit) => {
    const text = unit.repeat(Math.floor(500_000 / unit.length));
    const started = performance.now();
    check("a/events/rpc", Buffer.from(text));
    check(
      "a/events/rpc",
      Buffer.from(`{"src":"s","method":"NotifyStatus","params":[${text.replace(/,$/, "")}]}`),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);
