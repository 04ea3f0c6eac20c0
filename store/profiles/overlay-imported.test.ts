// Imported history over registers, against the plain rule: the better of the registers' sum and the import, registers on a tie.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { overlayImported } from "./overlay-imported.ts";
import type { DayRow, RegisterDays } from "./register-days.ts";

const DAY0 = Date.UTC(2026, 0, 10) / DAY_MS;
const DAYS = 3;
const SLOTS = DAYS * QUARTERS_PER_UTC_DAY;

const anyRows: fc.Arbitrary<DayRow[]> = fc
  .record({
    days: fc.uniqueArray(fc.nat(DAYS - 1), { maxLength: DAYS }),
    pattern: fc.array(
      fc.record({ wh: fc.integer({ min: 1, max: 9 }), status: fc.integer({ min: 0, max: 5 }) }),
      {
        minLength: 1,
        maxLength: 50,
      },
    ),
    revision: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ days, pattern, revision }) =>
    days
      .toSorted((one, other) => one - other)
      .map((day) => {
        const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
        const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
        for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
          const { wh, status } = pattern[(slot + day) % pattern.length] ?? { wh: 0, status: 0 };
          quarters.writeInt32LE(status === QuarterCode.missing ? 0 : wh, 4 * slot);
          statuses.writeUInt8(status, slot);
        }
        return { day: utcDay((DAY0 + day) * DAY_MS), quarters, statuses, revision };
      }),
  );

/** Beginnings and ends anywhere, not on quarter-hours either; none is a second's length away from what it says. */
const anyInstant = fc.oneof(
  fc.constantFrom(-Infinity, Infinity),
  fc.integer({ min: 0, max: SLOTS * 15 }).map((minute) => DAY0 * DAY_MS + minute * 60_000),
);

const anyRegister = (registerId: number): fc.Arbitrary<RegisterDays> =>
  fc
    .record({
      supplyPointId: fc.integer({ min: 1, max: 2 }),
      one: anyInstant,
      other: anyInstant,
      days: anyRows,
    })
    .map(({ supplyPointId, one, other, days }) => ({
      registerId,
      supplyPointId,
      fromMs: one < other ? one : -Infinity,
      toMs: one < other ? other : Infinity,
      days,
    }));

const anyRegisters = fc
  .tuple(anyRegister(7), anyRegister(8), anyRegister(9))
  .chain((all) => fc.subarray(all));
const anyImport = (supplyPointId: number): fc.Arbitrary<RegisterDays> =>
  anyRows.map((days) => ({ registerId: 0, supplyPointId, fromMs: -Infinity, toMs: Infinity, days }));
const anyImports = fc
  .tuple(anyImport(1), anyImport(2))
  .map((all) => all.filter(({ days }) => days.length > 0));

type Sum = { wh: number; status: number; assigned: number; present: number };

/** The rule by which registers add up, a quarter-hour at a time. */
function sumAt(registers: readonly RegisterDays[], slot: number): Sum {
  const fromMs = DAY0 * DAY_MS + slot * QUARTER_MS;
  const mains = registers.filter((register) => register.fromMs <= fromMs && fromMs < register.toMs);
  const sum: Sum = { wh: 0, status: QuarterCode.validated, assigned: mains.length, present: 0 };
  if (mains.length === 0) sum.status = QuarterCode.missing;
  for (const { days } of mains) {
    const row = days.find(({ day }) => day === utcDay(fromMs));
    const at = slot % QUARTERS_PER_UTC_DAY;
    const status = row?.statuses[at] ?? QuarterCode.missing;
    sum.status = Math.min(sum.status, status);
    if (row === undefined || status === QuarterCode.missing) continue;
    sum.wh += row.quarters.readInt32LE(4 * at);
    sum.present++;
  }
  return sum;
}

const of = (series: readonly RegisterDays[], supplyPointId: number) =>
  series.filter((one) => one.supplyPointId === supplyPointId);

