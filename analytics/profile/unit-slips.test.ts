// Every way in which a unit slips, is the right one again, or only looks as if it had slipped.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ruling, told, type Told } from "./test-told.ts";
import { meter } from "./test-register-worlds.ts";

/** 100 Wh, or l, in a quarter-hour, told each quarter-hour, of a counter that began with `start`. */
function steady(start: number, fromMinutes = 0, toMinutes = 1440): [number, string][] {
  const told: [number, string][] = [];
  for (let minutes = fromMinutes; minutes <= toMinutes; minutes += 15)
    told.push([minutes, (start + minutes / 150).toFixed(3)]);
  return told;
}

/** A hundredth of it. */
const thin = (start: number): Told =>
  Array.from({ length: 97 }, (_, at) => [15 * at, (start + at / 1000).toFixed(3)]);

/** From one instant until before the other the values are so many times what they were. */
function slips(values: Told, fromMinutes: number, toMinutes: number, factor = 1000): [number, string][] {
  return values.map(([minutes, value]) =>
    minutes >= fromMinutes && minutes < toMinutes
      ? [minutes, String(Math.round(Number(value) * factor * 1e6) / 1e6)]
      : [minutes, value],
  );
}

const without = (values: Told, fromMinutes: number, toMinutes: number) =>
  values.filter(([minutes]) => minutes < fromMinutes || minutes >= toMinutes);

/** What a day says of energy: of two that were told alike it is the same. */
const energyOf = ({ slots, statuses, pieces }: ReturnType<typeof told>) => ({ slots, statuses, pieces });

test("half an hour of it is bridged by a line, with a decision at either edge", () => {
  const seen = told(slips(steady(100), 60, 90));
  expect(seen.booked).toBe(9600);
  expect(seen.statuses.slice(2, 7)).toEqual([4, 3, 3, 3, 4]);
  expect(seen.pieces).toEqual([]);
  expect(seen.decided).toEqual(["glitch 100.3 → 100400", "glitch 100500 → 100.6"]);
  expect(seen.evidence).toEqual([
    { rule: "unit slip", factor: 1000, witness_at: "2026-10-24T00:45:00.000Z", witness_index: 100_300 },
    {
      rule: "unit slip over",
      factor: 1000,
      witness_at: "2026-10-24T01:15:00.000Z",
      witness_index: 100_500_000,
    },
  ]);
});

test("half a day of it is a gap that keeps its energy", () => {
  const seen = told(slips(steady(100), 240, 960));
  expect(seen.pieces).toEqual([["gap", 4900]]);
  expect(seen.booked).toBe(9600 - 4900);
  expect(seen.slots.every((energy) => energy === 0 || energy === 100)).toBe(true);
});

test("water, of which a thousand times as much would be within the bound", () => {
  const water = { ...meter, carrier: "water", quantity: "volume", unit: "m3" } as const;
  const seen = told(slips(thin(50), 240, 960), [], water);
  expect(seen.pieces).toEqual([["gap", 49]]);
  expect(seen.booked).toBe(96 - 49);
});

test("one that does not end counts nothing from there on", () => {
  const seen = told(slips(steady(100), 240, Infinity));
  expect(seen.booked).toBe(1500);
  expect(seen.pieces).toEqual([]);
  expect(seen.decided).toEqual(["glitch 101.5 → 101600"]);
});

test("whatever is left out at its edges, what is told beside them counts as if the rest had not been said", () => {
  for (const [fromMinutes, toMinutes] of [
    [100, 290],
    [100, 700],
    [600, 1300],
    [100, 1300],
  ] as const) {
    const values = without(steady(100), fromMinutes, toMinutes);
    const seen = told(slips(values, 240, 960));
    expect(energyOf(seen), `${fromMinutes}`).toEqual(energyOf(told(without(values, 240, 960))));
  }
});

test("zeros before it, within it and behind it are seen through", () => {
  for (const minutes of [225, 240, 600, 945, 960]) {
    const values = slips(steady(100), 240, 960).map(
      ([at, value]) => [at, at === minutes ? "0" : value] as const,
    );
    // Where it comes first it is one before it, and where it comes first behind it, one within it.
    const good = without(values, minutes === 240 ? 255 : 240, minutes === 960 ? 975 : 960);
    expect(energyOf(told(values)), `${minutes}`).toEqual(energyOf(told(good)));
  }
});

test("one reading of it is enough, and the next one can follow at once", () => {
  const once = slips(steady(100), 240, 255);
  expect(told(once).booked).toBe(9600);
  const twice = slips(once, 270, 285);
  expect(told(twice)).toMatchObject({
    booked: 9600,
    pieces: [],
    kinds: ["glitch", "glitch", "glitch", "glitch"],
  });
});

test("readings of two clocks, one of which slips, are told apart one by one", () => {
  const late = steady(100.05, 5, 400).map(([minutes, value]) => [minutes, value] as const);
  const slipped = slips(late, 0, Infinity);
  const seen = told([...steady(100), ...slipped].toSorted(([one], [other]) => one - other));
  expect(seen.booked).toBe(9600);
});

test("a meter that is swapped meanwhile goes on with its own index", () => {
  const before = steady(100, 0, 585);
  for (const opening of [20, 45, 5000]) {
    const values = slips([...before, ...steady(opening, 600)], 240, 960);
    const seen = told(values);
    expect(energyOf(seen), `${opening}`).toEqual(energyOf(told(without(values, 240, 960))));
  }
});

