// A measured value as text, exactly as received: reading, comparing, adding and packing it without a binary fraction.
//
//   Decimal   "15.758"  "0.000"  "-0.5"  "12"       sign, digits, point, digits; never "007", "-0", "1e3", "NaN"
//
// Packed, per value: one head byte, then
//   0xff            nothing: the row carries no value for this register
//   0x00..0x1e      scale (digits after the point), then the mantissa as zigzag LEB128
//   0xfe            float64, little-endian: a number that needs more than 30 digits on one side of the point
import { KoproError } from "#devices/error";

/** A decimal number in canonical text. The digits after the point are those received: "0.000" is not "0". */
export type Decimal = string;

/** More digits than this, before or after the point, and the nearest float64 stands for the value. */
const DIGITS_MAX = 30;
/** So many digits always fit a number exactly, zigzag bit included. */
const EXACT_DIGITS = 15;
const HEAD_FLOAT = 0xfe;
const HEAD_ABSENT = 0xff;
const LARGEST_VALUE_BYTES = 40;

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

/** A plain decimal text of any width ("000015.758", "+1", "-00.5") as a `Decimal`; anything else is `undefined`. */
export function decimalOf(text: string): Decimal | undefined {
  const length = text.length;
  const signed = text.charCodeAt(0) === MINUS || text.charCodeAt(0) === PLUS ? 1 : 0;
  let point = -1;
  let first = -1;
  for (let at = signed; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === POINT) {
      if (point >= 0 || at === signed) return undefined;
      point = at;
      if (first < 0) first = at - 1;
    } else if (code < ZERO || code > NINE) {
      return undefined;
    } else if (first < 0 && code !== ZERO) {
      first = at;
    }
  }
  if (length === signed || point === length - 1) return undefined;
  if (first < 0) first = length - 1;
  const end = point < 0 ? length : point;
  if (end - first > DIGITS_MAX || length - end - 1 > DIGITS_MAX) return decimalFromNumber(Number(text));
  const magnitude = first === 0 ? text : text.slice(first);
  return text.charCodeAt(0) === MINUS && !isZero(magnitude) ? `-${magnitude}` : magnitude;
}

function isZero(magnitude: string): boolean {
  for (let at = 0; at < magnitude.length; at++) {
    const code = magnitude.charCodeAt(at);
    if (code !== ZERO && code !== POINT) return false;
  }
  return true;
}

const JSON_NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,4}))?$/;

/** The text of a JSON number, exponent included ("1.50e3" is "1500"), as a `Decimal`. */
export function decimalOfJson(text: string): Decimal | undefined {
  // Nearly all have none, and are plain decimals.
  if (!text.includes("e") && !text.includes("E"))
    return text.charCodeAt(0) === PLUS ? undefined : decimalOf(text);
  const match = JSON_NUMBER.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent] = match;
  if (exponent === undefined) return decimalOf(text);
  return placed(sign, whole + fraction, whole.length + Number(exponent));
}

/** `digits` with the point after the first `pointAt` of them. */
function placed(sign: string, digits: string, pointAt: number): Decimal | undefined {
  if (isZero(digits)) return "0";
  if (Math.abs(pointAt) > 400) return pointAt < 0 ? "0" : undefined;
  const padded = digits.padEnd(pointAt, "0").padStart(digits.length - Math.min(pointAt, 0), "0");
  const whole = pointAt > 0 ? padded.slice(0, pointAt) : "0";
  const fraction = padded.slice(Math.max(pointAt, 0));
  return decimalOf(fraction === "" ? sign + whole : `${sign}${whole}.${fraction}`);
}

/** The shortest text that reads back as `value`; NaN and the infinities have none. */
export function decimalFromNumber(value: number): Decimal | undefined {
  if (!Number.isFinite(value)) return undefined;
  const text = String(value);
  const exponentAt = text.indexOf("e");
  if (exponentAt < 0) return text;
  const [whole = "", fraction = ""] = text.slice(0, exponentAt).replace("-", "").split(".");
  const pointAt = whole.length + Number(text.slice(exponentAt + 1));
  const digits = whole + fraction;
  const sign = value < 0 ? "-" : "";
  if (pointAt > 0) return sign + digits.padEnd(pointAt, "0");
  return `${sign}0.${"0".repeat(-pointAt)}${digits}`;
}

/** Whether `text` is what `decimalOf` would give back unchanged. */
export function isDecimal(text: string): text is Decimal {
  return text.charCodeAt(0) !== PLUS && decimalOf(text) === text;
}

