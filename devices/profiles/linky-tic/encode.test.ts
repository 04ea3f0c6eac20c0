// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { DecodeContext } from "#devices/reading";
import { encodeTic, family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: Date.UTC(2100, 0, 1),
  timezone: "UTC",
  expectedIntervalS: null,
};

const second = fc.integer({ min: Date.UTC(2000, 0, 1) / 1000, max: Date.UTC(2099, 0, 1) / 1000 });
const meter = fc.stringMatching(/^[0-9]{12}$/);

test("standard mode: values and instants come back, in both hours that autumn repeats too", () => {
  const autumn = fc.integer({ min: Date.UTC(2025, 9, 26) / 1000, max: Date.UTC(2025, 9, 26, 2) / 1000 });
  const instant = fc.oneof(second, autumn).map((seconds) => seconds * 1000);
  fc.assert(
    fc.property(
      meter,
      instant,
      instant,
      fc.nat(999_999_999),
      fc.nat(99_999),
      (address, atMs, pointMs, index, power) => {
        const entries = [
          { label: "EAST", value: String(index) },
          { label: "CCASN", value: String(power), observedAtMs: pointMs },
        ];
        const bytes = encodeTic({ mode: "standard", meter: address, observedAtMs: atMs, entries });
        const { observations, rejections } = family.decode(bytes, CONTEXT);
        expect(rejections).toEqual([]);
        expect(observations.map((one) => [one.register.name, one.value, one.observedAtMs])).toEqual([
          ["EAST", String(index), atMs],
          ["CCASN", String(power), pointMs],
        ]);
        expect(family.recognise?.("t", bytes)).toBe(address);
      },
    ),
  );
});

test("history mode: values come back, without a time", () => {
  fc.assert(
    fc.property(meter, fc.nat(999_999_999), fc.nat(99_999), (address, index, power) => {
      const entries = [
        { label: "HCHC", value: String(index) },
        { label: "PAPP", value: String(power) },
      ];
      const { observations } = family.decode(
        encodeTic({ mode: "history", meter: address, entries }),
        CONTEXT,
      );
      expect(
        observations.map((one) => [one.register.name, one.value, one.register.equipmentId, one.observedAtMs]),
      ).toEqual(entries.map(({ label, value }) => [label, value, address, undefined]));
    }),
  );
});
