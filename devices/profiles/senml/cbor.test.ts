// SenML in CBOR: that it means what the same pack means in JSON, and what a hostile sender gets.
import fc from "fast-check";
import { decode as decodeByLibrary, encode as encodeByLibrary } from "cbor-x";
import { describe, expect, test } from "vitest";
import { decimalOf, isDecimal } from "#devices/decimal";
import { JsonNumber } from "#devices/json";
import type { DecodeContext, Decoded } from "#devices/reading";
import { parseCbor } from "./cbor.ts";
import { decodeSenml } from "./decode.ts";
import { encodeSenml, encodeSenmlCbor, family } from "./index.ts";
import { labelOf } from "./labels.ts";

const RECEIVED = Date.UTC(2026, 0, 5, 12);
const CONTEXT: DecodeContext = {
  topic: "t",
  receivedAtMs: RECEIVED,
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const decode = (bytes: Uint8Array): Decoded => decodeSenml(bytes, CONTEXT);
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
/** One record: name "a", unit "W", and what follows. */
const record = (count: number, rest: string): Buffer => hex(`81 a${2 + count} 00 6161 01 6157 ${rest}`);
const valueOf = (item: string): string | undefined => decode(record(1, `02 ${item}`)).observations[0]?.value;
const reasonsOf = (bytes: Uint8Array): string[] => decode(bytes).rejections.map(({ reason }) => reason);

const BOUNDS = { depthMax: 8, objectsMax: 10_000, objectsName: "records" };

const value = fc
  .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 99_999 }))
  .map(([whole, fraction]) => decimalOf(`${whole}.${fraction}`) ?? "");
const fields = fc.record(
  {
    baseName: fc.constantFrom("urn:dev:mac:0024befffe804ff1:", "b/"),
    observedAtMs: fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) }),
    records: fc.array(
      fc.record({
        name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9:./_-]{0,40}$/),
        unit: fc.constantFrom("kWh", "J", "m3", "W", "Cel"),
        value: fc.oneof(
          value,
          fc.constantFrom("0", "0.000", "-0.001", "9007199254740993", "-9223372036854775809", "1".repeat(30)),
        ),
        sum: fc.constant(false),
      }),
      { minLength: 1, maxLength: 8 },
    ),
  },
  { requiredKeys: ["records"] },
);

test("a pack means the same in CBOR as in JSON: names, units, digits, times, and who sent it", () => {
  fc.assert(
    fc.property(fields, (pack) => {
      const cbor = encodeSenmlCbor(pack);
      const json = encodeSenml(pack);
      expect(decode(cbor)).toEqual(decode(json));
      expect(decode(cbor).rejections).toEqual([]);
      expect(decode(cbor).observations.map((one) => one.value)).toEqual(pack.records.map((one) => one.value));
      expect(family.recognise?.("t", cbor)).toBe(family.recognise?.("t", json));
    }),
  );
});

describe("numbers", () => {
  test.each([
    ["17", "23"],
    ["37", "-24"],
    ["1b 0020000000000001", "9007199254740993"],
    ["1b ffffffffffffffff", "18446744073709551615"],
    ["3b ffffffffffffffff", "-18446744073709551616"],
    ["c2 49 010000000000000000", "18446744073709551616"],
    ["c3 49 010000000000000000", "-18446744073709551617"],
    ["c2 40", "0"],
    ["f9 2e66", "0.1"],
    ["f9 c000", "-2"],
    ["f9 8000", "0"],
    ["fa 41b8cccd", "23.1"],
    ["fa 3dcccccd", "0.1"],
    ["fa 4b800000", "16777216"],
    ["fa 4ceb79a3", "123456790"],
    ["fb 3fb999999999999a", "0.1"],
    ["fb 3fb99999a0000000", "0.10000000149011612"],
    ["fb 44b52d02c7e14af6", "100000000000000000000000"],
    ["c4 82 21 19 0866", "21.50"],
    ["c4 82 22 00", "0.000"],
    ["c4 82 21 38 04", "-0.05"],
    ["c4 82 02 05", "500"],
    ["c4 82 20 c2 49 010000000000000000", "1844674407370955161.6"],
    ["c4 9f 20 05 ff", "0.5"],
    ["d9d9f7 05", "5"],
  ])("%s is %s", (item, digits) => {
    expect(valueOf(item)).toBe(digits);
  });

  test.each([
    ["f9 7e00"],
    ["f9 7c00"],
    ["fa 7fc00000"],
    ["fa ff800000"],
    ["fb 7ff0000000000000"],
    ["f6"],
    ["f7"],
    ["e5"],
  ])("%s is no number", (item) => {
    expect(reasonsOf(record(1, `02 ${item}`))).toEqual(["value_not_numeric"]);
    // A base value spoils all that follows.
    expect(reasonsOf(record(2, `02 01 24 ${item}`))).toEqual(["reading_malformed"]);
  });

  test("an exponent beyond all measure is no value, and takes no time", () => {
    expect(reasonsOf(record(1, "02 c4 82 1b ffffffffffffffff 01"))).toEqual(["value_not_numeric"]);
    expect(valueOf("c4 82 3b ffffffffffffffff 01")).toBeUndefined();
  });
});

