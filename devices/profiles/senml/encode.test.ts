// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf } from "#devices/decimal";
import type { DecodeContext } from "#devices/reading";
import { decodeSenml } from "./decode.ts";
import { encodeSenml } from "./index.ts";

const CONTEXT: DecodeContext = { topic: "t", receivedAtMs: 0, timezone: "UTC", expectedIntervalS: null };

const value = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 99_999 }))
  .map(([whole, fraction]) => decimalOf(`${whole}.${fraction}`) ?? "");
const record = fc.record({
  name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:./_-]{0,40}$/),
  unit: fc.constantFrom("kWh", "J", "m3", "l"),
  value,
  sum: fc.boolean(),
});

test("names, units, digits and the instant come back", () => {
  fc.assert(
    fc.property(
      fc.option(fc.constantFrom("urn:dev:mac:0024befffe804ff1:", "b/"), { nil: undefined }),
      fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }),
      fc.array(record, { minLength: 1, maxLength: 8 }),
      (baseName, observedAtMs, records) => {
        const fields =
          baseName === undefined ? { observedAtMs, records } : { baseName, observedAtMs, records };
        const { observations, rejections } = decodeSenml(encodeSenml(fields), CONTEXT);
        expect(rejections).toEqual([]);
        expect(
          observations.map((one) => [one.register.name, one.register.unit, one.value, one.observedAtMs]),
        ).toEqual(records.map((one) => [`${baseName ?? ""}${one.name}`, one.unit, one.value, observedAtMs]));
      },
    ),
  );
});
