// The committed OpenAPI document is the one that the server gives out, and it is complete.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApiText } from "./openapi-text.ts";

const text = await openApiText();
type Operation = { summary?: string; tags?: string[]; responses: Record<string, unknown> };
const document = JSON.parse(text) as {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

test("api/openapi.json is up to date: run `node api/write-openapi.ts`", () => {
  expect(readFileSync(new URL("./openapi.json", import.meta.url), "utf8")).toBe(text);
});

test("it is OpenAPI 3.1, every operation says what it does and how it fails", () => {
  expect(document.openapi).toBe("3.1.0");
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      expect(operation.summary, `${method} ${path}`).toBeTruthy();
      expect(operation.tags, `${method} ${path}`).toHaveLength(1);
      expect(Object.keys(operation.responses), `${method} ${path}`).toContain("default");
    }
  }
});

test("every reference has its schema, and every schema a name", () => {
  const names = Object.keys(document.components.schemas);
  expect(names.filter((name) => name.startsWith("def-"))).toEqual([]);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(names).toContain(name);
});
