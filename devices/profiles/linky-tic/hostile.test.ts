// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const names = ["ADCO", "ADSC", "DATE", "EAST", "BASE", "CCASN", "SINSTS", "PREF", "MSG1"];
const shapes = strangeFields(names).map((fields) => ({
  topic: "linky/data",
  payload: Buffer.from(JSON.stringify({ PAPP: { raw: "00001" }, ...fields })),
}));
const whole = (inner: string): string => `{${inner}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"EAST":{"raw":"000000001"},', whole],
]);
