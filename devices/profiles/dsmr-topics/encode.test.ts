// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf } from "#devices/decimal";
import { playMessages } from "../play-messages.ts";
import { encodeDsmrTopics, family } from "./index.ts";

const index = fc
  .integer({ min: 0, max: 999_999_999 })
  .map((milli) => decimalOf((milli / 1000).toFixed(3)) ?? "");
const fields = fc.record(
  {
    electricity_delivered_1: index,
    electricity_delivered_2: index,
    electricity_returned_1: index,
    electricity_returned_2: index,
    phase_voltage_l2: index,
  },
  { requiredKeys: ["electricity_delivered_1"] },
);
const second = fc
  .integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2100, 0, 1) / 1000 })
  .map((s) => s * 1000);

test("fields, digits, times and serial numbers come back", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("", "house/", "a/b/"),
      fc.option(second, { nil: undefined }),
      fields,
      fc.record({ observedAtMs: fc.option(second, { nil: undefined }), volumeM3: index }),
      (prefix, observedAtMs, values, gas) => {
        const serials = { electricity: "E1", gas: "G-1" };
        const messages = encodeDsmrTopics({ prefix, observedAtMs, fields: values, gas, serials });
        const decoded = playMessages(family.decode, messages, {
          receivedAtMs: Date.UTC(2026, 2, 1),
          timezone: "Europe/Brussels",
          expectedIntervalS: null,
        });
        expect(decoded.flatMap(({ rejections }) => rejections)).toEqual([]);
        const read = decoded.flatMap(({ observations }) =>
          observations.map((one) => [
            one.register.name,
            one.register.equipmentId,
            one.value,
            one.observedAtMs,
          ]),
        );
        expect(read).toEqual([
          ...Object.entries(values).map(([name, value]) => [name, "E1", value, observedAtMs]),
          ["extra_device_delivered", "G-1", gas.volumeM3, gas.observedAtMs],
        ]);
        for (const message of messages) {
          expect(family.recognise?.(message.topic, message.payload)).toBe(`${prefix}dsmr`);
        }
      },
    ),
  );
});
