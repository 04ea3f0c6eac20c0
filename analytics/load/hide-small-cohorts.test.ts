// No quarter-hour shows fewer private supply points than the minimum.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayStartMs } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { RegisterDays } from "#store";
import { hideSmallCohorts } from "./hide-small-cohorts.ts";

const DAY = "2026-01-15";

const statuses = fc
  .uint8Array({ minLength: QUARTERS_PER_UTC_DAY, maxLength: QUARTERS_PER_UTC_DAY, max: 5 })
  .map((bytes) => Buffer.from(bytes));

const series: fc.Arbitrary<RegisterDays[]> = fc.array(
  fc
    .record({
      supplyPointId: fc.integer({ min: 1, max: 6 }),
      statuses,
      endSlot: fc.nat(QUARTERS_PER_UTC_DAY),
    })
    .map((one) => ({
      registerId: 1,
      supplyPointId: one.supplyPointId,
      fromMs: -Infinity,
      toMs: utcDayStartMs(DAY) + one.endSlot * QUARTER_MS,
      days: [
        {
          day: DAY,
          quarters: Buffer.alloc(4 * QUARTERS_PER_UTC_DAY, 1),
          statuses: one.statuses,
          revision: 1,
        },
      ],
    })),
  { maxLength: 12 },
);

/** The supply points that show a value in a quarter-hour within their assignment. */
function shown(registers: readonly RegisterDays[], slot: number): Set<number> {
  const endMs = utcDayStartMs(DAY) + (slot + 1) * QUARTER_MS;
  return new Set(
    registers
      .filter((one) => endMs <= one.toMs && one.days[0]?.statuses[slot] !== QuarterCode.missing)
      .map((one) => one.supplyPointId),
  );
}

test("a quarter-hour shows all who have a value, or nobody when they are too few", () => {
  fc.assert(
    fc.property(series, fc.integer({ min: 2, max: 5 }), (registers, cohortMin) => {
      const hidden = hideSmallCohorts(registers, cohortMin);
      for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
        const before = shown(registers, slot);
        expect(shown(hidden, slot)).toEqual(before.size >= cohortMin ? before : new Set());
      }
    }),
  );
});

test("shown beside its whole, a part shows only where nobody or enough are left of it", () => {
  fc.assert(
    fc.property(series, series, fc.integer({ min: 2, max: 5 }), (part, others, cohortMin) => {
      // Other households than those of the part.
      const rest = others.map((one) => ({ ...one, supplyPointId: one.supplyPointId + 100 }));
      const hidden = hideSmallCohorts(part, cohortMin, rest);
      for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
        const inside = shown(part, slot);
        const outside = shown(rest, slot).size;
        const visible = inside.size >= cohortMin && (outside === 0 || outside >= cohortMin);
        expect(shown(hidden, slot)).toEqual(visible ? inside : new Set());
      }
    }),
  );
});

test("what is hidden leaves no energy behind, and the rows given stay as they were", () => {
  fc.assert(
    fc.property(series, (registers) => {
      const before = structuredClone(registers);
      for (const { days } of hideSmallCohorts(registers, 7)) {
        expect(days.every((day) => day.quarters.every((byte) => byte === 0))).toBe(true);
      }
      expect(registers).toEqual(
        before.map((one) => ({
          ...one,
          days: one.days.map((day) => ({
            ...day,
            quarters: Buffer.from(day.quarters),
            statuses: Buffer.from(day.statuses),
          })),
        })),
      );
    }),
  );
});
