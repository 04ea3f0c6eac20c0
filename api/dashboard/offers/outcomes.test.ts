// Winners and losers: every building once, sums kept, and classes that never mix the two.
import fc from "fast-check";
import { expect, test } from "vitest";
import { moneyOut } from "../bid/bid-cost.ts";
import { outcomesOf, savingShare } from "./outcomes.ts";
import { savingClasses } from "./saving-classes.ts";

const point = (buildingId: string, current: bigint, offered: bigint) => ({
  buildingId,
  building: `Building ${buildingId}`,
  supplyPointId: "1",
  annualWh: 1000,
  currentCost: moneyOut(current),
  offeredCost: moneyOut(offered),
  saving: moneyOut(current - offered),
});

test("a building's supply points are one outcome, and the greatest saving comes first", () => {
  const outcomes = outcomesOf([
    point("1", 10n, 20n),
    point("2", 100_000_000n, 90_000_000n),
    point("1", 30_000_000n, 10_000_001n),
  ]);
  expect(
    outcomes.map(({ buildingId, supplyPoints, annualWh, savingMicro }) => [
      buildingId,
      supplyPoints,
      annualWh,
      savingMicro,
    ]),
  ).toEqual([
    ["1", 2, 2000, 19_999_989n],
    ["2", 1, 1000, 10_000_000n],
  ]);
});

const saving = fc.bigInt({ min: -(10n ** 13n), max: 10n ** 13n });

test("no saving is lost or doubled, in whatever order", () => {
  const points = fc.array(fc.tuple(fc.constantFrom("1", "2", "3"), saving, saving), { maxLength: 30 });
  fc.assert(
    fc.property(points, (rows) => {
      const participants = rows.map(([id, current, offered]) => point(id, current, offered));
      const outcomes = outcomesOf(participants);
      expect(outcomesOf(participants.toReversed())).toEqual(outcomes);
      const total = outcomes.reduce((sum, { savingMicro }) => sum + savingMicro, 0n);
      expect(total).toBe(rows.reduce((sum, [, current, offered]) => sum + current - offered, 0n));
    }),
  );
});

test("every building is in one class or unchanged, and no class has both signs", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(saving, fc.constant(0n)), { maxLength: 60 }), (savings) => {
      const { classes, unchanged } = savingClasses(savings);
      expect(classes.reduce((sum, { count }) => sum + count, unchanged)).toBe(savings.length);
      expect(classes.length).toBeLessThanOrEqual(12);
      const winners = classes.filter(({ side }) => side === "winners");
      expect(winners.reduce((sum, { count }) => sum + count, 0)).toBe(
        savings.filter((one) => one > 0n).length,
      );
      for (const { fromMicro, toMicro, side } of classes) {
        expect(side === "winners" ? fromMicro >= 0n : toMicro <= 0n).toBe(true);
      }
      classes.slice(1).forEach(({ fromMicro }, index) => expect(fromMicro).toBe(classes[index]?.toMicro));
    }),
  );
});

test("a saving on a class's border belongs to the class nearer to nothing", () => {
  const { classes } = savingClasses([100_000_000n, -100_000_000n]);
  expect(classes[0]).toMatchObject({ fromMicro: -100_000_000n, side: "losers", count: 1 });
  expect(classes.at(-1)).toMatchObject({ toMicro: 100_000_000n, side: "winners", count: 1 });
});

test("a share of nothing paid is none", () => {
  expect(savingShare(5n, 0n)).toBeUndefined();
  expect(savingShare(-5n, 100n)).toBe(-0.05);
});
