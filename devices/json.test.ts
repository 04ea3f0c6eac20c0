// Our reader of JSON and the runtime's agree on every text: the same value, or neither takes it.
import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonNumber, parseJson } from "./json.ts";

const BOUNDS = { depthMax: 8, objectsMax: 100, objectsName: "objects" };

function runtime(text: string): unknown {
  try {
    return { value: JSON.parse(text, keepDigits) };
  } catch {
    return "refused";
  }
}

function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === "number" ? new JsonNumber(context?.source ?? "") : value;
}

function ours(text: string): unknown {
  const parsed = parseJson(Buffer.from(text), BOUNDS);
  return "reason" in parsed ? "refused" : parsed;
}

const json = fc.json({ maxDepth: 6, noUnicodeString: false }).map((text) => text.toWellFormed());
const mutated = fc
  .tuple(
    json,
    fc.nat(),
    fc.constantFrom("", '"', "\\", "}", "]", ",", ":", "0", "-", "e", ".", " ", "\n", "\u0001"),
  )
  .map(([text, place, put]) => {
    const at = place % (text.length + 1);
    return (text.slice(0, at) + put + text.slice(at + (put === "" ? 1 : 0))).toWellFormed();
  });
const spaced = fc.string({ unit: fc.constantFrom(...Array.from('[]{},:"\\0123456789-+eE.truefalsn \n\t')) });

test("texts, mutated texts and noise give the runtime's value, or are refused like there", () => {
  fc.assert(
    fc.property(fc.oneof(json, mutated, spaced), (text) => {
      expect(ours(text)).toEqual(runtime(text));
    }),
    { numRuns: 5000 },
  );
});

test.each([
  "01",
  "-",
  "-01",
  "1.",
  ".5",
  "1e",
  "1e+",
  "+1",
  "NaN",
  "tru",
  "[1,]",
  "{,}",
  '{"a":1,}',
  "[1 2]",
  '"\\x"',
  '"\\u12"',
  "'a'",
  "",
  "[]]",
  "nullx",
])("%s is no JSON", (text) => {
  expect([ours(text), runtime(text)]).toEqual(["refused", "refused"]);
});

test("digits stay as written, the last of two equal names counts, and __proto__ is a name like any other", () => {
  expect(ours('{"a":12.340,"a":1E400,"b":1152921504606846977}')).toEqual({
    value: { a: new JsonNumber("1E400"), b: new JsonNumber("1152921504606846977") },
  });
  const parsed = parseJson(Buffer.from('{"__proto__":{"x":1}}'), BOUNDS);
  const { value } = parsed as { value: object };
  expect(Object.keys(value)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("too deep and too many are told apart from what is no JSON, before more than the bound was built", () => {
  expect(parseJson(Buffer.from("[".repeat(100_000)), BOUNDS)).toMatchObject({ reason: "payload_too_deep" });
  expect(parseJson(Buffer.from(`[${"{},".repeat(101)}{}]`), BOUNDS)).toEqual({
    reason: "reading_malformed",
    detail: "There are more than 100 objects.",
  });
  expect(parseJson(Buffer.from("\ufeff[1]"), BOUNDS)).toEqual({ value: [new JsonNumber("1")] });
  expect(parseJson(Uint8Array.of(0x22, 0xff, 0x22), BOUNDS)).toMatchObject({ reason: "text_invalid" });
});
