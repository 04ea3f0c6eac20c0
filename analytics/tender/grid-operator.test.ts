// Grid operators from codes of the wild.
import { expect, test } from "vitest";
import { gridOperatorOf } from "./grid-operator.ts";

test.each([
  ["541448820060527996", "Fluvius"],
  ["541448860018322037", "Fluvius"],
  ["IT001E12345678", "IT001"],
  ["IT00123456789A", "IT001"],
])("%s is of %s", (code, operator) => {
  expect(gridOperatorOf(code)).toBe(operator);
});

test.each(["541440010000000001", "871690930000909597", "12345678901234", "ITE00112345678", "", null])(
  "of %s nobody can tell",
  (code) => {
    expect(gridOperatorOf(code)).toBe("unknown");
  },
);