test("every quarter-hour is the better of the registers' sum and the import; otherwise exactly what it was", () => {
  fc.assert(
    fc.property(anyRegisters, anyImports, (registers, imports) => {
      const shown = overlayImported(registers, imports);
      for (const supplyPointId of [1, 2]) {
        for (let slot = 0; slot < SLOTS; slot++) {
          const own = sumAt(of(registers, supplyPointId), slot);
          const file = sumAt(of(imports, supplyPointId), slot);
          const { wh, status, present } = sumAt(of(shown, supplyPointId), slot);
          const expected = file.status > own.status ? file : own;
          if (wh !== expected.wh || status !== expected.status || present > 0 !== expected.present > 0) {
            expect.fail(`slot ${slot}: ${JSON.stringify({ own, file, wh, status, present })}`);
          }
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("without imports nothing is touched, and nothing given is changed", () => {
  fc.assert(
    fc.property(anyRegisters, anyImports, (registers, imports) => {
      expect(overlayImported(registers, [])).toEqual(registers);
      const copy = (all: readonly RegisterDays[]) =>
        all.map((one) => ({
          ...one,
          days: one.days.map((row) => ({
            ...row,
            quarters: Buffer.from(row.quarters),
            statuses: Buffer.from(row.statuses),
          })),
        }));
      const before = [copy(registers), copy(imports)];
      overlayImported(registers, imports);
      expect([registers, imports]).toEqual(before);
    }),
  );
});

test("each supply point's days come in order, each once", () => {
  fc.assert(
    fc.property(anyRegisters, anyImports, (registers, imports) => {
      for (const { days } of overlayImported(registers, imports)) {
        const names = days.map(({ day }) => day);
        expect(names).toEqual([...new Set(names)].sort());
      }
    }),
  );
});

/** What an ETag is made of. */
const versionOf = (series: readonly RegisterDays[]) =>
  JSON.stringify(
    series.map((one) => [
      one.registerId,
      one.supplyPointId,
      one.fromMs,
      one.toMs,
      one.days.map(({ day, revision }) => [day, revision]),
    ]),
  );
const contentOf = (series: readonly RegisterDays[]) =>
  JSON.stringify(
    [1, 2].map((point) => Array.from({ length: SLOTS }, (_, slot) => sumAt(of(series, point), slot))),
  );

test("whatever changes, a new row, a register's or an import's, what is shown has a new version", () => {
  const grown = (all: readonly RegisterDays[], rows: readonly DayRow[], point: number) =>
    all.map((one) => {
      if (one.supplyPointId !== point) return one;
      const days = new Map(one.days.map((row) => [row.day, row]));
      for (const row of rows) days.set(row.day, { ...row, revision: (days.get(row.day)?.revision ?? 0) + 1 });
      return { ...one, days: [...days.values()].sort((left, right) => (left.day < right.day ? -1 : 1)) };
    });
  fc.assert(
    fc.property(
      anyRegisters,
      anyImports,
      fc.array(fc.record({ rows: anyRows, point: fc.integer({ min: 1, max: 2 }), ofImport: fc.boolean() }), {
        maxLength: 4,
      }),
      (registers, imports, steps) => {
        const seen = new Map<string, string>();
        let state = { registers, imports };
        for (const { rows, point, ofImport } of [{ rows: [], point: 1, ofImport: false }, ...steps]) {
          state = ofImport
            ? { ...state, imports: grown(state.imports, rows, point) }
            : { ...state, registers: grown(state.registers, rows, point) };
          const shown = overlayImported(state.registers, state.imports);
          const known = seen.get(versionOf(shown));
          expect(known ?? contentOf(shown)).toBe(contentOf(shown));
          seen.set(versionOf(shown), contentOf(shown));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("an import that a better register has overtaken still counts in the version", () => {
  const series = (registerId: number, wh: number, status: number, revision: number): RegisterDays => ({
    registerId,
    supplyPointId: 1,
    fromMs: -Infinity,
    toMs: Infinity,
    days: [
      {
        day: utcDay(DAY0 * DAY_MS),
        quarters: Buffer.alloc(4 * QUARTERS_PER_UTC_DAY, wh),
        statuses: Buffer.alloc(QUARTERS_PER_UTC_DAY, status),
        revision,
      },
    ],
  });
  const file = [series(0, 5, QuarterCode.measured, 1)];
  const before = overlayImported([series(7, 3, QuarterCode.interpolated, 1)], file);
  const after = overlayImported([series(7, 4, QuarterCode.validated, 2)], file);
  expect(contentOf(after)).not.toBe(contentOf(before));
  expect(versionOf(after)).not.toBe(versionOf(before));
});
