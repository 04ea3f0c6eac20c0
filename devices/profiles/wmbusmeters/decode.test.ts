// What a wmbusmeters document says, and that no bytes make the decoder fail.
import fc from "fast-check";
import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isDecimal } from "#devices/decimal";
import type { DecodeContext, Decoded } from "#devices/reading";
import { decodeWmbusmeters } from "./decode.ts";
import { recogniseWmbusmeters } from "./telegram.ts";

const CONTEXT: DecodeContext = {
  topic: "wmbus",
  receivedAtMs: Date.UTC(2026, 2, 1, 12),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};

const telegram = (fields: object): Buffer =>
  Buffer.from(
    JSON.stringify({
      _: "telegram",
      media: "water",
      meter: "made",
      name: "",
      id: "20260001",
      timestamp: "2026-02-28T10:00:00Z",
      ...fields,
    }),
  );
const decode = (fields: object): Decoded => decodeWmbusmeters(telegram(fields), CONTEXT);
const instantsOf = ({ observations }: Decoded): Record<string, string> =>
  Object.fromEntries(
    observations.map(({ register, observedAtMs }) => [
      register.name,
      observedAtMs === undefined ? "none" : new Date(observedAtMs).toISOString(),
    ]),
  );

test("the same register is the same object, in the next telegram too", () => {
  const [first, second] = [decode({ total_m3: 1 }), decode({ total_m3: 2 })];
  expect(first.observations[0]?.register).toBe(second.observations[0]?.register);
});

test("the same energy in two units goes to the supply point once", () => {
  const { observations } = decode({ media: "heat", total_kwh: 10, total_gj: 0.036 });
  expect(observations.map(({ register }) => [register.unit, register.carrier])).toEqual([
    ["kWh", "heat"],
    ["GJ", null],
  ]);
});

test("a total that has no value yet is still the total: its tariffs do not count beside it", () => {
  const fields = {
    media: "electricity",
    total_energy_consumption_kwh: null,
    total_energy_consumption_tariff_1_kwh: 1,
  };
  expect(decode(fields).observations.map(({ register }) => register.carrier)).toEqual([null]);
});

test("a meter of four quadrants: active energy of both directions counts, not its parts and not reactive energy", () => {
  const { observations } = decode({
    media: "electricity",
    positive_total_active_energy_kwh: 7972.38,
    negative_total_active_energy_kwh: 3,
    positive_tariff1_active_energy_kwh: 7928.3,
    partial_positive_active_energy_kwh: 7972.38,
  });
  expect(observations.map(({ register }) => [register.carrier, register.direction])).toEqual([
    ["electricity", "import"],
    ["electricity", "export"],
    [null, null],
    [null, null],
  ]);
});

describe("dates of the past", () => {
  test.each([
    ["the last day of a month ends it", "2025-12-31", "2025-12-31T22:59:59.000Z"],
    ["the last day of February in a leap year", "2024-02-29", "2024-02-29T22:59:59.000Z"],
    ["the first day of a month begins it", "2025-07-01", "2025-06-30T22:00:00.000Z"],
    ["with its own time of day", "2025-07-01 13:05", "2025-07-01T11:05:00.000Z"],
  ])("%s", (_name, date, instant) => {
    expect(instantsOf(decode({ target_m3: 1, target_date: date }))).toEqual({ target_m3: instant });
  });

  test.each([
    ["is not set", null],
    ["is the clock's first day", "2000-01-01"],
    ["is still to come", "2026-08-01"],
    ["is no date", "2000-00-00"],
    ["is missing", undefined],
  ])("a value whose date %s is of the instant at which it was told, and goes nowhere", (_name, date) => {
    const decoded = decode({ total_m3: 2, target_m3: 1, target_date: date, target_c: 20 });
    expect(instantsOf(decoded)).toEqual({
      total_m3: "2026-02-28T10:00:00.000Z",
      target_m3: "2026-02-28T10:00:00.000Z",
    });
    expect(
      decoded.observations.find(({ register }) => register.name === "target_m3")?.register,
    ).toMatchObject({
      carrier: null,
      quantity: "past-volume",
      onChange: true,
    });
  });

  test("a power of last month is no power of now", () => {
    expect(decode({ media: "heat", max_power_last_month_kw: 3 }).observations[0]?.register).toMatchObject({
      carrier: null,
      quantity: "past-max-demand",
    });
  });

  test("what nobody dates is left out where the telegram itself has no time", () => {
    expect(instantsOf(decode({ total_m3: 2, target_m3: 1, timestamp: undefined }))).toEqual({
      total_m3: "none",
    });
  });
});

