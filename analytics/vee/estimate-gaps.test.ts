// Estimates: exact where the energy is known, like a like day where it is not, nothing where too long; never over a measured value.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, MINUTE_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import {
  ESTIMATE_RULES,
  estimateGaps,
  scaled,
  type Estimate,
  type EstimatedGap,
  type MeteredPiece,
} from "./estimate-gaps.ts";
import { localDays } from "./local-days.ts";

const { missing, measured, interpolated, substituted } = QuarterCode;
/** Monday. */
const FROM = Date.UTC(2026, 0, 5);
const DAYS = 21;

type World = {
  energies: Int32Array;
  statuses: Uint8Array;
  pieces: MeteredPiece[];
};

/** Three weeks in UTC in which each quarter-hour of a working day uses its own number, at weekends ten times that. */
function world(fromMs = FROM, days = DAYS): World {
  const count = days * 96;
  const energies = new Int32Array(count);
  for (let slot = 0; slot < count; slot++) {
    const weekday = new Date(fromMs + slot * QUARTER_MS).getUTCDay();
    energies[slot] = ((slot % 96) + 1) * (weekday % 6 === 0 ? 10 : 1);
  }
  return { energies, statuses: new Uint8Array(count).fill(measured), pieces: [] };
}

/** Takes [first, end) out; `known`: its energy was metered. Returns what was there. */
function gap({ energies, statuses, pieces }: World, first: number, end: number, known: boolean): number {
  let energy = 0;
  for (let slot = first; slot < end; slot++) {
    energy += energies[slot] ?? 0;
    energies[slot] = 0;
    statuses[slot] = missing;
  }
  if (known) {
    pieces.push({
      fromMs: FROM + first * QUARTER_MS,
      toMs: FROM + end * QUARTER_MS,
      energy,
      cause: "gap",
    });
  }
  return energy;
}

type Asked = { readonly first?: number; readonly end?: number; readonly timezone?: string };

function gapsIn(
  of: World,
  { first = 0, end = of.energies.length, timezone = "UTC" }: Asked = {},
  outsideC?: Float64Array,
): EstimatedGap[] {
  const calendar = localDays(FROM, FROM + of.energies.length * QUARTER_MS, timezone, "BE");
  return estimateGaps({ fromMs: FROM, ...of, calendar, outsideC, first, end, rules: ESTIMATE_RULES });
}

function estimate(of: World, asked: Asked = {}, outsideC?: Float64Array): Estimate[] {
  return gapsIn(of, asked, outsideC).flatMap(({ estimates }) => estimates);
}

const sumOf = (estimates: readonly Estimate[]) => estimates.reduce((all, { energy }) => all + energy, 0);

test("the estimate meets the index wherever it was read: no quarter-hour gets less than was metered in it", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 40 }),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 5000 })), { maxLength: 6 }),
      (length, readings) => {
        const at = world();
        const first = 96 * 8 + 30;
        gap(at, first, first + length, false);
        const startMs = FROM + first * QUARTER_MS;
        const cuts = readings.map(([share]) => startMs + Math.round(share * length * QUARTER_MS));
        const ends = [...new Set([...cuts, startMs, startMs + length * QUARTER_MS])].sort((a, b) => a - b);
        for (const [place, toMs] of ends.slice(1).entries()) {
          const fromMs = ends[place] ?? toMs;
          at.pieces.push({ fromMs, toMs, energy: readings[place]?.[1] ?? 0, cause: "gap" });
        }
        const found = estimate(at);
        expect(sumOf(found)).toBe(at.pieces.reduce((sum, { energy }) => sum + energy, 0));
        for (const { slot, energy } of found) {
          const slotMs = FROM + slot * QUARTER_MS;
          const own = at.pieces.filter(
            (piece) => piece.fromMs >= slotMs && piece.toMs <= slotMs + QUARTER_MS,
          );
          expect(energy).toBeGreaterThanOrEqual(own.reduce((sum, piece) => sum + piece.energy, 0));
        }
      },
    ),
  );
});

test("a part of a quarter-hour in which nothing was counted leaves no piece, and the energy is known all the same", () => {
  const at = world();
  const [first, end] = [96 * 8 + 30, 96 * 8 + 42];
  gap(at, first, end, false);
  const fromMs = FROM + first * QUARTER_MS + 10 * 60_000;
  const toMs = FROM + end * QUARTER_MS - 5 * 60_000;
  at.pieces.push({ fromMs, toMs, energy: 777, cause: "gap" });
  expect(sumOf(estimate(at))).toBe(777);
  at.pieces[0] = { fromMs: fromMs + QUARTER_MS, toMs, energy: 777, cause: "gap" };
  expect(sumOf(estimate(at))).not.toBe(777);
});

