// Whatever the bytes, the topics and their order: the decoder never throws, answers the same each time, within bounds.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";

const speech = goldenSpeech("homie-5");
const topics = fc.oneof(
  fc.constantFrom(...speech.map(({ topic }) => topic)),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => `homie/5/meter-7/${text}`),
  fc.string({ unit: "binary", maxLength: 200 }),
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
    { numRuns: 500 },
  );
});

test("descriptions of any shape and words never make it throw", () => {
  const word = fc.oneof(
    fc.constantFrom("nodes", "properties", "datatype", "float", "unit", "__proto__", "a"),
    fc.string({ unit: "binary", maxLength: 80 }),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 5 },
      word,
      fc.constant(null),
      fc.dictionary(word, tie("node"), { maxKeys: 4 }),
    ),
  })).node;
  const shape = fc.record({
    nodes: fc.dictionary(word, fc.record({ properties: fc.dictionary(word, tree) })),
  });
  const payload = fc.oneof(tree, shape).map((value) => Buffer.from(JSON.stringify(value)));
  fc.assert(
    fc.property(payload, word, (description, property) =>
      checkHostile(family, [
        { topic: "homie/5/x/$description", payload: description },
        { topic: `homie/5/x/a/${property}`, payload: Buffer.from("1") },
      ]),
    ),
  );
});

test.each(["[", '{"a":', "9", '"nodes":{"a":', "\0"])(
  "half a megabyte of %s takes time in proportion",
  (unit) => {
    const payload = Buffer.from(unit.repeat(Math.floor(500_000 / unit.length)));
    const started = performance.now();
    for (const topic of ["homie/5/x/$description", "homie/5/x/a/b", "a/".repeat(30_000)])
      checkHostile(family, [{ topic, payload }]);
    expect(performance.now() - started).toBeLessThan(20_000);
  },
);

test("ten thousand devices that were never described are not remembered", () => {
  const messages = Array.from({ length: 10_000 }, (_, at) => ({
    topic: `homie/5/d${at}/a/b`,
    payload: Buffer.from("1"),
  }));
  const started = performance.now();
  checkHostile(family, messages);
  expect(performance.now() - started).toBeLessThan(20_000);
});