test.each([
  ["another kind of document", { _: "other", total_m3: 1 }],
  ["no id", { id: undefined, total_m3: 1 }],
  ["an id that is no number of a meter", { id: "a/b", total_m3: 1 }],
  ["no media", { media: 7, total_m3: 1 }],
  ["no driver", { meter: undefined, total_m3: 1 }],
  ["a key that was wrong", { error: "decryption failed", total_m3: 1 }],
  ["a driver that was wrong", { error: "decoding failed", total_m3: 1 }],
])("%s is refused whole, and is recognised as nobody", (_name, fields) => {
  const { observations, rejections } = decode(fields);
  expect([observations.length, rejections.length]).toEqual([0, 1]);
  expect(recogniseWmbusmeters("t", telegram(fields))).toBeUndefined();
});

const folder = new URL("./golden/", import.meta.url);
const documents = readdirSync(folder)
  .filter((file) => file.endsWith(".txt"))
  .map((file) => readFileSync(new URL(file, folder)));

// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;

function check(bytes: Uint8Array): void {
  const { observations, rejections } = decodeWmbusmeters(bytes, CONTEXT);
  expect(observations.length + rejections.length).toBeGreaterThan(0);
  expect(rejections.length).toBeLessThanOrEqual(17);
  for (const { register, value, observedAtMs } of observations) {
    expect(isDecimal(value)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    expect(register.name).toMatch(/^\w{1,120}$/);
    expect(register.equipmentId).not.toMatch(UNPRINTABLE);
  }
  for (const { detail } of rejections) {
    expect(detail).not.toMatch(UNPRINTABLE);
    expect(detail.length).toBeLessThan(300);
  }
  expect(recogniseWmbusmeters("t", bytes) ?? "").not.toMatch(UNPRINTABLE);
}

test("arbitrary bytes and documents never make it throw", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), check));
  fc.assert(fc.property(fc.json(), (text) => check(Buffer.from(text))));
  const name = fc.constantFrom(
    "total_m3",
    "target_m3",
    "target_date",
    "timestamp",
    "id",
    "media",
    "error",
    "__proto__",
  );
  fc.assert(fc.property(fc.dictionary(name, fc.jsonValue()), (fields) => check(telegram(fields))));
});

test("telegrams with bytes changed, cut out or doubled never make it throw", () => {
  const change = fc.record({ at: fc.nat(600), remove: fc.nat(20), insert: fc.uint8Array({ maxLength: 6 }) });
  fc.assert(
    fc.property(
      fc.constantFrom(...documents),
      fc.array(change, { minLength: 1, maxLength: 4 }),
      (document, changes) => {
        let bytes = Buffer.from(document);
        for (const { at, remove, insert } of changes) {
          bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
        }
        check(bytes);
      },
    ),
    { numRuns: 500 },
  );
});

test.each([
  ["brackets", "[", "payload_too_deep"],
  ["objects", '{"a":{}},', "reading_malformed"],
  ["digits", "9", "reading_malformed"],
])("half a megabyte of %s takes time in proportion", (_name, unit, reason) => {
  const bytes = Buffer.from(`{"_":"telegram","x":${unit.repeat(500_000 / unit.length)}`);
  const started = performance.now();
  expect(decodeWmbusmeters(bytes, CONTEXT).rejections[0]?.reason).toBe(reason);
  const many = Array.from({ length: 20_000 }, (_, index) => [`m${index}_m3`, index]);
  expect(decode(Object.fromEntries(many)).observations).toHaveLength(20_000);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a number that became a text on its way is one, and a date or a serial number is none", () => {
  const { observations, rejections } = decode({
    total_m3: "917.125",
    last_date_c: "2026-01-31",
    prefix_v: "C19UA",
  });
  expect(rejections).toEqual([]);
  expect(observations.map(({ register, value }) => [register.name, register.carrier, value])).toEqual([
    ["total_m3", "water", "917.125"],
  ]);
});