test("a short gap whose energy is not known is bridged by a line", () => {
  const at = world();
  gap(at, 96 * 8 + 40, 96 * 8 + 44, false);
  const found = estimate(at);
  expect(found.map(({ energy }) => energy)).toEqual([41, 42, 43, 44]);
  expect(found.every(({ status }) => status === interpolated)).toBe(true);
});

test("a short gap whose energy is known gets exactly that", () => {
  const at = world();
  gap(at, 96 * 8 + 40, 96 * 8 + 44, true);
  at.pieces[0] = { ...at.pieces[0], energy: 1001 } as MeteredPiece;
  expect(sumOf(estimate(at))).toBe(1001);
});

test("a long gap whose energy is known has the shape of like days and keeps the energy to the Wh", () => {
  const at = world();
  const energy = gap(at, 96 * 8, 96 * 9, true);
  const found = estimate(at);
  expect(sumOf(found)).toBe(energy);
  expect(found.map((one) => one.energy)).toEqual(Array.from({ length: 96 }, (_, quarter) => quarter + 1));
  expect(found.every(({ status }) => status === substituted)).toBe(true);
});

test("a day without known energy is the nearest day of its kind", () => {
  const at = world();
  // A Saturday.
  gap(at, 96 * 12, 96 * 13, false);
  const found = estimate(at);
  expect(found[0]?.energy).toBe(10);
  expect(found[95]?.energy).toBe(960);
});

test("a holiday is no working day", () => {
  // Christmas 2026 is a Friday.
  const from = Date.UTC(2026, 11, 14);
  const calendar = localDays(from, from + 14 * DAY_MS, "Europe/Brussels", "BE");
  const types = Object.fromEntries(calendar.days.map(({ date, type }) => [date, type]));
  expect(types).toMatchObject({
    "2026-12-24": "working-day",
    "2026-12-25": "sunday-or-holiday",
    "2026-12-26": "saturday",
    "2026-12-27": "sunday-or-holiday",
  });
});

test("a gap that is too long stays missing", () => {
  const at = world(FROM, 120);
  gap(at, 96 * 30, 96 * 81, true);
  expect(estimate(at)).toEqual([]);
});

test("where no like day has values nothing is invented", () => {
  const at = world(FROM, 7);
  gap(at, 0, 96 * 5, false);
  expect(estimate(at)).toEqual([]);
});

describe("energy is known only where its pieces fill the gap", () => {
  const breaking = [
    ["a reset in it", "reset"],
    ["a spike in it", "spike"],
  ] as const;
  test.each(breaking)("%s", (_, cause) => {
    const at = world();
    gap(at, 96 * 8, 96 * 9, true);
    at.pieces[0] = { ...at.pieces[0], cause, energy: 7 } as MeteredPiece;
    expect(sumOf(estimate(at))).toBe((96 * 97) / 2);
  });

  test("the turn of a counter beside the step takes nothing away", () => {
    const at = world();
    const energy = gap(at, 96 * 8, 96 * 9, true);
    at.pieces.push({ ...at.pieces[0], cause: "rollover", energy: -1e8 } as MeteredPiece);
    expect(sumOf(estimate(at))).toBe(energy);
  });

  test("a hole between two pieces", () => {
    const at = world();
    gap(at, 96 * 8, 96 * 9, true);
    at.pieces[0] = { ...at.pieces[0], toMs: FROM + 8.5 * DAY_MS, energy: 7 } as MeteredPiece;
    expect(sumOf(estimate(at))).toBe((96 * 97) / 2);
  });

  test("an energy below nought is none", () => {
    const at = world();
    gap(at, 96 * 8, 96 * 9, true);
    at.pieces[0] = { ...at.pieces[0], energy: -5 } as MeteredPiece;
    expect(estimate(at)).toEqual([]);
  });
});

