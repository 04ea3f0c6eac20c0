// The street of a group: as many houses are lit as buildings take part, and the lamp stands where the minimum is.
import fc from "fast-check";
import { expect, test } from "vitest";
import { cohortStreet } from "./cohort-street.ts";

const litHouses = (street: ReturnType<typeof cohortStreet>): number =>
  street.houses.filter(({ panes }) => panes.every(({ lit }) => lit)).length;

test("a small group has a house a building", () => {
  const street = cohortStreet(7, 10);
  expect(street.houses).toHaveLength(10);
  expect(litHouses(street)).toBe(7);
  expect(street.reached).toBe(false);
  expect(street.postX).toBeGreaterThan(street.houses.at(-1)?.x1 ?? Infinity);
});

test("beyond the minimum the lamp is lit, with the houses that came after it on its other side", () => {
  const street = cohortStreet(5, 3);
  expect(street.reached).toBe(true);
  expect(litHouses(street)).toBe(5);
  expect(street.postX).toBeGreaterThan(street.houses[2]?.x1 ?? Infinity);
  expect(street.postX).toBeLessThan(street.houses[3]?.x0 ?? 0);
});

test("more buildings light more, never less; none lights none, enough light all", () => {
  const lit = (participants: number, minimum: number): number =>
    cohortStreet(participants, minimum)
      .houses.flatMap(({ panes }) => panes)
      .filter((pane) => pane.lit).length;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.nat(4999), (minimum, some) => {
      const participants = some % minimum;
      expect(lit(0, minimum)).toBe(0);
      expect(lit(participants, minimum)).toBeLessThanOrEqual(lit(participants + 1, minimum));
      const all = cohortStreet(minimum, minimum).houses.flatMap(({ panes }) => panes);
      expect(all.every((pane) => pane.lit)).toBe(true);
    }),
  );
});

test("houses stand side by side and nothing leaves the street", () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.integer({ min: 1, max: 2000 }), (participants, minimum) => {
      const { houses, width, postX } = cohortStreet(participants, minimum);
      for (const [index, house] of houses.entries()) {
        expect(house.x0).toBeGreaterThanOrEqual(houses[index - 1]?.x1 ?? 0);
        for (const pane of house.panes) expect(pane.y).toBeLessThan(195);
      }
      expect(houses.at(-1)?.x1).toBeLessThanOrEqual(width);
      expect(postX).toBeLessThan(width);
    }),
  );
});
