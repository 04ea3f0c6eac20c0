// Whatever the bytes, the topics and their order: the decoder never throws, answers the same each time, within bounds.
import fc from "fast-check";
import { expect, test } from "vitest";
import { checkHostile, goldenSpeech, mutated } from "../test-hostile.ts";
import { family } from "./index.ts";

const speech = goldenSpeech("sparkplug-b");
const topics = fc.oneof(
  fc.constantFrom(...speech.map(({ topic }) => topic)),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => `spBv1.0/g/DDATA/n/${text}`),
);
const birth = speech.filter(({ topic }) => topic.includes("BIRTH"));

test("arbitrary bytes after a birth never make it throw", () => {
  fc.assert(
    fc.property(topics, fc.uint8Array({ maxLength: 300 }), (topic, payload) =>
      checkHostile(family, [...birth, { topic, payload }]),
    ),
  );
});

test("messages with bytes changed, in any order, never make it throw", () => {
  fc.assert(
    fc.property(fc.array(mutated(speech), { maxLength: 4 }), (messages) =>
      checkHostile(family, [...birth, ...messages]),
    ),
    { numRuns: 500 },
  );
});

test("half a megabyte of metrics takes time in proportion", () => {
  const metric = Buffer.from("120410015000", "hex");
  const payload = Buffer.concat(Array.from({ length: 80_000 }, () => metric));
  const started = performance.now();
  checkHostile(family, [{ topic: "spBv1.0/g/DDATA/n/d", payload }]);
  expect(performance.now() - started).toBeLessThan(20_000);
});
