// Nobody is led to a page whose route would refuse them, and everybody to what they may use.
import { expect, test } from "vitest";
import openapi from "../../openapi.json" with { type: "json" };
import { parseRoute } from "../routing/routes.ts";
import { mayUse, SECTIONS, sectionsFor } from "./sections.ts";

const ROLES = ["admin", "coordinator", "manager", "resident", "supplier"] as const;

test("each section has a page of its own", () => {
  const pages = SECTIONS.map(({ path }) => parseRoute(path).page);
  expect(new Set(pages).size).toBe(SECTIONS.length);
  expect(pages).not.toContain("missing");
});

test("whose pages they are", () => {
  expect(ROLES.map((role) => sectionsFor({ role }).length)).toEqual([4, 4, 1, 0, 0]);
  expect(mayUse({ role: "manager" }, "/imports")).toBe(true);
  expect(mayUse({ role: "manager" }, "/quarantine")).toBe(false);
});

test("what the pages ask for is in the API", () => {
  const asked = ["/v1/imports", "/v1/devices/unclaimed", "/v1/quarantine", "/v1/calorific-values"];
  for (const path of asked) expect(Object.keys(openapi.paths)).toContain(path);
});
