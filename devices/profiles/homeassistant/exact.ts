// Arithmetic of value templates in decimals: sums and products are exact, a quotient as far as it has an end.
import { decimalOf, mantissaOf, tenTo, type Decimal } from "#devices/decimal";

/** mantissa / 10 ** scale; the scale is 0 or more. */
export type Exact = { readonly mantissa: bigint; readonly scale: number };

/** Digits behind the point of a quotient without end: 1/3.6 of a J is finer than any meter. */
const QUOTIENT_SCALE = 12;
/** No number of a meter is longer; a template could multiply without end. */
const DIGITS_MAX = 400;
const MANTISSA_MAX = tenTo(DIGITS_MAX);

export function exactOf(value: Decimal): Exact {
  return mantissaOf(value);
}

/** `undefined` for more digits than a float64 could stand for. */
export function decimalOfExact({ mantissa, scale }: Exact): Decimal | undefined {
  const digits = String(mantissa < 0n ? -mantissa : mantissa).padStart(scale + 1, "0");
  if (digits.length > DIGITS_MAX) return undefined;
  const point = digits.length - scale;
  const text = scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return decimalOf(mantissa < 0n ? `-${text}` : text);
}

export function add(left: Exact, right: Exact): Exact {
  const scale = Math.max(left.scale, right.scale);
  return { mantissa: raised(left, scale) + raised(right, scale), scale };
}

export function negate({ mantissa, scale }: Exact): Exact {
  return { mantissa: -mantissa, scale };
}

/** `undefined`: out of all bounds. By a power of ten the point moves, and the digits stay: 860 * 0.001 is 0.860. */
export function multiply(left: Exact, right: Exact): Exact | undefined {
  const product = { mantissa: left.mantissa * right.mantissa, scale: left.scale + right.scale };
  if (product.scale > DIGITS_MAX || isLong(product.mantissa)) return undefined;
  const scale = Math.max(left.scale - powerOf(right), 0);
  return shortened(product, isPowerOfTen(right) ? scale : 0);
}

/** `undefined`: by nought, or out of all bounds. */
export function divide(left: Exact, right: Exact): Exact | undefined {
  if (right.mantissa === 0n || left.scale + right.scale > DIGITS_MAX) return undefined;
  const power = powerOf(right);
  if (isPowerOfTen(right)) {
    const scale = left.scale + power;
    const moved = { mantissa: left.mantissa, scale };
    return scale < 0 ? { mantissa: left.mantissa * tenTo(-scale), scale: 0 } : moved;
  }
  const scale = left.scale + QUOTIENT_SCALE;
  // left / right, in units of 10 ** -scale.
  const dividend = left.mantissa * tenTo(scale - left.scale + right.scale);
  return shortened({ mantissa: halfEven(dividend, right.mantissa), scale }, 0);
}

/** To so many digits behind the point: the nearest, of two the even one; or downwards, or upwards. */
export function round(value: Exact, digits: number, method: "common" | "floor" | "ceil"): Exact {
  if (value.scale <= digits) return value;
  const divisor = tenTo(value.scale - digits);
  if (method === "common") return { mantissa: halfEven(value.mantissa, divisor), scale: digits };
  const down = floorOf(value.mantissa, divisor);
  const isWhole = down * divisor === value.mantissa;
  return { mantissa: method === "floor" || isWhole ? down : down + 1n, scale: digits };
}

/** Towards nought. */
export function truncate({ mantissa, scale }: Exact): Exact {
  return { mantissa: mantissa / tenTo(scale), scale: 0 };
}

function raised({ mantissa, scale }: Exact, to: number): bigint {
  return mantissa * tenTo(to - scale);
}

function isLong(mantissa: bigint): boolean {
  return (mantissa < 0n ? -mantissa : mantissa) >= MANTISSA_MAX;
}

const POWER_OF_TEN = /^10*$/;

function isPowerOfTen({ mantissa }: Exact): boolean {
  return POWER_OF_TEN.test(String(mantissa));
}

/** The exponent of a power of ten. */
function powerOf({ mantissa, scale }: Exact): number {
  return String(mantissa).length - 1 - scale;
}

/** Without noughts at the end, down to so many digits behind the point. */
function shortened({ mantissa, scale }: Exact, scaleMin: number): Exact {
  let [rest, digits] = [mantissa, scale];
  while (digits > scaleMin && rest % 10n === 0n) [rest, digits] = [rest / 10n, digits - 1];
  return { mantissa: rest, scale: digits };
}

function floorOf(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

function halfEven(dividend: bigint, divisor: bigint): bigint {
  const down = floorOf(dividend, divisor);
  const rest = 2n * (dividend - down * divisor);
  const compared = divisor < 0n ? divisor - rest : rest - divisor;
  const isUp = compared === 0n ? down % 2n !== 0n : compared > 0n;
  return isUp ? down + 1n : down;
}
