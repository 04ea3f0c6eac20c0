// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import { strangeFields, testHostile } from "../test-hostile.ts";
import { family } from "./index.ts";

const names = [
  "timestamp",
  "value",
  "unit",
  "delta_1_m3",
  "log_volume_m3",
  "history",
  "temperature",
  "LogTimestamp",
];
const shapes = strangeFields(names).map((object) => ({
  topic: "application/a/device/a84041000000cafe/event/up",
  payload: Buffer.from(
    JSON.stringify({ time: "2026-02-28T10:00:00Z", deviceInfo: { devEui: "a84041000000cafe" }, object }),
  ),
}));
const whole = (inner: string): string => `{"deviceInfo":{"devEui":"a84041000000cafe"},"object":{${inner}}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"x_kWh":1,', whole],
]);
