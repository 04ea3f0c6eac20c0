// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";

const speech = goldenSpeech("zigbee2mqtt");
const topics = fc.oneof(
  fc.constantFrom("zigbee2mqtt/x", "zigbee2mqtt/x/energy", "z/energy", ...speech.map(({ topic }) => topic)),
  fc.string({ unit: "binary", maxLength: 100 }),
);
const check = (topic: string, bytes: Uint8Array) => checkHostile(family, [{ topic, payload: bytes }]);

test("arbitrary bytes, texts and JSON on any topic never make it throw", () => {
  fc.assert(fc.property(topics, fc.uint8Array({ maxLength: 300 }), check));
  fc.assert(fc.property(topics, fc.json(), (topic, text) => check(topic, Buffer.from(text))));
});

test("states of any shape never make it throw", () => {
  const key = fc.oneof(
    fc.constantFrom("energy", "power", "last_seen", "linkquality", "__proto__"),
    fc.string(),
  );
  fc.assert(
    fc.property(topics, fc.dictionary(key, fc.oneof(fc.jsonValue(), fc.double())), (topic, state) =>
      check(topic, Buffer.from(JSON.stringify(state))),
    ),
  );
});

test("messages with bytes changed, cut out or doubled never make it throw", () => {
  fc.assert(
    fc.property(mutated(speech), ({ topic, payload }) => check(topic, payload)),
    { numRuns: 500 },
  );
});

test.each(["[", '{"a":', "9", '"energy":1,'])("half a megabyte of %s takes time in proportion", (unit) => {
  const text = unit.repeat(Math.floor(500_000 / unit.length));
  const started = performance.now();
  check("zigbee2mqtt/x", Buffer.from(text));
  check("zigbee2mqtt/x", Buffer.from(`{${text.replace(/,$/, "")}}`));
  expect(performance.now() - started).toBeLessThan(20_000);
});
