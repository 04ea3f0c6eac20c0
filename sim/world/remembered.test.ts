// A memory changes no answer, whatever was asked before, and forgets.
import fc from "fast-check";
import { expect, test } from "vitest";
import { remembered } from "./remembered.ts";

test("the answer to a day is that of the function, days before 1970 included", () => {
  const squared = remembered((day) => day * day);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -500, max: 500 })), (days) => {
      for (const day of days) expect(squared(day)).toBe(day * day);
    }),
  );
});

test("a day is computed once while its neighbours are asked for, and again after a year", () => {
  const asked: number[] = [];
  const noted = remembered((day) => asked.push(day));
  for (const day of [100, 101, 100, 130, 101, 100]) noted(day);
  expect(asked).toEqual([100, 101, 130]);
  for (let day = 0; day < 365; day++) noted(day);
  noted(100);
  expect(asked.filter((day) => day === 100)).toHaveLength(3);
});
