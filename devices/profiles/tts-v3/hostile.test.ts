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
  "variable",
];
const shapes = strangeFields(names).map((fields) => ({
  topic: "v3/app@tenant/devices/d/up",
  payload: Buffer.from(
    JSON.stringify({
      end_device_ids: { dev_eui: "A84041000000CAFE" },
      uplink_message: { decoded_payload: [fields] },
    }),
  ),
}));
const whole = (inner: string): string =>
  `{"end_device_ids":{"dev_eui":"a84041000000cafe"},"uplink_message":{"decoded_payload":{${inner}}}}`;

testHostile(family, shapes, [
  ["[", whole],
  ['{"a":', whole],
  ["9", whole],
  ['"x_kWh":1,', whole],
]);
