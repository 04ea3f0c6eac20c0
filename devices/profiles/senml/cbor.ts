// CBOR from a stranger (RFC 8949): bounded while it is read, numbers with the digits that their width can tell.
//
// Gives what `parseJson` gives, so that both formats are one pipeline from here on. cbor-x, which writes our CBOR and is held against
// this by a property test, reads a float32 of 23.1 as 23.100000381469727 (or, asked to round, NaN as 0), a decimal fraction without
// its zeros, and tags that name constructors.
import { isUtf8 } from "node:buffer";
import { JsonNumber, type JsonBounds } from "#devices/json";
import type { Rejection } from "#devices/reading";
import { shortestFloat } from "../float-text.ts";

/** Whether bytes that are no JSON may be a CBOR array: the array itself, or the tag that says "CBOR" before it. */
export function beginsCbor(payload: Uint8Array): boolean {
  const first = payload[0] ?? 0;
  return first >> 5 === LIST || first === SELF_DESCRIBED_FIRST;
}

/** `labelOf`: the name of a map's integer key. Byte strings and simple values without a meaning are `null`. */
export function parseCbor(
  payload: Uint8Array,
  bounds: JsonBounds,
  labelOf: (key: number) => string,
): { readonly value: unknown } | Rejection {
  return new CborReader(payload, bounds, labelOf).read();
}

const UNSIGNED = 0;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const LIST = 4;
const MAP = 5;
const TAG = 6;
const BREAK = 0xff;
const INDEFINITE = 31;

const TAG_BIG = 2;
const TAG_BIG_NEGATIVE = 3;
const TAG_DECIMAL_FRACTION = 4;
/** JavaScript's encoders say so of a map whose keys are not all text. */
const TAG_MAP = 259;
const TAG_SELF_DESCRIBED = 55_799;
const SELF_DESCRIBED_FIRST = 0xd9;

/** 128 bits hold more digits than a value keeps. */
const BIG_BYTES_MAX = 16;
/** As many digits after the point as a value keeps. */
const FRACTION_MAX = 30;

const NOT_CBOR: Rejection = { reason: "reading_malformed", detail: "The payload is neither JSON nor CBOR." };
const WHOLE = /^-?\d+$/;
const OWN = { enumerable: true, configurable: true, writable: true } as const;

class CborReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #bounds: JsonBounds;
  readonly #labelOf: (key: number) => string;
  #at = 0;
  #depth = 0;
  #objects = 0;
  #fault: Rejection | undefined;

  constructor(payload: Uint8Array, bounds: JsonBounds, labelOf: (key: number) => string) {
    this.#bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#bounds = bounds;
    this.#labelOf = labelOf;
  }

  read(): { readonly value: unknown } | Rejection {
    const value = this.#item();
    if (this.#fault === undefined && this.#at !== this.#bytes.length) return NOT_CBOR;
    return this.#fault ?? { value };
  }

  /** Notes the first fault; whatever is read after it is thrown away. */
  #fail(fault: Rejection = NOT_CBOR): undefined {
    this.#fault ??= fault;
    return undefined;
  }

  #item(): unknown {
    if (this.#fault !== undefined) return undefined;
    const initial = this.#bytes[this.#at];
    if (initial === undefined) return this.#fail();
    const major = initial >> 5;
    const info = initial & 31;
    if (major === 7) return this.#simple(info);
    this.#at++;
    if (info === INDEFINITE) return this.#indefinite(major);
    if (major === UNSIGNED || major === NEGATIVE) return this.#whole(major, info);
    const count = this.#argument(info);
    if (count === undefined) return undefined;
    if (major === TAG) return this.#tagged(count);
    // What cannot be there is not made room for: each item has a byte at least.
    if (count > this.#bytes.length - this.#at) return this.#fail();
    if (major === LIST) return this.#list(count);
    if (major === MAP) return this.#map(count);
    this.#at += count;
    return major === TEXT ? this.#text(this.#bytes, this.#at - count, this.#at) : null;
  }

  /** A length, a count or a tag (§3). What needs more than 53 bits is longer than any payload. */
  #argument(info: number): number | undefined {
    if (info < 24) return info;
    if (info > 27) return this.#fail();
    const width = 1 << (info - 24);
    const at = this.#at;
    this.#at += width;
    if (this.#at > this.#bytes.length) return this.#fail();
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at);
    return width === 4 ? this.#view.getUint32(at) : Number(this.#view.getBigUint64(at));
  }

  #whole(major: number, info: number): JsonNumber | undefined {
    const at = this.#at;
    const argument = this.#argument(info);
    if (argument === undefined) return undefined;
    if (Number.isSafeInteger(argument)) {
      return new JsonNumber(String(major === UNSIGNED ? argument : -1 - argument));
    }
    const exact = this.#view.getBigUint64(at);
    return new JsonNumber(String(major === UNSIGNED ? exact : -1n - exact));
  }

  #simple(info: number): unknown {
    this.#at++;
    const at = this.#at;
    // A break where no indefinite length is open.
    if (info > 27) return this.#fail();
    if (this.#argument(info) === undefined) return undefined;
    if (info === 25) return numberOf(this.#view.getFloat16(at), Math.f16round);
    if (info === 26) return numberOf(this.#view.getFloat32(at), Math.fround);
    if (info === 27) return numberOf(this.#view.getFloat64(at), Number);
    return info === 20 ? false : info === 21 ? true : null;
  }

  #deeper(): boolean {
    const { depthMax } = this.#bounds;
    if (++this.#depth <= depthMax) return true;
    this.#fail({ reason: "payload_too_deep", detail: `The CBOR is nested deeper than ${depthMax} levels.` });
    return false;
  }

  /** Infinity for an indefinite length. */
  #goesOn(index: number, count: number): boolean {
    if (this.#fault !== undefined) return false;
    if (count !== Infinity) return index < count;
    if (this.#bytes[this.#at] !== BREAK) return true;
    this.#at++;
    return false;
  }

  #list(count: number): unknown {
    if (!this.#deeper()) return undefined;
    const items: unknown[] = [];
    for (let index = 0; this.#goesOn(index, count); index++) items.push(this.#item());
    this.#depth--;
    return items;
  }

  #map(count: number): unknown {
    if (!this.#deeper()) return undefined;
    const { objectsMax, objectsName } = this.#bounds;
    if (++this.#objects > objectsMax) {
      const detail = `There are more than ${objectsMax} ${objectsName}.`;
      return this.#fail({ reason: "reading_malformed", detail });
    }
    const fields: Record<string, unknown> = {};
    for (let index = 0; this.#goesOn(index, count); index++) {
      const key = this.#item();
      const name = key instanceof JsonNumber && WHOLE.test(key.text) ? this.#labelOf(Number(key.text)) : key;
      if (typeof name !== "string") return this.#fail();
      const value = this.#item();
      // Assigned, it would become the object's prototype.
      if (name === "__proto__") Object.defineProperty(fields, name, { value, ...OWN });
      else fields[name] = value;
    }
    this.#depth--;
    return fields;
  }

  #indefinite(major: number): unknown {
    if (major === LIST) return this.#list(Infinity);
    if (major === MAP) return this.#map(Infinity);
    if (major !== TEXT && major !== BYTES) return this.#fail();
    const chunks: Buffer[] = [];
    while (this.#goesOn(0, Infinity)) {
      const initial = this.#bytes[this.#at++] ?? 0;
      const length = initial >> 5 === major ? this.#argument(initial & 31) : undefined;
      if (length === undefined || length > this.#bytes.length - this.#at) return this.#fail();
      chunks.push(this.#chunk(length));
    }
    const whole = Buffer.concat(chunks);
    return major === TEXT ? this.#text(whole, 0, whole.length) : null;
  }

  #chunk(length: number): Buffer {
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  #text(bytes: Buffer, from: number, to: number): string | undefined {
    // Nearly all is ASCII, which needs no second look.
    let ascii = true;
    for (let at = from; at < to && ascii; at++) ascii = (bytes[at] ?? 0) < 0x80;
    if (ascii) return bytes.toString("latin1", from, to);
    if (isUtf8(bytes.subarray(from, to))) return bytes.toString("utf8", from, to);
    return this.#fail({ reason: "text_invalid", detail: "The payload has text that is not UTF-8." });
  }

  /** RFC 8428 §6 has decimal fractions; whole numbers of any width are read besides. */
  #tagged(tag: number): unknown {
    if (!this.#deeper()) return undefined;
    let value: unknown;
    if (tag === TAG_SELF_DESCRIBED || tag === TAG_MAP) value = this.#item();
    else if (tag === TAG_DECIMAL_FRACTION) value = this.#decimalFraction();
    else if (tag === TAG_BIG || tag === TAG_BIG_NEGATIVE) value = this.#big(tag);
    else
      this.#fail({
        reason: "reading_malformed",
        detail: `The CBOR has the tag ${tag}, which SenML does not.`,
      });
    this.#depth--;
    return value;
  }

  #big(tag: number): JsonNumber | undefined {
    const initial = this.#bytes[this.#at++] ?? 0;
    const length = initial >> 5 === BYTES ? this.#argument(initial & 31) : undefined;
    if (length === undefined || length > BIG_BYTES_MAX || length > this.#bytes.length - this.#at)
      return this.#fail();
    const magnitude = BigInt(`0x0${this.#chunk(length).toString("hex")}`);
    return new JsonNumber(String(tag === TAG_BIG ? magnitude : -1n - magnitude));
  }

  /** [exponent, mantissa] of 10 (RFC 8949 §3.4.4): the digits after the point are those that were meant. */
  #decimalFraction(): JsonNumber | undefined {
    const parts = this.#item();
    if (!Array.isArray(parts) || parts.length !== 2) return this.#fail();
    const [exponent, mantissa] = parts as unknown[];
    if (!(exponent instanceof JsonNumber && mantissa instanceof JsonNumber)) return this.#fail();
    if (!WHOLE.test(exponent.text) || !WHOLE.test(mantissa.text)) return this.#fail();
    const scale = -Number(exponent.text);
    if (!(scale > 0 && scale <= FRACTION_MAX)) return new JsonNumber(`${mantissa.text}e${exponent.text}`);
    const sign = mantissa.text.startsWith("-") ? "-" : "";
    const digits = mantissa.text.slice(sign.length).padStart(scale + 1, "0");
    return new JsonNumber(`${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`);
  }
}

/** No number is none. */
function numberOf(value: number, round: (value: number) => number): JsonNumber | null {
  const shortest = shortestFloat(value, round);
  return shortest === undefined ? null : new JsonNumber(String(shortest));
}
