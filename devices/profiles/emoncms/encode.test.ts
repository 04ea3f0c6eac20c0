// What the encoder writes, the decoder reads back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf } from "#devices/decimal";
import { playMessages } from "../play-messages.ts";
import { encodeEmoncms, family } from "./index.ts";

const number = fc
  .integer({ min: -(10 ** 9), max: 10 ** 9 })
  .map((milli) => decimalOf((milli / 1000).toFixed(2)) ?? "");
const values = fc.dictionary(fc.constantFrom("E1", "E2", "P1", "Vrms", "T1", "pulse", "x"), number, {
  minKeys: 1,
});
const time = fc.option(fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }), {
  nil: undefined,
});

test("nodes, keys, digits and times come back", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/).filter((node) => node !== "dsmr"),
      values,
      fc.option(
        time.map((observedAtMs) => ({ observedAtMs })),
        { nil: undefined },
      ),
      (node, fields, json) => {
        const messages = encodeEmoncms(
          json === undefined ? { node, values: fields } : { node, values: fields, json },
        );
        const decoded = playMessages(family.decode, messages, {
          receivedAtMs: Date.UTC(2026, 2, 1),
          timezone: "Europe/Brussels",
          expectedIntervalS: null,
        });
        expect(decoded.flatMap(({ rejections }) => rejections)).toEqual([]);
        const read = decoded.flatMap(({ observations }) => observations);
        expect(read.map((one) => [one.register.name, one.value, one.observedAtMs])).toEqual(
          Object.entries(fields).map(([key, value]) => [`${node}/${key}`, value, json?.observedAtMs]),
        );
        for (const { topic, payload } of messages)
          expect(family.recognise?.(topic, payload)).toBe(`emon/${node}`);
      },
    ),
  );
});
