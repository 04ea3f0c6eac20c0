// Decimals: what is accepted as one, that packing loses nothing, and that order and sums are exact.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addDecimals,
  compareDecimals,
  decimalFromNumber,
  decimalOf,
  decimalOfJson,
  fingerprint,
  isDecimal,
  mantissaOf,
  packDecimals,
  unpackChosen,
  unpackDecimals,
  type Decimal,
} from "./decimal.ts";

const digits = (max: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: max }).map((list) => list.join(""));

/** Plain decimal texts as meters write them, with leading zeros, up to 30 digits on either side. */
const plainText = fc
  .tuple(fc.constantFrom("", "-", "+"), digits(30), fc.option(digits(30), { nil: undefined }))
  .map(([sign, whole, fraction]) => (fraction === undefined ? sign + whole : `${sign}${whole}.${fraction}`));

const decimal: fc.Arbitrary<Decimal> = plainText.map((text) => decimalOf(text) ?? "");
const meterValue: fc.Arbitrary<Decimal> = fc
  .tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(1, 2, 3))
  .map(([value, scale]) => decimalOf((value / 10 ** scale).toFixed(scale)) ?? "");

describe("reading", () => {
  test.each([
    ["000015.758", "15.758"],
    ["000000.000", "0.000"],
    ["00000000", "0"],
    ["-00.5", "-0.5"],
    ["-0.00", "0.00"],
    ["+7", "7"],
    ["00032549.5061662", "32549.5061662"],
  ])("%s is %s", (text, expected) => {
    expect(decimalOf(text)).toBe(expected);
  });

  test.each([
    "",
    "-",
    ".",
    ".5",
    "5.",
    "1.2.3",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    " 1",
    "1 ",
    "1,5",
    "١",
    "--1",
  ])("%j is no decimal", (text) => {
    expect(decimalOf(text)).toBeUndefined();
    expect(isDecimal(text)).toBe(false);
  });

  test.each([
    ["1.50e3", "1500"],
    ["12.340", "12.340"],
    ["1E-3", "0.001"],
    ["-1.25e+1", "-12.5"],
    ["9007199254740993", "9007199254740993"],
    ["0e5", "0"],
    ["1e-9999", "0"],
  ])("the JSON number %s is %s", (text, expected) => {
    expect(decimalOfJson(text)).toBe(expected);
  });

  test("a JSON number beyond every float is refused", () => {
    expect(decimalOfJson("1e400")).toBeUndefined();
    expect(decimalOfJson("1e99999")).toBeUndefined();
  });

  test("reading again what was read changes nothing", () => {
    fc.assert(
      fc.property(plainText, (text) => {
        const read = decimalOf(text) ?? "";
        expect(isDecimal(read)).toBe(true);
        expect(decimalOf(read)).toBe(read);
      }),
    );
  });

  test("no text makes it throw, and whatever it accepts is canonical", () => {
    const almost = fc.string({ unit: fc.constantFrom(..."0123456789.+-e ".split("")), maxLength: 80 });
    fc.assert(
      fc.property(fc.oneof(fc.string(), almost), (text) => {
        const read = decimalOf(text);
        expect(read === undefined || isDecimal(read)).toBe(true);
      }),
    );
  });

  test("every finite number has a text that reads back as the same number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = decimalFromNumber(number) ?? "";
        expect(isDecimal(text)).toBe(true);
        expect(Number(text)).toBe(number === 0 ? 0 : number);
      }),
    );
    expect(decimalFromNumber(Number.NaN)).toBeUndefined();
    expect(decimalFromNumber(-Infinity)).toBeUndefined();
  });
});

