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
const described = fc.array(
  fc.record({
    friendly_name: fc.oneof(fc.constant("x"), fc.string({ unit: "binary", maxLength: 80 })),
    definition: fc.record({
      description: fc.oneof(fc.string(), fc.constant("Gas meter"), fc.integer()),
      exposes: fc.array(strangeFields(["property", "unit", "name", "access", "features", "energy"]), {
        maxLength: 5,
      }),
    }),
  }),
  { maxLength: 5 },
);
const descriptions = described.map((devices) => ({
  topic: "zigbee2mqtt/bridge/devices",
  payload: Buffer.from(JSON.stringify(devices)),
}));
const whole = (inner: string): string => `{${inner}}`;

testHostile(family, fc.oneof(shapes, descriptions), [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"energy":1,', whole],
  [
    '{"friendly_name":"x","definition":{"exposes":[{"property":"energy","unit":"m3"}]}},',
    (inner) => `[${inner}]`,
  ],
]);
