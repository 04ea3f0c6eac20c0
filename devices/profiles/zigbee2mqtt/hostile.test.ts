// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const topic = fc.oneof(
  fc.constantFrom("zigbee2mqtt/x", "zigbee2mqtt/x/energy", "z/energy"),
  fc.string({ unit: "binary", maxLength: 100 }),
);
const state = strangeFields(["energy", "power", "last_seen", "linkquality"]);
const shapes = fc.record({ topic, payload: state.map((fields) => Buffer.from(JSON.stringify(fields))) });
const whole = (inner: string): string => `{${inner}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"energy":1,', whole],
]);
