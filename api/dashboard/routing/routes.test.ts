// Addresses: every page has one, and signing in never leads to another site.
import { expect, test } from "vitest";
import { homeOf, parseRoute, safeReturnPath } from "./routes.ts";

test("every address shows its page, with or without a slash at the end", () => {
  expect(parseRoute("/")).toEqual({ page: "buildings" });
  expect(parseRoute("/buildings/")).toEqual({ page: "buildings" });
  expect(parseRoute("/buildings/17")).toEqual({ page: "building", id: "17" });
  expect(parseRoute("/buildings/17/registers/")).toEqual({ page: "registers", id: "17" });
  expect(parseRoute("/login")).toEqual({ page: "login" });
  expect(parseRoute("/invitation")).toEqual({ page: "invitation" });
  expect(parseRoute("/tenders/")).toEqual({ page: "tenders" });
  expect(parseRoute("/tenders/new")).toEqual({ page: "tender-new" });
  expect(parseRoute("/tenders/4")).toEqual({ page: "tender", id: "4" });
  expect(parseRoute("/tenders/4/dossier")).toEqual({ page: "tender-dossier", id: "4" });
  expect(parseRoute("/tenders/4/offers/")).toEqual({ page: "tender-offers", id: "4" });
  expect(parseRoute("/tenders/4/bid")).toEqual({ page: "tender-bid", id: "4" });
  expect(parseRoute("/imports/")).toEqual({ page: "history" });
  expect(parseRoute("/imports/12")).toEqual({ page: "history-file", id: "12" });
  expect(parseRoute("/unclaimed")).toEqual({ page: "unclaimed" });
  expect(parseRoute("/quarantine/")).toEqual({ page: "quarantine" });
  expect(parseRoute("/calorific-values")).toEqual({ page: "calorific" });
  for (const path of [
    "/imports/x",
    "/buildings/x",
    "/buildings/17/more",
    "/tenders/x",
    "/tenders/4/else",
    "/else",
  ]) {
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

test("a supplier begins at the tenders, everybody else at the buildings", () => {
  expect(["admin", "coordinator", "manager", "resident"].map(homeOf)).toEqual(
    Array.from({ length: 4 }, () => "/buildings"),
  );
  expect(homeOf("supplier")).toBe("/tenders");
  expect(safeReturnPath(null, homeOf("supplier"))).toBe("/tenders");
  expect(safeReturnPath("/tenders/4/bid", homeOf("supplier"))).toBe("/tenders/4/bid");
});