test("integer labels and their names are one; labels of later documents are passed over", () => {
  const named = encodeByLibrary([{ n: "a", u: "W", v: 5 }]);
  expect(decode(named)).toEqual(decode(record(1, "02 05")));
  expect(decode(record(2, "02 05 18 63 01"))).toEqual(decode(record(1, "02 05")));
});

test.each([
  ["a label that must be understood", record(2, "02 05 62 785f 01"), "reading_malformed"],
  ["a later version", record(2, "02 05 20 0b"), "reading_malformed"],
  ["a label that is no integer and no text", record(2, "02 05 41 61 01"), "reading_malformed"],
  ["a date", record(1, "02 c1 00"), "reading_malformed"],
  ["a tag that names a constructor", record(1, "02 d81b 82 6161 80"), "reading_malformed"],
  ["a reference", record(1, "02 d81d 00"), "reading_malformed"],
  ["a big number of 17 bytes", record(1, `02 c2 51 ${"01".repeat(17)}`), "reading_malformed"],
  ["a decimal fraction of floats", record(1, "02 c4 82 f93c01 01"), "reading_malformed"],
  ["a decimal fraction of three", record(1, "02 c4 83 010101"), "reading_malformed"],
  ["text that is not UTF-8", record(1, "02 62 c328"), "text_invalid"],
  ["chunked text with a chunk of bytes", record(1, "02 7f 4161 ff"), "reading_malformed"],
  ["a chunk without an end", record(1, "02 7f 6161"), "reading_malformed"],
  ["a break where nothing is open", record(1, "02 ff"), "reading_malformed"],
  ["an indefinite integer", record(1, "02 1f"), "reading_malformed"],
  ["a reserved length", record(1, "02 1c"), "reading_malformed"],
  ["a pack that is cut off", record(1, "02 19 01"), "reading_malformed"],
  ["something behind the pack", Buffer.concat([record(1, "02 05"), hex("00")]), "reading_malformed"],
  ["a pack of integers", hex("82 01 02"), "reading_malformed"],
  ["a list of 2 ** 60 records", hex("9b 1000000000000000 a0"), "reading_malformed"],
  ["a list of 4 billion records", hex("9a ffffffff a0"), "reading_malformed"],
  ["a text of 4 billion characters", hex("81 7a ffffffff 61"), "reading_malformed"],
  ["nesting", Buffer.alloc(200_000, 0x81), "payload_too_deep"],
  ["nesting of indefinite lists", Buffer.alloc(200_000, 0x9f), "payload_too_deep"],
  [
    "nesting of maps",
    Buffer.concat([hex("81"), Buffer.from("a100".repeat(100_000), "hex")]),
    "payload_too_deep",
  ],
  [
    "nesting of tags",
    Buffer.concat([hex("81"), Buffer.from("d9d9f7".repeat(60_000), "hex")]),
    "payload_too_deep",
  ],
  ["many records", Buffer.concat([hex("9f"), Buffer.alloc(200_000, 0xa0)]), "reading_malformed"],
])("%s is refused at once", (_name, bytes, reason) => {
  const started = performance.now();
  expect(decode(bytes).observations).toEqual([]);
  expect(reasonsOf(bytes)).toEqual([reason]);
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("a label called __proto__ is a label, and one that must be understood", () => {
  const bytes = Buffer.concat([hex("81 a3 00 6161 02 05 69"), Buffer.from("__proto__"), hex("a1 01 6157")]);
  expect(reasonsOf(bytes)).toEqual(["reading_malformed"]);
});

test.each([["81 a1 00"], ["82 01 02"], ["80"], ["81 a1 18 63 01"], ["a1 00 6161"], ["d9 d9f7"], ["c1 00"]])(
  "%s is of no family",
  (text) => {
    expect(family.recognise?.("t", hex(text))).toBeUndefined();
  },
);

test("what cbor-x writes is read as cbor-x reads it", () => {
  const item: fc.Arbitrary<unknown> = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.constant(null),
  );
  const map = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), item, { noNullPrototype: true });
  fc.assert(
    fc.property(fc.array(fc.oneof(item, map, fc.array(item)), { minLength: 1 }), (list) => {
      const bytes = encodeByLibrary(list);
      const read = parseCbor(bytes, BOUNDS, labelOf);
      expect(plain("value" in read ? read.value : read)).toEqual(plain(decodeByLibrary(bytes)));
    }),
    { numRuns: 500 },
  );
});

