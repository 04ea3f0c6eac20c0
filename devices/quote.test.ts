// Quoting: no byte of a stranger reaches a sentence unprintable or at length.
import fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "./quote.ts";

test("shows text, hides what cannot be printed, cuts what is long", () => {
  expect(quoted("1-0:1.8.0")).toBe('"1-0:1.8.0"');
  expect(quoted("a\0b\ud800c\n")).toBe('"a?b?c?"');
  expect(quoted("é€")).toBe('"é€"');
  expect(quoted("x".repeat(100))).toBe(`"${"x".repeat(60)}…"`);
});

test("any text becomes short, well-formed and free of control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const shown = quoted(text);
      expect(shown.length).toBeLessThanOrEqual(63);
      expect(shown.isWellFormed()).toBe(true);
      // eslint-disable-next-line no-control-regex
      expect(shown).not.toMatch(/[\x00-\x1f\x7f]/);
    }),
  );
});