/** Numeric order, exact: negative, zero or positive. "1.0" and "1.00" compare equal. */
export function compareDecimals(left: Decimal, right: Decimal): number {
  const leftNegative = left.charCodeAt(0) === MINUS;
  const rightNegative = right.charCodeAt(0) === MINUS;
  if (leftNegative !== rightNegative) return leftNegative ? -1 : 1;
  return leftNegative ? compareMagnitudes(right.slice(1), left.slice(1)) : compareMagnitudes(left, right);
}

function compareMagnitudes(left: string, right: string): number {
  const [leftWhole, leftFraction] = halves(left);
  const [rightWhole, rightFraction] = halves(right);
  if (leftWhole.length !== rightWhole.length) return leftWhole.length - rightWhole.length;
  if (leftWhole !== rightWhole) return leftWhole < rightWhole ? -1 : 1;
  const width = Math.max(leftFraction.length, rightFraction.length);
  const leftPadded = leftFraction.padEnd(width, "0");
  const rightPadded = rightFraction.padEnd(width, "0");
  if (leftPadded === rightPadded) return 0;
  return leftPadded < rightPadded ? -1 : 1;
}

function halves(magnitude: string): [whole: string, fraction: string] {
  const point = magnitude.indexOf(".");
  return point < 0 ? [magnitude, ""] : [magnitude.slice(0, point), magnitude.slice(point + 1)];
}

/** Exact sum, with the finer scale of the two: "1.5" + "0.25" is "1.75". */
export function addDecimals(left: Decimal, right: Decimal): Decimal {
  const a = mantissaOf(left);
  const b = mantissaOf(right);
  const scale = Math.max(a.scale, b.scale);
  return textOf(a.mantissa * tenTo(scale - a.scale) + b.mantissa * tenTo(scale - b.scale), scale);
}

/** `value` = mantissa / 10 ** scale. */
export function mantissaOf(value: Decimal): { readonly mantissa: bigint; readonly scale: number } {
  const point = value.indexOf(".");
  if (point < 0) return { mantissa: BigInt(value), scale: 0 };
  const digits = value.slice(0, point) + value.slice(point + 1);
  return { mantissa: BigInt(digits), scale: value.length - point - 1 };
}

export function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

function textOf(mantissa: bigint | number, scale: number): Decimal {
  const negative = mantissa < 0;
  const digits = String(negative ? -mantissa : mantissa);
  if (scale === 0) return negative ? `-${digits}` : digits;
  const padded = digits.length > scale ? digits : digits.padStart(scale + 1, "0");
  const point = padded.length - scale;
  return `${negative ? "-" : ""}${padded.slice(0, point)}.${padded.slice(point)}`;
}

let scratch = Buffer.allocUnsafe(4096);

/** One row's values in one buffer of its own. Every `Decimal` comes back from `unpackDecimals` as it went in. */
export function packDecimals(values: readonly (Decimal | null)[]): Buffer {
  if (scratch.length < values.length * LARGEST_VALUE_BYTES) {
    scratch = Buffer.allocUnsafe(values.length * LARGEST_VALUE_BYTES);
  }
  let at = 0;
  for (const value of values) {
    if (value === null) scratch[at++] = HEAD_ABSENT;
    else at = packOne(value, at);
  }
  return Buffer.from(scratch.subarray(0, at));
}

