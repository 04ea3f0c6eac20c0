// A fleet leaves nobody out, whatever its size.
import fc from "fast-check";
import { expect, test } from "vitest";
import { metersOf, partOf, planFleet, speakingOrder, type Fleet } from "./fleet.ts";

const fleetOf = (meters: number, connectionsMax: number): Fleet => {
  const plan = planFleet("senml", meters, connectionsMax);
  return {
    kind: "senml",
    connections: Array.from({ length: plan.connections }, (_, nth) => ({
      username: String(nth),
      password: "",
      meters: metersOf(plan, nth),
    })),
  };
};

test("every meter has one connection and speaks once a round, whoever shares the fleet", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 100 }),
      fc.integer({ min: 1, max: 5 }),
      (meters, connectionsMax, parts) => {
        const fleet = fleetOf(meters, connectionsMax);
        expect(fleet.connections.length).toBe(Math.min(meters, connectionsMax));
        const spoken = Array.from({ length: parts }, (_, part) =>
          speakingOrder(partOf(fleet, part, parts)),
        ).flat();
        const all = Array.from({ length: meters }, (_, meter) => meter);
        expect(spoken.map(({ meter }) => meter).toSorted((a, b) => a - b)).toEqual(all);
        const sizes = fleet.connections.map((connection) => connection.meters.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test("all connections speak before one of them speaks again", () => {
  const order = speakingOrder(fleetOf(12, 4));
  expect(order.map(({ connection }) => connection)).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
});

test("a building has some fifty meters", () => {
  expect(planFleet("p1", 100_000, 10_000)).toMatchObject({ connections: 10_000, perBuilding: 5 });
  expect(planFleet("p1", 1000, 10_000)).toMatchObject({ connections: 1000, perBuilding: 50 });
});
