// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf } from "#devices/decimal";
import type { DecodeContext } from "#devices/reading";
import { encodeTts, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: Date.UTC(2100, 0, 1),
  timezone: "UTC",
  expectedIntervalS: null,
};

const value = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.integer({ min: 0, max: 9999 }))
  .map(([whole, fraction]) => decimalOf(`${whole}.${fraction}`) ?? "0");

test("device, names, digits and the instant come back", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9a-f]{16}$/),
      fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) }),
      fc.nat(70_000),
      fc.dictionary(fc.constantFrom("total_kWh", "water_m3", "TempC_SHT", "Hum", "AVI1_V", "level"), value, {
        minKeys: 1,
      }),
      (devEui, observedAtMs, frameCount, fields) => {
        const decodedPayload = new Map(Object.entries(fields));
        const bytes = encodeTts({ deviceId: "made-1", devEui, observedAtMs, frameCount, decodedPayload });
        const { observations, rejections } = family.decode(bytes, CONTEXT);
        expect(rejections).toEqual([]);
        expect(observations.map((one) => [one.register.name, one.value])).toEqual([...decodedPayload]);
        for (const one of observations) {
          expect([one.register.equipmentId, one.observedAtMs]).toEqual([devEui, observedAtMs]);
        }
        expect(family.recognise?.("t", bytes)).toBe(devEui);
      },
    ),
  );
});
