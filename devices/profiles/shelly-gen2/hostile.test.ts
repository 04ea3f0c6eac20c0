// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const component = fc.oneof(fc.constantFrom("switch:0", "emdata:1", "em:0", "ts", "__proto__"), fc.string());
const status = strangeFields(["aenergy", "total", "apower", "total_act", "a_voltage"]);
const shapes = fc
  .record({ params: fc.dictionary(component, status), ts: fc.jsonValue() })
  .map(({ params, ts }) => ({
    topic: "a/events/rpc",
    payload: Buffer.from(JSON.stringify({ src: "s", method: "NotifyStatus", params: { ...params, ts } })),
  }));
const whole = (inner: string): string => `{"src":"s","method":"NotifyStatus","params":{"a":[${inner}]}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['{"switch:0":{"apower":1}},', whole],
]);