/** Numbers as numbers, whatever they are kept in. */
function plain(read: unknown): unknown {
  if (read instanceof JsonNumber) return Number(read.text);
  if (typeof read === "bigint") return Number(read);
  // The sign of zero is none of a value's digits.
  if (read === 0) return 0;
  if (Array.isArray(read)) return read.map(plain);
  if (typeof read !== "object" || read === null) return read;
  return Object.fromEntries(Object.entries(read).map(([key, field]) => [key, plain(field)]));
}

const check = (bytes: Uint8Array): void => {
  const { observations, rejections } = decode(bytes);
  expect(observations.length + rejections.length).toBeGreaterThan(0);
  expect(rejections.length).toBeLessThanOrEqual(17);
  for (const { value: digits, observedAtMs, register } of observations) {
    expect(isDecimal(digits)).toBe(true);
    expect(observedAtMs === undefined || Number.isSafeInteger(observedAtMs)).toBe(true);
    expect(register.name.isWellFormed()).toBe(true);
  }
  for (const { detail } of rejections) expect(detail.isWellFormed() && !detail.includes("\0")).toBe(true);
};

test("whatever the bytes behind the first, it never throws and says something", () => {
  const first = fc.constantFrom(0x80, 0x81, 0x82, 0x9f, 0x98, 0x9b, 0xd9);
  const initial = fc.constantFrom(
    0x00,
    0x61,
    0x81,
    0x9f,
    0xa2,
    0xbf,
    0xc2,
    0xc4,
    0xf9,
    0xfa,
    0xfb,
    0x1b,
    0x7f,
    0xff,
  );
  const tail = fc.array(fc.oneof(initial, fc.integer({ min: 0, max: 255 })), { maxLength: 120 });
  fc.assert(
    fc.property(first, tail, (head, rest) => checkBoth(Buffer.from([head, ...rest]))),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fields, fc.nat(300), fc.uint8Array({ maxLength: 4 }), (pack, at, piece) => {
      const bytes = encodeSenmlCbor(pack);
      checkBoth(Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + piece.length)]));
    }),
    { numRuns: 1000 },
  );
});

function checkBoth(bytes: Uint8Array): void {
  const { observations, rejections } = decode(bytes);
  check(bytes);
  // A view into a larger buffer is read within its bounds.
  const padded = Buffer.concat([hex("8182"), bytes, hex("a1ff")]);
  const view = new Uint8Array(padded.buffer, padded.byteOffset + 2, bytes.length);
  expect(decode(view).observations).toEqual(observations);
  expect(decode(view).rejections).toEqual(rejections);
}
