// Validation rules: each finds what it is for, at its limit and not below, and none speaks of a plain profile.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { validate, type Stretch, type ValidationRule } from "./rules.ts";

const { missing, substituted, interpolated, measured, validated } = QuarterCode;
const FROM = Date.UTC(2026, 0, 5);
/** 2300 Wh in a quarter-hour, 220.8 kWh in a day. */
const KVA = 9.2;

/** Between 100 and 148 Wh, no two neighbours alike. */
function plain(days = 3): Stretch & { energies: number[] } {
  const energies = Array.from({ length: days * 96 }, (_, slot) => 100 + ((slot * 7) % 49));
  return {
    fromMs: FROM,
    energies,
    unit: "Wh",
    statuses: new Uint8Array(energies.length).fill(measured),
    isSpread: new Uint8Array(energies.length),
    direction: "import",
    connectionKva: KVA,
    days: Array.from({ length: days }, (_, day) => ({ first: day * 96, end: (day + 1) * 96 })),
    marks: [],
    duplicates: [],
    slips: [],
  };
}

const at = (slot: number) => FROM + slot * QUARTER_MS;
const rulesOf = (stretch: Stretch): ValidationRule[] => validate(stretch).map(({ rule }) => rule);

test("a plain profile is not spoken of, nor an empty one", () => {
  expect(validate(plain())).toEqual([]);
  expect(validate({ ...plain(0), days: [] })).toEqual([]);
});

test("sum: the quarter-hours against the index, one Wh or a thousandth off is let pass", () => {
  const stretch = plain(2);
  const total = stretch.energies.slice(0, 96).reduce((all, one) => all + one, 0);
  const marks = (index: number, series = "1") => [
    { atMs: at(0), index: 5000, series: "1" },
    { atMs: at(96), index, series },
  ];
  const tolerance = total / 1000;
  expect(rulesOf({ ...stretch, marks: marks(5000 + total + Math.floor(tolerance)) })).toEqual([]);
  expect(validate({ ...stretch, marks: marks(5000 + total + 100) })).toMatchObject([
    { rule: "sum", fromMs: at(0), toMs: at(96), value: -100, severity: "error" },
  ]);
  // Another meter's index says nothing; nor does it where something is missing.
  expect(rulesOf({ ...stretch, marks: marks(0, "2") })).toEqual([]);
  const holed = {
    ...stretch,
    statuses: stretch.statuses.map((status, slot) => (slot === 9 ? missing : status)),
  };
  expect(rulesOf({ ...holed, marks: marks(0) })).toEqual(["missing"]);
});

test("high: more than the connection carries; without a connection nobody knows", () => {
  const stretch = plain();
  stretch.energies[100] = 2301;
  stretch.energies[101] = 2400;
  stretch.energies[102] = 2350;
  const high = validate(stretch).filter(({ rule }) => rule === "high");
  expect(high).toEqual([
    {
      rule: "high",
      fromMs: at(100),
      toMs: at(103),
      value: 2400,
      limit: 2300,
      unit: "Wh",
      severity: "warning",
    },
  ]);
  expect(rulesOf({ ...stretch, connectionKva: null })).toEqual([]);
  stretch.energies[101] = 2300 * 1.45 + 1;
  expect(validate(stretch).find(({ rule }) => rule === "high")?.severity).toBe("error");
  stretch.energies.fill(2300, 100, 103);
  expect(rulesOf(stretch)).not.toContain("high");
});

test("low: a whole day of hardly anything, which is not nothing", () => {
  const stretch = plain(2);
  stretch.energies.fill(0, 0, 96);
  stretch.energies[40] = 110;
  expect(rulesOf(stretch)).toEqual(["low"]);
  stretch.energies[40] = 111;
  expect(rulesOf(stretch)).toEqual([]);
  stretch.energies[40] = 50;
  expect(rulesOf({ ...stretch, direction: "export" })).toEqual([]);
});

