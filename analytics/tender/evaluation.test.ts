// Evaluating bids: to the micro-euro, in an order that nobody's place in a list decides.
import fc from "fast-check";
import { expect, test } from "vitest";
import { billOf, type Tariff } from "./bill.ts";
import { evaluateOffers, type EvaluatedPoint, type Offer } from "./evaluation.ts";

const flat = (nanoPerKwh: bigint) => ({ kind: "flat", nanoPerKwh }) as const;
const tariff = (nanoPerKwh: bigint, annualFeeMicro: bigint, vatMillionths = 0): Tariff => ({
  price: flat(nanoPerKwh),
  annualFeeMicro,
  vatMillionths,
});

function offer(bidId: number, nanoPerKwh: bigint, annualFeeMicro: bigint, rest: Partial<Offer> = {}): Offer {
  return { bidId, price: flat(nanoPerKwh), annualFeeMicro, greenMillionths: 0, receivedAtMs: 0, ...rest };
}

test("two buildings, two bids, by hand: who pays more is shown with who pays less", () => {
  const points: EvaluatedPoint[] = [
    { participantId: 1, supplyPointId: 10, annualWh: 20_000_000, current: tariff(285_000_000n, 60_000_000n) },
    { participantId: 2, supplyPointId: 20, annualWh: 4_000_001, current: tariff(110_000_000n, 0n) },
  ];
  const results = evaluateOffers(
    [offer(7, 123_363_000n, 60_000_000n), offer(8, 120_000_000n, 250_000_000n)],
    points,
  );
  expect(results).toEqual([
    {
      bidId: 7,
      rank: 1,
      annualCostMicro: 2_467_260_000n + 60_000_000n + 493_452_123n + 60_000_000n,
      savingMicro: 3_232_740_000n - 113_452_013n,
      winners: 1,
      losers: 1,
      points: [
        {
          participantId: 1,
          supplyPointId: 10,
          annualWh: 20_000_000,
          currentCostMicro: 5_760_000_000n,
          offeredCostMicro: 2_527_260_000n,
          savingMicro: 3_232_740_000n,
        },
        {
          // 4,000.001 kWh × 0.123363 €/kWh = 493.452123363 €, and its present contract 440.00011 €.
          participantId: 2,
          supplyPointId: 20,
          annualWh: 4_000_001,
          currentCostMicro: 440_000_110n,
          offeredCostMicro: 553_452_123n,
          savingMicro: -113_452_013n,
        },
      ],
    },
    expect.objectContaining({ bidId: 8, rank: 2, annualCostMicro: 2_880_000_120n + 500_000_000n }),
  ]);
});

test("winners and losers are buildings with all their supply points", () => {
  const point = (supplyPointId: number, participantId: number, nano: bigint): EvaluatedPoint => ({
    participantId,
    supplyPointId,
    annualWh: 1_000_000,
    current: tariff(nano, 0n),
  });
  const points = [point(1, 1, 300n), point(2, 1, 50n), point(3, 2, 99n), point(4, 3, 100n)].map((one) => ({
    ...one,
    current: { ...one.current, price: flat(one.current.price.nanoPerKwh * 1_000_000n) },
  }));
  expect(evaluateOffers([offer(1, 100_000_000n, 0n)], points)[0]).toMatchObject({ winners: 1, losers: 1 });
});

test("VAT in a present contract is taken out of each line", () => {
  const load = { wh: 1_000_000, days: 365 };
  expect(billOf(tariff(106_000_000_000n, 121_000_000n, 60_000), load)).toEqual({
    energyMicro: 100_000_000_000n,
    // 121 / 1.06 = 114.1509433…
    feeMicro: 114_150_943n,
    totalMicro: 100_114_150_943n,
  });
});

test("a fee is due by days, each a 365th, and a day more in a leap year", () => {
  const fee = (days: number) => billOf(tariff(0n, 73_000_000n), { wh: 0, days }).feeMicro;
  expect([0, 1, 365, 366].map(fee)).toEqual([0n, 200_000n, 73_000_000n, 73_200_000n]);
});