/** Writes one value into the scratch buffer and returns where the next one starts. */
function packOne(value: Decimal, start: number): number {
  const length = value.length;
  const negative = value.charCodeAt(0) === MINUS;
  if (length > EXACT_DIGITS + 1) return packWide(value, start);
  let mantissa = 0;
  let scale = 0;
  for (let at = negative ? 1 : 0; at < length; at++) {
    const code = value.charCodeAt(at);
    if (code === POINT) scale = length - at - 1;
    else mantissa = mantissa * 10 + (code - ZERO);
  }
  if (mantissa > 999_999_999_999_999) return packWide(value, start);
  let rest = negative ? 2 * mantissa - 1 : 2 * mantissa;
  let at = start;
  scratch[at++] = scale;
  while (rest > 0x7fffffff) {
    scratch[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    scratch[at++] = (rest & 127) | 0x80;
    rest >>>= 7;
  }
  scratch[at++] = rest;
  return at;
}

function packWide(value: Decimal, start: number): number {
  const whole = halves(value)[0].length - (value.charCodeAt(0) === MINUS ? 1 : 0);
  const { mantissa, scale } = mantissaOf(value);
  if (scale > DIGITS_MAX || whole > DIGITS_MAX) {
    scratch[start] = HEAD_FLOAT;
    return scratch.writeDoubleLE(Number(value), start + 1);
  }
  let rest = mantissa < 0n ? -2n * mantissa - 1n : 2n * mantissa;
  let at = start;
  scratch[at++] = scale;
  while (rest > 127n) {
    scratch[at++] = Number(rest & 127n) | 0x80;
    rest >>= 7n;
  }
  scratch[at++] = Number(rest);
  return at;
}

/** The values of one row, in the layout's order. Throws `internal` where the bytes are not what `packDecimals` writes. */
export function unpackDecimals(bytes: Uint8Array): (Decimal | null)[] {
  const values: (Decimal | null)[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = byteAt(bytes, at++);
    if (head === HEAD_ABSENT) {
      values.push(null);
    } else if (head === HEAD_FLOAT) {
      values.push(floatAt(bytes, at));
      at += 8;
    } else {
      if (head > DIGITS_MAX) throw damaged(at - 1);
      const end = endOfVarint(bytes, at);
      values.push(textOf(end - at <= 7 ? smallVarint(bytes, at, end) : wideVarint(bytes, at, end), head));
      at = end;
    }
  }
  return values;
}

/**
 * Of a row packed in `bytes[start, end)`, only the values at the chosen places, in order: a profile needs 4 of a
 * telegram's 20. `chosen` ends with the last place wanted, so what follows is not even looked at.
 */
export function unpackChosen(
  bytes: Uint8Array,
  start: number,
  end: number,
  chosen: readonly boolean[],
  take: (place: number, value: Decimal) => void,
): void {
  let at = start;
  for (let place = 0; place < chosen.length && at < end; place++) {
    const head = byteAt(bytes, at++);
    if (head === HEAD_ABSENT) continue;
    if (head === HEAD_FLOAT) {
      if (chosen[place] === true) take(place, floatAt(bytes, at));
      at += 8;
      continue;
    }
    if (head > DIGITS_MAX) throw damaged(at - 1);
    const valueEnd = endOfVarint(bytes, at);
    if (chosen[place] === true) {
      const mantissa =
        valueEnd - at <= 7 ? smallVarint(bytes, at, valueEnd) : wideVarint(bytes, at, valueEnd);
      take(place, textOf(mantissa, head));
    }
    at = valueEnd;
  }
  if (at > end) throw damaged(end);
}

function endOfVarint(bytes: Uint8Array, start: number): number {
  let at = start;
  while (byteAt(bytes, at) > 127) at++;
  return at + 1;
}

function smallVarint(bytes: Uint8Array, start: number, end: number): number {
  let zigzag = 0;
  for (let at = end - 1; at >= start; at--) zigzag = zigzag * 128 + (byteAt(bytes, at) & 127);
  return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
}

function wideVarint(bytes: Uint8Array, start: number, end: number): bigint {
  let zigzag = 0n;
  for (let at = end - 1; at >= start; at--) zigzag = (zigzag << 7n) | BigInt(byteAt(bytes, at) & 127);
  return (zigzag & 1n) === 0n ? zigzag >> 1n : -((zigzag + 1n) >> 1n);
}

function floatAt(bytes: Uint8Array, at: number): Decimal {
  if (at + 8 > bytes.length) throw damaged(at);
  const number = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(at, true);
  const text = decimalFromNumber(number);
  if (text === undefined) throw damaged(at);
  return text;
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw damaged(at);
  return byte;
}

function damaged(at: number): KoproError {
  return new KoproError("internal", `Packed values are damaged at byte ${at}.`);
}

const lanes = new Int32Array(2);
const joined = new BigInt64Array(lanes.buffer);

/**
 * 64 bits of the packed values, signed, the same on every machine and for ever (it is stored): tells a redelivery from a
 * correction. Two 32-bit lanes with different multipliers, mixed into each other at the end.
 */
export function fingerprint(bytes: Uint8Array): bigint {
  let low = 0x2545f491 ^ bytes.length;
  let high = 0x9e3779b9 | 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    low = Math.imul(low ^ byte, 0x9e3779b1);
    low ^= low >>> 15;
    high = Math.imul(high ^ byte, 0x5f356495);
    high ^= high >>> 13;
  }
  lanes[0] = mixed(low ^ (high >>> 7));
  lanes[1] = mixed(high ^ (low >>> 9));
  return joined[0] ?? 0n;
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function mixed(lane: number): number {
  let bits = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