describe("what a short hole in the pieces says", () => {
  const first = 96 * 8 + 19;
  const startMs = FROM + first * QUARTER_MS;

  test("nothing of a single quarter-hour that a file lacks: it is a line, not nought", () => {
    const at = world();
    gap(at, first, first + 1, false);
    expect(estimate(at)).toMatchObject([{ energy: (first % 96) + 1, method: "line" }]);
  });

  test("nothing beside a part of a quarter-hour: there the index begins", () => {
    const at = world();
    gap(at, first, first + 11, false);
    const minute = (count: number) => startMs + count * MINUTE_MS;
    at.pieces.push(
      { fromMs: minute(5), toMs: minute(10), energy: 3, cause: "partial" },
      { fromMs: minute(10), toMs: minute(165), energy: 1758, cause: "gap" },
    );
    expect(new Set(estimate(at).map(({ method }) => method))).toEqual(new Set(["like_day"]));
  });
});

describe("where a gap's energy is not known, what was metered of a quarter-hour counts, and of the estimate the share of the rest", () => {
  const first = 96 * 8 + 40;
  const minute = (slot: number, count: number) => FROM + slot * QUARTER_MS + count * MINUTE_MS;
  const partOf = (slot: number, from: number, to: number, energy: number, cause = "partial") => ({
    fromMs: minute(slot, from),
    toMs: minute(slot, to),
    energy,
    cause,
  });

  test.each([
    ["line", 4],
    ["like_day", 12],
  ] as const)("%s, at both ends", (method, length) => {
    const at = world();
    const last = first + length - 1;
    gap(at, first, first + length, false);
    at.pieces.push(partOf(first, 0, 10, 118), partOf(first + 2, 3, 9, 60, "reset"), partOf(last, 12, 15, 7));
    const found = estimate(at);
    expect(new Set(found.map((one) => one.method))).toEqual(new Set([method]));
    // The quarter-hour of the number n uses n: a third of it at the beginning, four fifths at the end.
    expect(found[0]?.energy).toBe(118 + Math.round((1 / 3) * 41));
    expect(found.at(-1)?.energy).toBe(7 + Math.round((4 / 5) * (40 + length)));
    // A reset says nothing of what flowed.
    expect(found[2]?.energy).toBe(43);
  });

  test("also where nothing came after it", () => {
    const at = world();
    const slot = 96 * DAYS - 90;
    gap(at, slot, 96 * DAYS, false);
    at.pieces.push(partOf(slot, 0, 10, 118));
    const [edge, next] = estimate(at);
    expect(edge).toMatchObject({ energy: 118 + Math.round((1 / 3) * 70), method: "like_day" });
    expect(next?.energy).toBe(80);
  });
});

describe("an index that left and came back within a gap whose energy is known", () => {
  const first = 96 * 8 + 40;
  const minute = (count: number) => FROM + first * QUARTER_MS + count * MINUTE_MS;
  /** Three hours: metered, away and back, metered, a silence, metered. */
  function glitched(awayEnergy: number): World {
    const at = world();
    gap(at, first, first + 12, false);
    const parts = [
      [0, 10, 300, "partial"],
      [10, 15, awayEnergy, "glitch"],
      [15, 20, 40 - awayEnergy, "glitch"],
      [20, 25, 5, "partial"],
      [25, 165, 1000, "gap"],
      [165, 180, 700, "partial"],
    ] as const;
    for (const [from, to, energy, cause] of parts)
      at.pieces.push({ fromMs: minute(from), toMs: minute(to), energy, cause });
    return at;
  }

  test.each([-5_000_000, 5_000_000])("by %i: what was metered before and behind keeps its time", (away) => {
    const found = estimate(glitched(away));
    expect(sumOf(found)).toBe(2045);
    expect(found[0]?.energy).toBeGreaterThanOrEqual(300);
    expect(found.at(-1)?.energy).toBe(700);
    expect(found.every(({ energy }) => energy >= 0)).toBe(true);
  });

  test("by a dip that stayed: all of it is one, and nothing is below nought", () => {
    const at = glitched(0);
    at.pieces[2] = { ...at.pieces[2], energy: -30 } as MeteredPiece;
    const found = estimate(at);
    expect(sumOf(found)).toBe(300 - 30 + 5 + 1000 + 700);
    expect(found.every(({ energy }) => energy >= 0)).toBe(true);
  });
});

test("only gaps that touch the asked days are estimated, and those as a whole", () => {
  const at = world();
  gap(at, 96 * 8 + 90, 96 * 9 + 6, true);
  gap(at, 96 * 11, 96 * 12, true);
  const found = estimate(at, { first: 96 * 9, end: 96 * 10 });
  expect([found[0]?.slot, found.at(-1)?.slot]).toEqual([96 * 8 + 90, 96 * 9 + 5]);
});

