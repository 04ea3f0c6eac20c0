// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const readings = strangeFields([
  "ts",
  "1-0:1.8.0.255_3,0_2",
  "1-0:99.1.0.255_7,1_2___0",
  "0-0:96.1.0.255_1,0_2",
]);
const shapes = readings.map((fields) => ({
  topic: "/made/iomtsgdata/a1-b2",
  payload: Buffer.from(JSON.stringify([{ pod: "IT001E00000001", data: [fields, { ts: "1", ...fields }] }])),
}));
const whole = (inner: string): string => `{"pod":"IT001","data":[${inner}]}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['{"ts":"1","1-0:1.8.0.255_3,0_2":"1"},', whole],
]);
