// An estimate shows where nothing was measured, and nowhere else; a day's revision grows with both layers.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { overEstimates } from "./over-estimates.ts";

type Day = {
  readonly day: number;
  readonly revision: number;
  readonly slots: readonly (number | undefined)[];
};

function packed(days: readonly Day[], status: number) {
  return {
    dayNumbers: days.map(({ day }) => day),
    revisions: days.map(({ revision }) => revision),
    quarters: Buffer.concat(days.map(({ slots }) => int4s(slots.map((value) => value ?? 0)))),
    statuses: Buffer.concat(
      days.map(({ slots }) => Buffer.from(slots.map((value) => (value === undefined ? 0 : status)))),
    ),
  };
}

function int4s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [place, value] of values.entries()) bytes.writeInt32LE(value, 4 * place);
  return bytes;
}

const MEASURED = 4;
const SUBSTITUTED = 2;
const slots = fc.array(fc.option(fc.integer({ min: 0, max: 1e9 }), { nil: undefined }), {
  minLength: QUARTERS_PER_UTC_DAY,
  maxLength: QUARTERS_PER_UTC_DAY,
});
const days = fc
  .uniqueArray(fc.record({ day: fc.integer({ min: 20_000, max: 20_005 }), revision: fc.nat(9), slots }), {
    selector: ({ day }) => day,
    maxLength: 4,
  })
  .map((list) => list.sort((a, b) => a.day - b.day));

test("every quarter-hour is the measured one, else the estimated one, else missing", () => {
  fc.assert(
    fc.property(days, days, (own, below) => {
      const shown = overEstimates(packed(own, MEASURED), packed(below, SUBSTITUTED));
      const all = [...new Set([...own, ...below].map(({ day }) => day))].sort((a, b) => a - b);
      expect(shown.dayNumbers).toEqual(all);
      for (const [place, day] of all.entries()) {
        const top = own.find((one) => one.day === day);
        const base = below.find((one) => one.day === day);
        expect(shown.revisions[place]).toBe((top?.revision ?? 0) + (base?.revision ?? 0));
        for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
          const at = place * QUARTERS_PER_UTC_DAY + slot;
          const value = top?.slots[slot] ?? base?.slots[slot];
          const status =
            top?.slots[slot] !== undefined ? MEASURED : base?.slots[slot] !== undefined ? SUBSTITUTED : 0;
          expect(shown.statuses[at]).toBe(status);
          if (value !== undefined) expect(shown.quarters.readInt32LE(4 * at)).toBe(value);
        }
      }
    }),
    { numRuns: 30 },
  );
});
