// The brighter the window, the more the group draws; what is unknown is shut, not dark.
import fc from "fast-check";
import { expect, test } from "vitest";
import { levelOf, mixColours, weekViewOf } from "./week-view.ts";

const LABELS = { weekdayLabels: [], hourLabels: [] };

test("levels follow the order of the means, from 0 to 1", () => {
  const means = fc.array(fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.constant(Number.NaN)), {
    minLength: 1,
    maxLength: 168,
  });
  fc.assert(
    fc.property(means, (values) => {
      const view = weekViewOf(Float64Array.from(values), LABELS);
      const levels = values.map((mean) => levelOf(view, mean));
      values.forEach((mean, cell) => {
        const level = levels[cell];
        expect(level === undefined).toBe(Number.isNaN(mean));
        if (level !== undefined) expect(level >= 0 && level <= 1).toBe(true);
      });
    }),
  );
  const view = weekViewOf(Float64Array.of(10, 30, 20), LABELS);
  expect([10, 20, 30].map((mean) => levelOf(view, mean))).toEqual([0, 0.5, 1]);
});

test("an even week is half lit, an empty one shut", () => {
  expect(levelOf(weekViewOf(Float64Array.of(5, 5), LABELS), 5)).toBe(0.5);
  expect(weekViewOf(Float64Array.of(Number.NaN), LABELS)).toMatchObject({ least: 0, most: 0 });
});

test("a colour is each stop at its place", () => {
  const stops = ["#000000", "#804020", "#ffffff"] as const;
  expect([0, 0.15, 0.3, 1].map((level) => mixColours([...stops], level))).toEqual([
    "#000000",
    "#402010",
    "#804020",
    "#ffffff",
  ]);
});
