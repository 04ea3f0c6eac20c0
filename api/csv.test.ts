// Who gets CSV, and what stands in it.
import { expect, test } from "vitest";
import type { FastifyRequest } from "fastify";
import { csvOf, prefersCsv } from "./csv.ts";

const asking = (accept: string | undefined) => ({ headers: { accept } }) as unknown as FastifyRequest;

test.each([
  [undefined, false],
  ["*/*", false],
  ["application/json", false],
  ["text/csv", true],
  ["TEXT/CSV; header=present", true],
  ["text/csv;q=0.5, application/json", false],
  ["application/json;q=0.5, text/csv", true],
  ["text/csv, */*;q=0.1", true],
  ["text/html,*/*;q=0.8", false],
  ["text/csv;q=0", false],
])("Accept: %s", (accept, csv) => expect(prefersCsv(asking(accept))).toBe(csv));

test("separators, quotes and line breaks are quoted, and nothing runs as a formula", () => {
  const text = csvOf(
    ["a", "b"],
    [
      ["x,y", 'say "hi"'],
      ["=1+1", "-0.5"],
      ["two\nlines", null],
      ["-x", 7],
    ],
  );
  expect(text).toBe('a,b\r\n"x,y","say ""hi"""\r\n\'=1+1,-0.5\r\n"two\nlines",\r\n\'-x,7\r\n');
});

test.each([
  "=1",
  "+32 2 555",
  "-2+3",
  "-1,5",
  "-",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "\n=1",
  "\u0000=1",
  "\u001b=1",
  "＝1",
])("the text %j is no formula", (text) =>
  expect(
    csvOf(["a"], [[text]])
      .slice(3)
      .replace(/^"/, "")
      .startsWith("'"),
  ).toBe(true),
);

test.each(["-0.5", "-12", "0.00", "12.345678", "2026-04-01"])("the number %s stays as it is", (text) =>
  expect(csvOf(["a"], [[text]])).toBe(`a\r\n${text}\r\n`),
);
