// Whatever the bytes and the topic: the decoder never throws, answers the same each time, and lets nothing unprintable out.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { DecodeContext } from "#devices/reading";
import { spokenMessages } from "../play-messages.ts";
import { family } from "./index.ts";

const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: Date.UTC(2026, 2, 1),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const folder = new URL("./golden/", import.meta.url);
const messages = readdirSync(folder)
  .filter((file) => file.endsWith(".messages.json"))
  .flatMap((file) => spokenMessages(readFileSync(new URL(file, folder), "utf8")));
const topics = fc.constantFrom("t", ...messages.map(({ topic }) => topic));

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function check(topic: string, bytes: Uint8Array): void {
  const context = { ...CONTEXT, topic };
  const decoded = family.decode(bytes, context);
  expect(decoded.observations.length).toBeLessThanOrEqual(bytes.length);
  expect(decoded.rejections.length).toBeLessThanOrEqual(18);
  for (const { register, value, observedAtMs } of decoded.observations) {
    expect(isDecimal(value)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    expect(register.name).not.toMatch(UNPRINTABLE);
    expect(register.name.length).toBeLessThanOrEqual(200);
    expect(register.name.isWellFormed()).toBe(true);
    expect(register.equipmentId).not.toMatch(UNPRINTABLE);
    expect(register.unit).toMatch(/^[\w/%]{0,5}$/);
  }
  for (const { detail } of decoded.rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.isWellFormed()).toBe(true);
    expect(detail.length).toBeLessThan(300);
  }
  expect(family.decode(bytes, context)).toEqual(decoded);
  expect(family.recognise?.(topic, bytes) ?? "").not.toMatch(UNPRINTABLE);
}

test("arbitrary bytes, texts and JSON on any topic never make it throw", () => {
  fc.assert(fc.property(topics, fc.uint8Array({ maxLength: 300 }), check));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.json(), (topic, text) => check(topic, Buffer.from(text))),
  );
});

test("decoded objects of any shape never make it throw", () => {
  const name = fc.oneof(
    fc.constantFrom(
      "timestamp",
      "value",
      "unit",
      "delta_1_m3",
      "log_volume_m3",
      "history",
      "temperature",
      "total_kWh",
      "LogTimestamp",
      "__proto__",
    ),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(
      topics,
      fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.double(), fc.string())),
      (topic, fields) => {
        check(
          topic,
          Buffer.from(
            JSON.stringify({
              time: "2026-02-28T10:00:00Z",
              deviceInfo: { devEui: "a84041000000cafe" },
              object: fields,
            }),
          ),
        );
      },
    ),
  );
});

test("messages with bytes changed, cut out or doubled never make it throw", () => {
  const change = fc.record({ at: fc.nat(1500), remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 6 }) });
  fc.assert(
    fc.property(
      fc.constantFrom(...messages),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      ({ topic, payload }, changes) => {
        let bytes = Buffer.from(payload);
        for (const { at, remove, insert } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        }
        check(topic, bytes);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["brackets", "["],
  ["objects", '{"a":'],
  ["digits", "9"],
  ["readings", '"x_kWh":1,'],
])("half a megabyte of %s takes time in proportion", (_name, unit) => {
  const inner = unit.repeat(Math.floor(500_000 / unit.length));
  const started = performance.now();
  for (const text of [
    inner,
    '{"deviceInfo":{"devEui":"a84041000000cafe"},"object":{' + inner.replace(/,$/, "") + "}}",
  ]) {
    family.decode(Buffer.from(text), CONTEXT);
    family.recognise?.("t", Buffer.from(text));
  }
  expect(performance.now() - started).toBeLessThan(20_000);
});
