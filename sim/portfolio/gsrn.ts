// EAN-GSRN codes for simulated connections: the prefix of a carrier, a serial number, and the check digit of GS1.
import { chance, derive } from "../world/random.ts";

/** Belgian prefixes as Fluvius hands them out; the serial numbers are drawn, not taken from anyone. */
const PREFIX = { electricity: "5414488200", gas: "5414488600" } as const;
const SERIAL_DIGITS = 7;

/** The same 18 digits for the same seed and key. */
export function gsrnOf(carrier: keyof typeof PREFIX, seed: number, key: string): string {
  const serial = Math.floor(chance(derive(seed, key), 0) * 10 ** SERIAL_DIGITS);
  const digits = PREFIX[carrier] + String(serial).padStart(SERIAL_DIGITS, "0");
  return digits + checkDigit(digits);
}

/** GS1 General Specifications §7.9: weights 3 and 1 from the right, complement to ten. */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (const [index, digit] of digits.split("").toReversed().entries()) {
    sum += Number(digit) * (index % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}