test.each(["Europe/Brussels", "Pacific/Chatham"])("the clock on the wall counts in %s", (timezone) => {
  const from = Date.UTC(2026, 2, 25);
  const { days, quarterOf } = localDays(from, from + 8 * DAY_MS, timezone, "BE");
  for (const { first, end } of days.slice(1, -1)) {
    expect(quarterOf[first]).toBe(0);
    expect(quarterOf[end - 1]).toBe(95);
  }
});

const gaps = fc.array(
  fc.record({
    first: fc.integer({ min: 1, max: DAYS * 96 - 2 }),
    length: fc.integer({ min: 1, max: 300 }),
    known: fc.boolean(),
  }),
  { maxLength: 5 },
);

test("whatever is missing: measured values stay, known energies are kept, and nothing is negative", () => {
  fc.assert(
    fc.property(gaps, fc.constantFrom("UTC", "Europe/Brussels"), (list, timezone) => {
      const at = world();
      const taken: { first: number; end: number; energy: number }[] = [];
      for (const { first, length, known } of list) {
        const end = Math.min(first + length, DAYS * 96 - 1);
        // Apart from each other, so that each is a gap of its own.
        if (taken.some((other) => first <= other.end + 1 && end >= other.first - 1)) continue;
        const energy = gap(at, first, end, known);
        if (known) taken.push({ first, end, energy });
        else taken.push({ first, end, energy: Number.NaN });
      }
      at.pieces.sort((one, other) => one.fromMs - other.fromMs);
      const found = estimate(at, { timezone });
      expect(found.every(({ slot, energy }) => at.statuses[slot] === missing && energy >= 0)).toBe(true);
      expect(new Set(found.map(({ slot }) => slot)).size).toBe(found.length);
      for (const { first, end, energy } of taken) {
        if (Number.isNaN(energy)) continue;
        const own = found.filter(({ slot }) => slot >= first && slot < end);
        expect(sumOf(own)).toBe(energy);
        expect(own.length).toBe(end - first);
      }
      expect(estimate(at, { timezone })).toEqual(found);
    }),
    { numRuns: 60 },
  );
});

