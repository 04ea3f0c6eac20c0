// Units: what each measures, and that the way to thousandths of a Wh or a litre is exact.
import fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf, mantissaOf } from "./decimal.ts";
import { profileUnitOf, quantityOf, toMilli } from "./units.ts";

test.each([
  ["15.758", "kWh", 15_758_000n],
  ["6545766", "Wh", 6_545_766_000n],
  ["240.860", "GJ", 66_905_555_556n], // at 3.6 GJ a MWh: 66.905555556 MWh
  ["3600000", "J", 1_000_000n],
  ["3600000", "Ws", 1_000_000n],
  ["3.6", "MJ", 1_000_000n],
  ["1.5", "MWh", 1_500_000_000n],
  ["112.384", "m3", 112_384_000n],
  ["120500", "l", 120_500_000n],
  ["0.0000005", "kWh", 1n],
  ["0.0000004999", "kWh", 0n],
  ["-0.0000005", "kWh", 0n],
  ["-0.0000005001", "kWh", -1n],
  ["32549.5061662", "kWh", 32_549_506_166n],
  ["99999999999999999999.9", "kWh", 99_999_999_999_999_999_999_900_000n],
])("%s %s is %d thousandths", (value, unit, expected) => {
  expect(toMilli(value, unit)).toBe(expected);
});

test("is the exact fraction rounded half up, whatever the digits", () => {
  const units = [
    ["Wh", 1000n, 1n],
    ["kWh", 10n ** 6n, 1n],
    ["J", 5n, 18n],
    ["kJ", 5000n, 18n],
    ["GJ", 5n * 10n ** 9n, 18n],
    ["m3", 10n ** 6n, 1n],
  ] as const;
  const text = fc
    .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 12 }))
    .map(([mantissa, scale]) => {
      const digits = String(mantissa < 0n ? -mantissa : mantissa).padStart(scale + 1, "0");
      const whole = digits.slice(0, digits.length - scale);
      const sign = mantissa < 0n ? "-" : "";
      return scale === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-scale)}`;
    });
  fc.assert(
    fc.property(text, fc.constantFrom(...units), (raw, [unit, numerator, denominator]) => {
      const value = decimalOf(raw) ?? "";
      const { mantissa, scale } = mantissaOf(value);
      const divisor = denominator * 10n ** BigInt(scale);
      // Half up: milli is the whole number with  exact - 1/2 < milli <= exact + 1/2.
      const twiceError = 2n * (toMilli(value, unit) * divisor - mantissa * numerator);
      expect(twiceError <= divisor && twiceError > -divisor).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

test("order of values is kept", () => {
  const value = fc
    .tuple(fc.nat(), fc.integer({ min: 1, max: 3 }))
    .map(([n, scale]) => (n / 10 ** scale).toFixed(scale));
  fc.assert(
    fc.property(value, value, fc.constantFrom("kWh", "GJ", "m3"), (left, right, unit) => {
      const [smaller, larger] = Number(left) <= Number(right) ? [left, right] : [right, left];
      expect(toMilli(smaller, unit) <= toMilli(larger, unit)).toBe(true);
    }),
  );
});

test("a unit without profile is told by name", () => {
  expect(() => toMilli("1", "kW")).toThrow("1 kW is neither an energy nor a volume");
  expect(profileUnitOf("kW")).toBeUndefined();
  expect(profileUnitOf("GJ")).toBe("Wh");
  expect(profileUnitOf("m3")).toBe("l");
});

test("every unit with a profile measures an energy or a volume", () => {
  for (const unit of ["Wh", "kWh", "MWh", "GWh", "Ws", "J", "kJ", "MJ", "GJ"])
    expect(quantityOf(unit)).toBe("energy");
  for (const unit of ["l", "dm3", "m3"]) expect(quantityOf(unit)).toBe("volume");
});

test("the registered units of SenML are known", () => {
  const registered =
    "m kg g s A K cd mol Hz rad sr N Pa W J C V F Ohm S Wb T H Cel lm lx Bq Gy Sv kat m2 m3 l m/s m/s2 m3/s l/s W/m2 cd/m2 bit " +
    "bit/s lat lon pH dB dBW Bspl count / % %RH %EL EL 1/s 1/min beat/min beats S/m B VA VAs var vars J/m kg/m3 deg " +
    "ms min h MHz kW kVA kvar Ah Wh kWh varh kvarh kVAh Wh/km KiB GB Mbit/s B/s MB/s mV mA dBm ug/m3 mm/h m/h ppm /100 /1000 hPa mm cm km km/h";
  expect(registered.split(" ").filter((unit) => quantityOf(unit) === undefined)).toEqual([]);
});

test("a unit is what stands in the table, not what objects inherit", () => {
  for (const unit of ["", "constructor", "toString", "__proto__", "KWH"])
    expect(quantityOf(unit)).toBeUndefined();
});