test("of a counter that shows little nobody can tell", () => {
  expect(told(slips(steady(9.9, 0, 0).concat([[15, "9.95"]]), 15, 30)).kinds).toEqual(["spike"]);
  expect(
    told([
      [0, "10"],
      [15, "10000"],
    ]).evidence,
  ).toMatchObject([{ rule: "unit slip" }]);
});

test("what can have been counted is no slip, nor what is another number", () => {
  const day = 1440;
  expect(
    told([
      [0, "10"],
      [2 * day, "10000"],
    ]).decided,
  ).toEqual([]);
  expect(
    told([
      [0, "100"],
      [15, "112000"],
    ]).kinds,
  ).toEqual(["spike"]);
  expect(
    told([
      [0, "100"],
      [15, "88000"],
    ]).kinds,
  ).toEqual(["spike"]);
});

test("the level is the one before it, not one from further back", () => {
  const values: Told = [
    [0, "37"],
    [60, "37.5"],
    [90, "38.4"],
    [105, "34000"],
  ];
  expect(told(values).kinds).toEqual(["spike"]);
});

test("a thousandth of a large index is a slip, one near nought a counter that began anew", () => {
  const values = steady(50_000);
  const seen = told(slips(values, 240, 960, 1 / 1000));
  expect(energyOf(seen)).toEqual(energyOf(told(without(values, 240, 960))));
  expect(seen.evidence).toMatchObject([
    { rule: "unit slip", factor: 0.001 },
    { rule: "unit slip over", factor: 0.001 },
  ]);
  expect(told(slips(steady(9000), 240, 960, 1 / 1000)).kinds).toEqual(["reset", "spike"]);
  // After a silence it may be another meter.
  expect(told(slips(without(values, 60, 240), 240, Infinity, 1 / 1000)).kinds).toEqual(["reset"]);
});

test("a person's word about the step: what follows counts as it is shown, but for a glitch", () => {
  const values = slips(thin(100), 240, Infinity);
  for (const kind of ["spike", "swap"] as const) {
    const seen = told(values, [ruling(kind, 225, 240)]);
    expect(seen.decided, kind).toEqual([`${kind} 100.015 → 100016`]);
    expect(seen.slots[20], kind).toBe(1000);
  }
  expect(told(values, [ruling("ok", 240, 240)]).slots[20]).toBe(1000);
  const denied = told(slips(steady(100), 240, 960), [ruling("glitch", 225, 960)]);
  expect(denied.slots.every((energy) => energy === 0 || energy === 100)).toBe(true);
  expect(denied.pieces).toEqual([["glitch", 4900]]);
});

test("a person's word within it ends it", () => {
  const values: Told = [
    [225, "100"],
    [240, "100100"],
    [600, "100200"],
    [615, "0.2"],
    [630, "0.3"],
  ];
  expect(told(values).booked).toBe(0);
  expect(told(values, [ruling("reset", 600, 615)]).booked).toBe(100);
  expect(told(values, [ruling("ok", 615, 615)]).booked).toBe(100);
  expect(told(values, [ruling("swap", 610, 610, 100.2, 0.1)])).toMatchObject({
    booked: 100,
    pieces: [
      ["gap", 200],
      ["partial", 100],
      ["swap", -100_100],
    ],
  });
});

/** Up to 3 kW, or 3 m3/h, told each five minutes to each five hours: so little that no silence hides a tenth of the level. */
const consumption = fc.record({
  start: fc.integer({ min: 200_000, max: 900_000_000 }),
  carrier: fc.constantFrom("electricity", "water"),
  factor: fc.constantFrom(1000, 1000, 1 / 1000),
  steps: fc.array(
    fc.record({
      minutes: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 5, max: 30 }) },
        { weight: 1, arbitrary: fc.integer({ min: 30, max: 300 }) },
      ),
      perMinute: fc.nat(50),
      turns: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn === 0),
    }),
    { minLength: 4, maxLength: 80, size: "max" },
  ),
});

test("whatever is used meanwhile, a day that slips says the same as one in which nothing was told then", () => {
  fc.assert(
    fc.property(consumption, ({ start, carrier, factor, steps }) => {
      const register =
        carrier === "water" ? ({ ...meter, carrier, quantity: "volume", unit: "m3" } as const) : meter;
      // Of a smaller index a thousandth is near nought.
      let index = factor > 1 ? start : start + 10_000_000;
      let atMinutes = 0;
      let isSlipped = false;
      const shown: [number, string][] = [];
      const right: [number, string][] = [];
      for (const { minutes, perMinute, turns } of steps) {
        atMinutes += minutes;
        if (atMinutes > 1440) break;
        index += minutes * perMinute;
        const canTurn = shown.length > 0 && (factor > 1 || minutes <= 120);
        if (turns && canTurn) isSlipped = !isSlipped;
        const value = index / 1000;
        shown.push([atMinutes, isSlipped ? (value * factor).toFixed(6) : value.toFixed(3)]);
        if (!isSlipped) right.push([atMinutes, value.toFixed(3)]);
      }
      expect(energyOf(told(shown, [], register))).toEqual(energyOf(told(right, [], register)));
    }),
    { numRuns: 500 },
  );
});
