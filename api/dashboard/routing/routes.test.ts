// Addresses: every page has one, and signing in never leads to another site.
import { expect, test } from "vitest";
import { parseRoute, safeReturnPath } from "./routes.ts";

test("every address shows its page, with or without a slash at the end", () => {
  expect(parseRoute("/")).toEqual({ page: "buildings" });
  expect(parseRoute("/buildings/")).toEqual({ page: "buildings" });
  expect(parseRoute("/buildings/17")).toEqual({ page: "building", id: "17" });
  expect(parseRoute("/login")).toEqual({ page: "login" });
  expect(parseRoute("/invitation")).toEqual({ page: "invitation" });
  for (const path of ["/buildings/x", "/buildings/17/more", "/else"]) {
    expect(parseRoute(path), path).toEqual({ page: "missing" });
  }
});

test("signing in leads to a path of ours", () => {
  expect(safeReturnPath("/buildings/17?period=month")).toBe("/buildings/17?period=month");
  for (const wished of [
    null,
    "",
    "https://elsewhere.example",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/login",
  ]) {
    expect(safeReturnPath(wished), String(wished)).toBe("/buildings");
  }
});