test("spike: 2.8 times the third highest of its day, unless it is small", () => {
  const stretch = plain();
  // The third highest of its day is 150; the second shares the peak and says nothing.
  stretch.energies[130] = 400;
  stretch.energies[135] = 150;
  stretch.energies[140] = 150;
  stretch.energies[120] = 420;
  expect(rulesOf(stretch)).toEqual([]);
  stretch.energies[120] = 421;
  expect(validate(stretch)).toMatchObject([
    { rule: "spike", fromMs: at(120), toMs: at(121), value: 421, limit: 420, severity: "warning" },
  ]);
  const small = plain();
  small.energies.forEach((_, slot) => (small.energies[slot] = 1 + (slot % 5)));
  small.energies[120] = 249;
  expect(validate({ ...small, connectionKva: null })).toEqual([]);
});

test("negative: of what is taken, never of what is fed in", () => {
  const stretch = plain();
  stretch.energies[10] = -1;
  stretch.energies[11] = -7;
  expect(validate(stretch)).toEqual([
    {
      rule: "negative",
      fromMs: at(10),
      toMs: at(12),
      value: -7,
      limit: 0,
      unit: "Wh",
      severity: "error",
    },
  ]);
  expect(rulesOf({ ...stretch, direction: "export" })).toEqual([]);
});

test("unit slip: a day a thousand times the others, or a thousandth of them", () => {
  const stretch = plain(10);
  const scale = (factor: number) => ({
    ...stretch,
    connectionKva: null,
    energies: stretch.energies.map((energy, slot) =>
      slot >= 96 && slot < 192 ? Math.round(energy * factor) : energy,
    ),
  });
  const slips = (one: Stretch) => validate(one).filter(({ rule }) => rule === "unit_slip");
  expect(slips(scale(1000))).toMatchObject([{ fromMs: at(96), toMs: at(192), severity: "error" }]);
  expect(slips(scale(299))).toEqual([]);
  const litre = { ...scale(1000), energies: scale(1000).energies.map((energy) => energy * 1000) };
  const thousandth = {
    ...litre,
    energies: litre.energies.map((energy, slot) => (slot >= 96 && slot < 192 ? energy / 1e6 : energy)),
  };
  expect(slips(thousandth)).toMatchObject([{ fromMs: at(96), toMs: at(192) }]);
  expect(slips({ ...scale(1000), days: stretch.days.slice(0, 4) })).toEqual([]);
});

test("unit slip: what a register told in another unit, for as long as it lasts", () => {
  const stretch = plain(2);
  const slips = [
    { fromMs: at(10) + 60_000, toMs: at(12) },
    { fromMs: at(150), toMs: Infinity },
    { fromMs: at(30), toMs: at(30) },
  ];
  expect(validate({ ...stretch, slips })).toMatchObject([
    { rule: "unit_slip", fromMs: at(10), toMs: at(12), value: 2, unit: "quarter_hours", severity: "error" },
    { rule: "unit_slip", fromMs: at(150), toMs: at(192), value: 42 },
  ]);
});

test("nothing fed in is no news", () => {
  const stretch = { ...plain(40), direction: "export" as const, connectionKva: null };
  stretch.energies.fill(0);
  expect(rulesOf(stretch)).toEqual([]);
});

test("zero for a day, inactive for thirty, not both", () => {
  const stretch = plain(40);
  stretch.energies.fill(0, 50, 50 + 95);
  expect(rulesOf(stretch)).toEqual([]);
  stretch.energies.fill(0, 50, 50 + 96);
  expect(rulesOf(stretch)).toEqual(["zero"]);
  stretch.energies.fill(0, 50, 50 + 2879);
  expect(rulesOf(stretch)).toEqual(["zero"]);
  stretch.energies.fill(0, 50, 50 + 2880);
  expect(rulesOf(stretch)).toEqual(["inactive"]);
});

test("identical: twelve measured values in a row; what was estimated is alike by its making", () => {
  const stretch = plain();
  stretch.energies.fill(77, 30, 41);
  expect(rulesOf(stretch)).toEqual([]);
  stretch.energies.fill(77, 30, 42);
  expect(validate(stretch)).toMatchObject([{ rule: "identical", fromMs: at(30), toMs: at(42), value: 12 }]);
  stretch.statuses.fill(interpolated, 30, 42);
  expect(rulesOf(stretch)).toEqual([]);
});

test("identical: a long interval that was spread evenly is alike by its making, what stands beside it is not", () => {
  const stretch = plain();
  stretch.energies.fill(77, 30, 54);
  stretch.isSpread.fill(1, 30, 43);
  expect(rulesOf(stretch)).toEqual([]);
  stretch.isSpread.fill(0, 42, 43);
  expect(validate(stretch)).toMatchObject([{ rule: "identical", fromMs: at(42), toMs: at(54), value: 12 }]);
});

