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