describe("for what is metered with the cold outside", () => {
  /** Each working day uses its own number all day long; the gap is on the third Wednesday. */
  function heated(): World {
    const at = world();
    for (let slot = 0; slot < at.energies.length; slot++) at.energies[slot] = 100 + Math.floor(slot / 96);
    gap(at, 96 * 16, 96 * 17, false);
    return at;
  }
  const outside = (of: Record<number, number>, otherwise = 15) =>
    Float64Array.from({ length: DAYS }, (_, day) => of[day] ?? otherwise);

  test("a day of its kind further away, as cold, stands for it before one that is near and warm", () => {
    const found = estimate(heated(), {}, outside({ 16: -3, 9: 2, 3: -3 }));
    expect(found[0]).toMatchObject({ energy: 109, method: "like_day_temperature" });
    const colder = estimate(heated(), {}, outside({ 16: -3, 9: 2.1, 3: -3 }));
    expect(colder[0]).toMatchObject({ energy: 103, method: "like_day_temperature" });
  });

  test.each([
    ["its own temperature is not known", outside({ 16: Number.NaN })],
    ["no day is as cold", outside({ 16: -3 })],
    ["the days as cold are of another kind", outside({ 16: -3, 5: -3, 6: -3 })],
    ["no other day's temperature is known", outside({ 16: -3 }, Number.NaN)],
  ])("where %s the kind of day decides, and the estimate says so", (_, outsideC) => {
    expect(estimate(heated(), {}, outsideC)[0]).toMatchObject({ energy: 115, method: "like_day" });
  });

  test("a known energy has the shape of days as cold", () => {
    const at = world();
    // On the two cold days before, all was used in the last quarter-hour.
    for (const day of [8, 9]) at.energies.fill(0, 96 * day, 96 * day + 95);
    gap(at, 96 * 10, 96 * 11, true);
    const found = estimate(at, {}, outside({ 8: -5, 9: -4, 10: -5 }));
    expect(found.every(({ method }) => method === "shape_temperature")).toBe(true);
    expect(found.at(-1)?.energy).toBe((96 * 97) / 2);
    expect(estimate(at).every(({ method }) => method === "shape")).toBe(true);
  });

  test("whatever the weather: who says by temperature was within the band; without any it is as before", () => {
    const weather = fc.array(fc.oneof(fc.integer({ min: -15, max: 35 }), fc.constant(Number.NaN)), {
      minLength: DAYS,
      maxLength: DAYS,
    });
    fc.assert(
      fc.property(weather, fc.integer({ min: 1, max: DAYS - 2 }), (degrees, day) => {
        const at = world();
        for (let slot = 0; slot < at.energies.length; slot++) at.energies[slot] = Math.floor(slot / 96);
        gap(at, 96 * day, 96 * (day + 1), false);
        const plain = estimate(at);
        expect(estimate(at, {}, new Float64Array(DAYS).fill(Number.NaN))).toEqual(plain);
        const [first] = estimate(at, {}, Float64Array.from(degrees));
        const kinds = localDays(FROM, FROM + DAYS * DAY_MS, "UTC", "BE").days;
        const isWithin = (other: number) =>
          other !== day &&
          kinds[other]?.type === kinds[day]?.type &&
          Math.abs((degrees[other] ?? Number.NaN) - (degrees[day] ?? Number.NaN)) <= 5;
        const within = [...degrees.keys()].filter(isWithin);
        if (within.length === 0) expect(first).toEqual(plain[0]);
        else {
          expect(first?.method).toBe("like_day_temperature");
          const away = (other: number) => Math.abs(other - day);
          expect(within).toContain(first?.energy);
          expect(away(first?.energy ?? -1)).toBe(Math.min(...within.map(away)));
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("a gap's reach", () => {
  /** Seven weeks; longer gaps than three weeks are not estimated. */
  const LONG = 49;
  const rules = { ...ESTIMATE_RULES, gapMax: 21 * 96, lookDaysMax: 21 };
  const silences = fc.array(
    fc.record({ first: fc.integer({ min: 0, max: LONG - 1 }), days: fc.integer({ min: 1, max: 12 }) }),
    { minLength: 1, maxLength: 6 },
  );
  const weather = fc.option(fc.array(fc.integer({ min: 0, max: 16 }), { minLength: LONG, maxLength: LONG }), {
    nil: undefined,
  });
  const calendar = localDays(FROM, FROM + LONG * DAY_MS, "UTC", "BE");

  test("a day beyond it can be anything: the estimates stay", () => {
    let held = 0;
    fc.assert(
      fc.property(silences, fc.boolean(), weather, (list, known, degrees) => {
        const at = world(FROM, LONG);
        const gaps = () => {
          const outsideC = degrees === undefined ? undefined : Float64Array.from(degrees);
          return estimateGaps({ fromMs: FROM, ...at, calendar, outsideC, first: 0, end: LONG * 96, rules });
        };
        for (const { first, days } of list) {
          gap(at, first * 96 + 30, Math.min((first + days) * 96 + 20, LONG * 96), false);
        }
        for (const { first, end } of known ? gaps() : []) {
          const [fromMs, toMs] = [FROM + first * QUARTER_MS, FROM + end * QUARTER_MS];
          at.pieces.push({ fromMs, toMs, energy: 77_777, cause: "gap" });
        }
        const before = gaps();
        for (let day = 0; day < LONG; day++) {
          const [from, to] = [day * 96, (day + 1) * 96];
          const energies = at.energies.slice(from, to);
          const statuses = at.statuses.slice(from, to);
          const isWhole = statuses.every((status) => status === measured);
          at.energies.fill(isWhole ? 0 : 4321, from, to);
          at.statuses.fill(isWhole ? missing : measured, from, to);
          const after = gaps();
          at.energies.set(energies, from);
          at.statuses.set(statuses, from);
          for (const was of before) {
            // A neighbour's day is the gap's own: it bounds it.
            const reach = Math.max(1, was.reachDays);
            const isWithin = from >= was.first - (reach + 1) * 96 && to <= was.end + (reach + 1) * 96;
            if (isWithin) continue;
            held++;
            expect(after.find(({ first }) => first === was.first)).toEqual(was);
          }
        }
      }),
      { numRuns: 15 },
    );
    expect(held).toBeGreaterThan(20);
  });
});

test("weights share a total exactly, whatever they are", () => {
  const weights = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 0, max: 2 ** 31 }), (list, total) => {
      const shares = scaled(list, total);
      expect(shares.reduce((all, one) => all + one, 0)).toBe(total);
      expect(shares.every((one) => Number.isInteger(one) && one >= 0)).toBe(true);
    }),
  );
});
