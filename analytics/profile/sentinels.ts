// Values that meters and gateways send in the place of an index: a counter with all bits set is no reading.
import type { Decimal } from "#devices/decimal";
import type { Carrier } from "#devices/vocabulary";

type Sentinel = { readonly name: string; readonly carrier?: Carrier };

/**
 * By the digits of the value, wherever its point is: 4294967.295 kWh and 4294967295 Wh are the same counter. Published lists of
 * bad values in meter data (Energy Sparks, `bad_values.rb`) name the three.
 */
const BY_DIGITS: ReadonlyMap<string, Sentinel> = new Map([
  ["4294967295", { name: "0xFFFFFFFF" }],
  ["2147483647", { name: "0x7FFFFFFF" }],
  // A gas meter with three decimals passes here once in a lifetime: then it is a reading less. Others may well be there.
  ["16777215", { name: "0xFFFFFF", carrier: "gas" }],
]);

/** How a sentinel begins, wherever its point is: nearly every value is told apart by that. */
const LIKELY = /^(?:4294|4\.294|42\.94|429\.4|2147|2\.147|21\.47|214\.7|1677|1\.677|16\.77|167\.7)/;

/** The counter's content in hexadecimal, where the value is one that stands for none. */
export function sentinelOf(value: Decimal, carrier: Carrier | null): string | undefined {
  if (!LIKELY.test(value)) return undefined;
  const sentinel = BY_DIGITS.get(digitsOf(value));
  if (sentinel === undefined) return undefined;
  return sentinel.carrier === undefined || sentinel.carrier === carrier ? sentinel.name : undefined;
}

function digitsOf(value: string): string {
  const point = value.indexOf(".");
  if (point < 0) return value;
  let end = value.length;
  while (value[end - 1] === "0") end--;
  return value.slice(0, point) + value.slice(point + 1, end);
}