test("duplicate: values of one instant that differ, the most of each quarter-hour", () => {
  const stretch = plain();
  const duplicates = [
    { atMs: at(10), values: 2 },
    { atMs: at(10) + 60_000, values: 3 },
    { atMs: at(11) + 1, values: 2 },
    { atMs: at(20) - 1, values: 2 },
  ];
  expect(validate({ ...stretch, duplicates })).toMatchObject([
    { rule: "duplicate", fromMs: at(10), toMs: at(12), value: 3, limit: 1, unit: "values" },
    { rule: "duplicate", fromMs: at(19), toMs: at(20), value: 2, limit: 1, unit: "values" },
  ]);
});

test("each finding says what it counts", () => {
  const stretch = { ...plain(), unit: "l" as const };
  stretch.energies[10] = -1;
  stretch.statuses.fill(missing, 50, 52);
  expect(validate(stretch)).toMatchObject([
    { rule: "negative", unit: "l" },
    { rule: "missing", unit: "quarter_hours" },
  ]);
});

test("prolonged estimation: more than seven days without a measured value", () => {
  const stretch = plain(9);
  stretch.statuses.fill(substituted, 10, 10 + 672);
  expect(rulesOf(stretch)).toEqual([]);
  stretch.statuses.fill(substituted, 10, 10 + 673);
  expect(validate(stretch)).toMatchObject([{ rule: "prolonged_estimation", value: 673, limit: 672 }]);
  stretch.statuses[300] = validated;
  expect(rulesOf(stretch)).toEqual([]);
});

test("missing: each hole by itself, and what it holds is not looked at", () => {
  const stretch = plain();
  stretch.statuses.fill(missing, 0, 2);
  stretch.statuses[287] = missing;
  stretch.energies[0] = -5;
  stretch.energies[1] = 99_999;
  expect(validate(stretch)).toMatchObject([
    { rule: "missing", fromMs: at(0), toMs: at(2), value: 2 },
    { rule: "missing", fromMs: at(287), toMs: at(288), value: 1 },
  ]);
});

test("whatever the profile: findings lie in it, in order, pass their limit, and nothing given is changed", () => {
  const quarter = fc.record({
    energy: fc.oneof(fc.constantFrom(0, 0, 5), fc.integer({ min: -3000, max: 5000 })),
    status: fc.integer({ min: 0, max: 5 }),
    length: fc.integer({ min: 1, max: 120 }),
  });
  fc.assert(
    fc.property(
      fc.array(quarter, { maxLength: 12 }),
      fc.constantFrom("import", "export"),
      fc.integer({ min: -50, max: 800 }),
      (runs, direction, slipped) => {
        const energies = runs.flatMap(({ energy, length }) => Array<number>(length).fill(energy));
        const statuses = Uint8Array.from(
          runs.flatMap(({ status, length }) => Array<number>(length).fill(status)),
        );
        const days = [{ first: 0, end: Math.min(92, energies.length) }];
        const stretch = {
          fromMs: FROM,
          unit: "Wh",
          energies,
          statuses,
          isSpread: statuses.map((status) => Number(status === validated)),
          direction,
          connectionKva: KVA,
          days,
          marks: [],
          duplicates: [],
          slips: [{ fromMs: at(slipped), toMs: at(slipped + 100) }],
        } as const;
        const before = [[...energies], [...statuses]];
        const findings = validate(stretch);
        expect([[...energies], [...statuses]]).toEqual(before);
        expect(validate(stretch)).toEqual(findings);
        for (const { rule, fromMs, toMs, value, limit } of findings) {
          expect(fromMs >= FROM && fromMs < toMs && toMs <= at(energies.length)).toBe(true);
          const isBelow = rule === "low" || rule === "negative";
          const isReached = rule === "zero" || rule === "inactive" || rule === "identical";
          expect(isBelow ? value < limit : isReached ? value >= limit : value > limit).toBe(true);
        }
        const holes = findings
          .filter(({ rule }) => rule === "missing")
          .reduce((all, { value }) => all + value, 0);
        expect(holes).toBe(statuses.filter((status) => status === missing).length);
      },
    ),
    { numRuns: 200 },
  );
});
