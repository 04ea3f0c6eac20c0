// Canonical JSON: the examples of RFC 8785, one text per value, and what has none.
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalHash, canonicalJson, type CanonicalValue } from "./canonical-json.ts";

test("the sample of RFC 8785, 3.2.2, comes out as 3.2.3 prints it", () => {
  // Without its 1E30: an integer beyond 2^53 is refused here.
  const sample = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`) as CanonicalValue;
  expect(canonicalJson(sample)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

test("names are sorted by UTF-16 code units, as in the sorting sample of RFC 8785, 3.2.3", () => {
  const sample = {
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis",
  };
  expect(JSON.parse(canonicalJson(sample))).toEqual(sample);
  expect([...canonicalJson(sample).matchAll(/:"([A-Z]\w+)/g)].map((match) => match[1])).toEqual([
    "Carriage",
    "One",
    "Control",
    "Latin",
    "Euro",
    "Emoji",
    "Hebrew",
  ]);
});

test("minus zero is zero, and a hash is that of the text's UTF-8 bytes", () => {
  expect(canonicalJson([-0])).toBe("[0]");
  // printf '{"é":1}' | sha256sum
  expect(canonicalHash({ é: 1 })).toBe("ddcfcf4765da163969972bb20660092ca2787782d9352d1d8a38e93f70acf3bf");
});

test("what would not come back from JSON as the same value is refused, and its place named", () => {
  const cycle: unknown[] = [];
  cycle.push({ again: cycle });
  const hole: unknown[] = [];
  hole[1] = 1;
  for (const [value, told] of [
    [{ a: { b: [1, 2n] } }, "$.a.b[1] is bigint"],
    [{ a: undefined }, "$.a is undefined"],
    [hole, "$[0] is undefined"],
    [[Number.NaN], "$[0] is NaN"],
    [[Number.NEGATIVE_INFINITY], "$[0] is -Infinity"],
    [[2 ** 53], "beyond 2^53"],
    ["\ud83d", "lone surrogate"],
    [{ "\ude00": 1 }, "lone surrogate"],
    [{ at: new Date(0) }, "$.at is an instance of a class"],
    [new Map(), "instance of a class"],
    [cycle, "$[0].again is a cycle"],
    [() => 1, "$ is function"],
    [Symbol("s"), "$ is symbol"],
  ] as const) {
    expect(() => canonicalJson(value as CanonicalValue)).toThrow(told);
  }
});

test("the same object twice is no cycle", () => {
  const twice = { a: 1 };
  expect(canonicalJson([twice, twice])).toBe('[{"a":1},{"a":1}]');
});

const values = fc
  .jsonValue({ maxDepth: 4, noUnicodeString: false, stringUnit: "grapheme" })
  .map((value) => withoutGiants(value) as CanonicalValue);

/** Integers beyond 2^53 have no canonical form here. */
function withoutGiants(value: unknown): unknown {
  if (typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value)) return 7;
  if (Array.isArray(value)) return value.map(withoutGiants);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutGiants(member)]));
}

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, shuffled(member)]),
  );
}

test("read back and written again the text is the same, whatever order the names had", () => {
  fc.assert(
    fc.property(values, (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text) as CanonicalValue)).toBe(text);
      expect(canonicalJson(shuffled(value) as CanonicalValue)).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("two values with one text are one value", () => {
  fc.assert(
    fc.property(values, values, (left, right) => {
      const same = JSON.stringify(shuffled(left)) === JSON.stringify(shuffled(right));
      if (same) expect(canonicalJson(left)).toBe(canonicalJson(right));
      if (canonicalJson(left) === canonicalJson(right)) expect(left).toEqual(right);
    }),
  );
});
