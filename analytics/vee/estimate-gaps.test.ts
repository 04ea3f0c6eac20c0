// Estimates: exact where the energy is known, like a like day where it is not, nothing where too long; never over a measured value.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { ESTIMATE_RULES, estimateGaps, scaled, type Estimate, type MeteredPiece } from "./estimate-gaps.ts";
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

function estimate(of: World, first = 0, end = of.energies.length, timezone = "UTC"): Estimate[] {
  const calendar = localDays(FROM, FROM + of.energies.length * QUARTER_MS, timezone, "BE");
  return estimateGaps({ fromMs: FROM, ...of, calendar, first, end, rules: ESTIMATE_RULES });
}

const sumOf = (estimates: readonly Estimate[]) => estimates.reduce((all, { energy }) => all + energy, 0);

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

test("only gaps that touch the asked days are estimated, and those as a whole", () => {
  const at = world();
  gap(at, 96 * 8 + 90, 96 * 9 + 6, true);
  gap(at, 96 * 11, 96 * 12, true);
  const found = estimate(at, 96 * 9, 96 * 10);
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
      const found = estimate(at, 0, at.energies.length, timezone);
      expect(found.every(({ slot, energy }) => at.statuses[slot] === missing && energy >= 0)).toBe(true);
      expect(new Set(found.map(({ slot }) => slot)).size).toBe(found.length);
      for (const { first, end, energy } of taken) {
        if (Number.isNaN(energy)) continue;
        const own = found.filter(({ slot }) => slot >= first && slot < end);
        expect(sumOf(own)).toBe(energy);
        expect(own.length).toBe(end - first);
      }
      expect(estimate(at, 0, at.energies.length, timezone)).toEqual(found);
    }),
    { numRuns: 60 },
  );
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
