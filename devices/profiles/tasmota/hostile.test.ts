// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";

const speech = goldenSpeech("tasmota");
const topics = fc.constantFrom("t", "tele/x/SENSOR", "stat/x/STATUS8", ...speech.map(({ topic }) => topic));
const check = (topic: string, bytes: Uint8Array) => checkHostile(family, [{ topic, payload: bytes }]);

test("arbitrary bytes, texts and JSON on any topic never make it throw", () => {
  fc.assert(fc.property(topics, fc.uint8Array({ maxLength: 300 }), check));
  fc.assert(fc.property(topics, fc.json(), (topic, text) => check(topic, Buffer.from(text))));
});

test("groups of any shape never make it throw", () => {
  const group = fc.oneof(
    fc.constantFrom("ENERGY", "SML", "TIC", "__proto__", "DS18B20"),
    fc.string({ unit: "binary" }),
  );
  const key = fc.oneof(
    fc.constantFrom("Total", "Power", "Total_in", "BASE", "ADCO", "constructor"),
    fc.string(),
  );
  const value = fc.oneof(fc.jsonValue(), fc.double(), fc.array(fc.double(), { maxLength: 12 }));
  const time = fc.oneof(
    fc.constantFrom("2026-02-17T13:05:00", "2026-02-17T13:05:00Z", "1970-01-01T00:00:00"),
    fc.string(),
  );
  fc.assert(
    fc.property(topics, time, fc.dictionary(group, fc.dictionary(key, value)), (topic, Time, groups) =>
      check(topic, Buffer.from(JSON.stringify({ Time, ...groups }))),
    ),
  );
});

test("messages with bytes changed, cut out or doubled never make it throw", () => {
  fc.assert(
    fc.property(mutated(speech), ({ topic, payload }) => check(topic, payload)),
    { numRuns: 500 },
  );
});

test.each(["[", '{"a":', "9", '"G":{"Total":1},'])(
  "half a megabyte of %s takes time in proportion",
  (unit) => {
    const text = unit.repeat(Math.floor(500_000 / unit.length));
    const started = performance.now();
    check("tele/x/SENSOR", Buffer.from(text));
    check(
      "tele/x/SENSOR",
      Buffer.from(`{"Time":"2026-02-17T13:05:00","ENERGY":{${text.replace(/,$/, "")}}}`),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);
