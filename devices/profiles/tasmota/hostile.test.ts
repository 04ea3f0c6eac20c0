// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const group = fc.oneof(
  fc.constantFrom("ENERGY", "SML", "TIC", "__proto__", "DS18B20"),
  fc.string({ unit: "binary" }),
);
const fields = strangeFields(["Total", "Power", "Total_in", "BASE", "ADCO"]);
const time = fc.oneof(
  fc.constantFrom("2026-02-17T13:05:00", "2026-02-17T13:05:00Z", "1970-01-01T00:00:00"),
  fc.string(),
);
const shapes = fc.record({ Time: time, groups: fc.dictionary(group, fields) }).map(({ Time, groups }) => ({
  topic: "tele/x/SENSOR",
  payload: Buffer.from(JSON.stringify({ Time, ...groups })),
}));
const whole = (inner: string): string => `{"Time":"2026-02-17T13:05:00","ENERGY":{${inner}}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"Total":[1,2],', whole],
]);
