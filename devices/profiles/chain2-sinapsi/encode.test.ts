// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { encodeSinapsi, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: Date.UTC(2100, 0, 1),
  timezone: "UTC",
  expectedIntervalS: null,
};

const reading = fc.record({
  observedAtMs: fc
    .integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2099, 0, 1) / 1000 })
    .map((seconds) => seconds * 1000),
  values: fc
    .dictionary(
      fc.constantFrom("1-0:1.8.0", "1-0:2.8.0", "1-0:1.7.0", "1-0:1.8.1", "1-0:1.27.0"),
      fc.nat(999_999_999).map(String),
      { minKeys: 1 },
    )
    .map((fields) => new Map(Object.entries(fields))),
});

test("codes, values and instants come back", () => {
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 6 }), (readings) => {
      const bytes = encodeSinapsi({ du: "DU00000001", pod: "IT001E00000001", readings });
      const { observations, rejections } = family.decode(bytes, CONTEXT);
      expect(rejections).toEqual([]);
      expect(observations.map((one) => [one.register.name, one.value, one.observedAtMs])).toEqual(
        readings.flatMap(({ observedAtMs, values }) =>
          [...values].map(([code, value]) => [code, value, observedAtMs]),
        ),
      );
      expect(family.recognise?.("t", bytes)).toBe("IT001E00000001");
    }),
  );
});