describe("packing", () => {
  test("every value comes back as it went in, gaps included", () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.oneof(decimal, meterValue)), { maxLength: 40 }), (values) => {
        expect(unpackDecimals(packDecimals(values))).toEqual(values);
      }),
    );
  });

  test("only the chosen values of a row among others come back, in their order", () => {
    const row = fc.array(fc.tuple(fc.option(fc.oneof(decimal, meterValue)), fc.boolean()), { maxLength: 40 });
    fc.assert(
      fc.property(row, fc.uint8Array({ maxLength: 9 }), (entries, around) => {
        const values = entries.map(([value]) => value);
        const packed = packDecimals(values);
        const taken: [number, Decimal][] = [];
        unpackChosen(
          Buffer.concat([around, packed, around]),
          around.length,
          around.length + packed.length,
          entries.map(([, chosen]) => chosen),
          (place, value) => taken.push([place, value]),
        );
        const wanted = [...unpackDecimals(packed).entries()].filter(([place]) => entries[place]?.[1]);
        expect(taken).toEqual(wanted.filter(([, value]) => value !== null));
      }),
    );
  });

  test("a value that needs more digits than fit comes back as it was read", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const value = decimalFromNumber(number) ?? "";
        expect(unpackDecimals(packDecimals([value, "1.5"]))).toEqual([value, "1.5"]);
      }),
    );
  });

  test("the format is the documented one", () => {
    expect(packDecimals([null, "0.000", "15.758", "-0.5", "64"]).toString("hex")).toBe(
      "ff0300039cf6010109008001",
    );
    expect(packDecimals(["999999999999999", "1000000000000000"]).toString("hex")).toBe(
      "00feffb3ccd4dfc603008080b4ccd4dfc603",
    );
  });

  test("the digits at the edge of what a number holds are exact", () => {
    const edge = [
      "9999999999999999",
      "9007199254740993",
      "-999999999999999",
      "-1000000000000000",
      "0.999999999999999",
    ];
    expect(unpackDecimals(packDecimals(edge))).toEqual(edge);
  });

  test("a row of ten thousand values packs into a buffer of its own", () => {
    const values = Array.from({ length: 10_000 }, (_, index) => `${index}.${"9".repeat(29)}`);
    const packed = packDecimals(values);
    packDecimals(["1"]);
    expect(unpackDecimals(packed)).toEqual(values);
  });

  test("damaged bytes are refused, whichever they are, and never loop", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          unpackDecimals(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "internal" });
        }
      }),
    );
    expect(() => unpackDecimals(Uint8Array.of(3, 0x80))).toThrow("damaged");
    expect(() => unpackDecimals(Uint8Array.of(40, 0))).toThrow("damaged");
    expect(() => unpackDecimals(Uint8Array.of(0xfe, 1, 2))).toThrow("damaged");
  });
});

describe("fingerprint", () => {
  test("is stored, so it never changes", () => {
    expect(fingerprint(packDecimals(["0.034", "15.758", "0.000", "0.011", null]))).toBe(5675529117801605746n);
  });

  test("is a signed 64-bit number", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const print = fingerprint(bytes);
        expect(BigInt.asIntN(64, print)).toBe(print);
      }),
    );
  });

  test("tells 50,000 neighbouring rows apart, in each half alone almost always", () => {
    const whole = new Set<bigint>();
    const low = new Set<bigint>();
    const high = new Set<bigint>();
    const rows = 50_000;
    for (let index = 0; index < rows; index++) {
      const print = fingerprint(packDecimals([(index / 1000).toFixed(3), "0.000", (index % 7).toFixed(1)]));
      whole.add(print);
      low.add(BigInt.asUintN(32, print));
      high.add(BigInt.asUintN(32, print >> 32n));
    }
    expect(whole.size).toBe(rows);
    // 32 random bits would collide about rows² / 2³³ = 0.3 times.
    expect(rows - low.size).toBeLessThan(8);
    expect(rows - high.size).toBeLessThan(8);
  });

  test("one changed bit changes about half of its bits", () => {
    const bytes = packDecimals(["2781.904", "1533.871", "0.000", "12.5"]);
    const before = fingerprint(bytes);
    for (let at = 0; at < bytes.length * 8; at++) {
      const changed = Buffer.from(bytes);
      changed[at >> 3] = (changed[at >> 3] ?? 0) ^ (1 << (at & 7));
      const flipped = BigInt.asUintN(64, before ^ fingerprint(changed))
        .toString(2)
        .replaceAll("0", "").length;
      expect(flipped).toBeGreaterThan(12);
    }
  });
});

const scaled = (value: Decimal, scale: number): bigint => {
  const { mantissa, scale: own } = mantissaOf(value);
  return mantissa * 10n ** BigInt(scale - own);
};

describe("order and sum", () => {
  test("order is that of the numbers, exact", () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const difference = scaled(left, 30) - scaled(right, 30);
        expect(Math.sign(compareDecimals(left, right))).toBe(difference < 0n ? -1 : difference > 0n ? 1 : 0);
      }),
    );
  });

  test("trailing zeros do not count, a sign does", () => {
    expect(compareDecimals("1.0", "1.00")).toBe(0);
    expect(compareDecimals("-1.5", "0.0")).toBeLessThan(0);
    expect(compareDecimals("10", "9.999")).toBeGreaterThan(0);
    expect(compareDecimals("-10", "-9.999")).toBeLessThan(0);
  });

  test("a sum is exact and keeps the finer scale", () => {
    expect(addDecimals("1.5", "0.25")).toBe("1.75");
    expect(addDecimals("0.1", "-0.10")).toBe("0.00");
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        expect(scaled(addDecimals(left, right), 30)).toBe(scaled(left, 30) + scaled(right, 30));
      }),
    );
  });
});