test("a flat bill is the sum over the quarter-hours, rounded once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 62_500 }), { maxLength: 200 }),
      fc.bigInt({ min: 0n, max: 2_000_000_000n }),
      (quarters, nano) => {
        const exact = quarters.reduce((sum, wh) => sum + BigInt(wh) * nano, 0n);
        const { energyMicro } = billOf(tariff(nano, 0n), {
          wh: quarters.reduce((a, b) => a + b, 0),
          days: 0,
        });
        const twice = 2n * (exact - energyMicro * 1_000_000n);
        expect(twice > -1_000_001n && twice < 1_000_001n).toBe(true);
      },
    ),
  );
});

// Few distinct values: ties must happen.
const offers = fc.uniqueArray(
  fc
    .tuple(
      fc.integer({ min: 1, max: 50 }),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 3 }),
      fc.nat(2),
      fc.nat(2),
    )
    .map(([bidId, price, fee, green, receivedAtMs]) =>
      offer(bidId, BigInt(price) * 1_000n, BigInt(fee), { greenMillionths: green, receivedAtMs }),
    ),
  { selector: ({ bidId }) => bidId, minLength: 1, maxLength: 8 },
);
const points = fc.uniqueArray(
  fc.record({
    participantId: fc.integer({ min: 1, max: 4 }),
    supplyPointId: fc.integer({ min: 1, max: 50 }),
    // Small enough for costs of a few micro-euro, where rounding decides.
    annualWh: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 10 ** 12 })),
    current: fc
      .tuple(
        fc.bigInt({ min: -1_000_000n, max: 10n ** 9n }),
        fc.bigInt({ min: 0n, max: 10n ** 9n }),
        fc.constantFrom(0, 60_000, 210_000),
      )
      .map(([price, fee, vat]) => tariff(price, fee, vat)),
  }),
  { selector: ({ supplyPointId }) => supplyPointId, maxLength: 8 },
);

test("the order of bids and of participants changes nothing", () => {
  fc.assert(
    fc.property(offers, points, fc.infiniteStream(fc.nat()), (some, group, keys) => {
      const shuffled = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => ({ item, key: Number(keys.next().value) }))
          .toSorted((left, right) => left.key - right.key)
          .map(({ item }) => item);
      expect(evaluateOffers(shuffled(some), shuffled(group))).toEqual(evaluateOffers(some, group));
    }),
  );
});

test("a bid cheaper in price and fee never ranks worse", () => {
  fc.assert(
    fc.property(offers, points, (some, group) => {
      const rank = new Map(evaluateOffers(some, group).map((result) => [result.bidId, result.rank]));
      for (const one of some) {
        for (const other of some) {
          const noDearer =
            one.price.nanoPerKwh <= other.price.nanoPerKwh && one.annualFeeMicro <= other.annualFeeMicro;
          const same =
            one.price.nanoPerKwh === other.price.nanoPerKwh && one.annualFeeMicro === other.annualFeeMicro;
          if (noDearer && !same) expect(rank.get(one.bidId)).toBeLessThan(rank.get(other.bidId) ?? 0);
        }
      }
    }),
  );
});

test("ranks are 1, 2, 3 …, costs never fall, and the group is the sum of its participants", () => {
  fc.assert(
    fc.property(offers, points, (some, group) => {
      const results = evaluateOffers(some, group);
      expect(results.map(({ rank }) => rank)).toEqual(results.map((_, index) => index + 1));
      for (const [index, result] of results.entries()) {
        const before = results[index - 1];
        if (before !== undefined) expect(before.annualCostMicro <= result.annualCostMicro).toBe(true);
        const sum = (amount: (point: (typeof result.points)[number]) => bigint) =>
          result.points.reduce((total, point) => total + amount(point), 0n);
        expect(result.annualCostMicro).toBe(sum((point) => point.offeredCostMicro));
        expect(result.savingMicro).toBe(sum((point) => point.currentCostMicro) - result.annualCostMicro);
        expect(result.points).toHaveLength(group.length);
        const buildings = new Set(group.map((point) => point.participantId)).size;
        expect(result.winners + result.losers).toBeLessThanOrEqual(buildings);
      }
    }),
  );
});

test("a bid or a supply point that is there twice is refused", () => {
  expect(() => evaluateOffers([offer(3, 1n, 1n), offer(3, 2n, 1n)], [])).toThrow("bid 3 is there twice");
  const point = { participantId: 1, supplyPointId: 5, annualWh: 1, current: tariff(1n, 1n) };
  expect(() => evaluateOffers([], [point, point])).toThrow("supply point 5 is there twice");
});
