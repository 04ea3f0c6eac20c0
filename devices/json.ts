// JSON from a stranger: measured before it is parsed, numbers with the digits that they were written with.
import { isUtf8 } from "node:buffer";
import type { Rejection } from "#devices/reading";

/** A JSON number with the digits as they were written: "12.340" and 2 ** 60 survive. */
export class JsonNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type JsonBounds = {
  readonly depthMax: number;
  readonly objectsMax: number;
  /** What an object is, in a sentence: "records". */
  readonly objectsName: string;
};

/** The parsed value, numbers as `JsonNumber`, or the reason why there is none. A byte order mark is passed over. */
export function parseJson(payload: Uint8Array, bounds: JsonBounds): { readonly value: unknown } | Rejection {
  if (!isUtf8(payload)) return { reason: "text_invalid", detail: "The payload is not UTF-8 text." };
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString("utf8");
  return new JsonReader(text, bounds).read();
}

/** An object of JSON, as opposed to a list, a number, a text or nothing. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const SPACE = 0x20;
const BYTE_ORDER_MARK = 0xfeff;

const NOT_JSON: Rejection = { reason: "reading_malformed", detail: "The payload is not JSON." };

/**
 * RFC 8259, of one text. `JSON.parse` with a reviver that keeps the digits takes four times as long, and had to be asked
 * first how deep the text is: half of what a message cost. Held against it by a property test.
 */
class JsonReader {
  readonly #text: string;
  readonly #bounds: JsonBounds;
  #at = 0;
  #depth = 0;
  #objects = 0;
  #fault: Rejection | undefined;

  constructor(text: string, bounds: JsonBounds) {
    this.#text = text;
    this.#bounds = bounds;
  }

  read(): { readonly value: unknown } | Rejection {
    if (this.#text.charCodeAt(0) === BYTE_ORDER_MARK) this.#at = 1;
    const value = this.#value();
    this.#space();
    if (this.#fault === undefined && this.#at < this.#text.length) return NOT_JSON;
    return this.#fault ?? { value };
  }

  /** Notes the first fault; whatever is read after it is thrown away. */
  #fail(fault: Rejection = NOT_JSON): undefined {
    this.#fault ??= fault;
    return undefined;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #value(): unknown {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object();
    if (code === OPEN_LIST) return this.#list();
    if (code === MINUS || (code >= ZERO && code <= NINE)) return this.#number();
    if (code === 0x74) return this.#word("true", true);
    if (code === 0x66) return this.#word("false", false);
    if (code === 0x6e) return this.#word("null", null);
    return this.#fail();
  }

  #word(word: string, value: unknown): unknown {
    if (!this.#text.startsWith(word, this.#at)) return this.#fail();
    this.#at += word.length;
    return value;
  }

  #deeper(): boolean {
    const { depthMax } = this.#bounds;
    if (++this.#depth <= depthMax) return true;
    this.#fail({ reason: "payload_too_deep", detail: `The JSON is nested deeper than ${depthMax} levels.` });
    return false;
  }

  #list(): unknown {
    if (!this.#deeper()) return undefined;
    const items: unknown[] = [];
    this.#at++;
    this.#space();
    if (this.#text.charCodeAt(this.#at) === CLOSE_LIST) this.#at++;
    else {
      do items.push(this.#value());
      while (this.#goesOn(CLOSE_LIST));
    }
    this.#depth--;
    return items;
  }

  #object(): unknown {
    if (!this.#deeper()) return undefined;
    const { objectsMax, objectsName } = this.#bounds;
    if (++this.#objects > objectsMax) {
      return this.#fail({
        reason: "reading_malformed",
        detail: `There are more than ${objectsMax} ${objectsName}.`,
      });
    }
    const fields: Record<string, unknown> = {};
    this.#at++;
    this.#space();
    if (this.#text.charCodeAt(this.#at) === CLOSE_OBJECT) this.#at++;
    else {
      do this.#field(fields);
      while (this.#goesOn(CLOSE_OBJECT));
    }
    this.#depth--;
    return fields;
  }

  #field(fields: Record<string, unknown>): void {
    this.#space();
    const name = this.#string();
    this.#space();
    if (name === undefined || this.#text.charCodeAt(this.#at) !== COLON) return this.#fail();
    this.#at++;
    const value = this.#value();
    // Assigned, it would become the object's prototype.
    if (name === "__proto__") Object.defineProperty(fields, name, { value, ...OWN });
    else fields[name] = value;
  }

  /** After a member: whether another one follows; false at the end, or after a fault. */
  #goesOn(close: number): boolean {
    if (this.#fault !== undefined) return false;
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code !== COMMA && code !== close) {
      this.#fail();
      return false;
    }
    this.#at++;
    return code === COMMA;
  }

  #string(): string | undefined {
    const text = this.#text;
    if (text.charCodeAt(this.#at) !== QUOTE) return this.#fail();
    const from = this.#at + 1;
    for (let at = from; ; at++) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        this.#at = at + 1;
        return text.slice(from, at);
      }
      if (code === BACKSLASH) return this.#escapedString();
      // Control characters must be escaped; the end of the text is NaN.
      if (!(code >= SPACE)) return this.#fail();
    }
  }

  /** Escapes are rare, and the runtime knows them. */
  #escapedString(): string | undefined {
    const text = this.#text;
    const from = this.#at;
    for (let at = from + 1; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) {
        this.#at = at + 1;
        return this.#unescaped(text.slice(from, at + 1));
      }
    }
    return this.#fail();
  }

  #unescaped(quotedText: string): string | undefined {
    try {
      return String(JSON.parse(quotedText));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return this.#fail();
    }
  }

  #number(): JsonNumber | undefined {
    const text = this.#text;
    const from = this.#at;
    let at = text.charCodeAt(from) === MINUS ? from + 1 : from;
    const whole = at;
    at = afterDigits(text, at);
    if (at === whole || (at > whole + 1 && text.charCodeAt(whole) === ZERO)) return this.#fail();
    if (text.charCodeAt(at) === POINT) {
      const fraction = ++at;
      at = afterDigits(text, at);
      if (at === fraction) return this.#fail();
    }
    const letter = text.charCodeAt(at);
    if (letter === 0x65 || letter === 0x45) {
      const sign = text.charCodeAt(++at);
      if (sign === PLUS || sign === MINUS) at++;
      const exponent = at;
      at = afterDigits(text, at);
      if (at === exponent) return this.#fail();
    }
    this.#at = at;
    return new JsonNumber(text.slice(from, at));
  }
}

const OWN = { enumerable: true, configurable: true, writable: true } as const;

function afterDigits(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) return at;
    at++;
  }
}
