// The lattice of imported values: nothing better is ever lost, and saying something twice is saying it once.
import fc from "fast-check";
import { expect, test } from "vitest";
import { QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { mergeDay, type PackedQuarters } from "./merge-day.ts";

const anyDay: fc.Arbitrary<PackedQuarters> = fc
  .record({
    pattern: fc.array(
      fc.record({ wh: fc.integer({ min: 0, max: 3 }), status: fc.integer({ min: 0, max: 5 }) }),
      {
        minLength: 1,
        maxLength: 97,
      },
    ),
    resolutionS: fc.constantFrom(900, 3600, 86_400),
  })
  .map(({ pattern, resolutionS }) => {
    const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
    const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
    for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
      const { wh, status } = pattern[slot % pattern.length] ?? { wh: 0, status: 0 };
      quarters.writeInt32LE(status === QuarterCode.missing ? 0 : wh, 4 * slot);
      statuses.writeUInt8(status, slot);
    }
    return { quarters, statuses, resolutionS };
  });

const slots = Array.from({ length: QUARTERS_PER_UTC_DAY }, (_, slot) => slot);
const valueAt = (day: PackedQuarters | undefined, slot: number) => ({
  wh: day?.quarters.readInt32LE(4 * slot) ?? 0,
  status: day?.statuses[slot] ?? QuarterCode.missing,
});

test("a better value is never replaced by a worse, and every quarter-hour of the file is counted once", () => {
  fc.assert(
    fc.property(fc.option(anyDay, { nil: undefined }), anyDay, (held, file) => {
      const { merged, ...counts } = mergeDay(held, file);
      const after = merged ?? held;
      for (const slot of slots) {
        const before = valueAt(held, slot);
        const given = valueAt(file, slot);
        expect(valueAt(after, slot)).toEqual(
          given.status > 0 && given.status >= before.status ? given : before,
        );
      }
      const present = slots.filter((slot) => valueAt(file, slot).status > 0);
      expect(counts.added + counts.replaced + counts.unchanged + counts.kept).toBe(present.length);
      expect(counts.added).toBe(present.filter((slot) => valueAt(held, slot).status === 0).length);
      expect(merged === undefined).toBe(counts.added + counts.replaced === 0);
    }),
  );
});

test("merged again, the same day changes nothing", () => {
  fc.assert(
    fc.property(fc.option(anyDay, { nil: undefined }), anyDay, (held, file) => {
      const after = mergeDay(held, file).merged ?? held;
      const again = mergeDay(after, file);
      expect(again).toMatchObject({ added: 0, replaced: 0, merged: undefined });
    }),
  );
});

test("two files of different statuses give the same in either order", () => {
  const worse = anyDay.map((day) => ({
    ...day,
    statuses: day.statuses.map((code) => (code === 0 ? 0 : 3)) as Buffer,
  }));
  const better = anyDay.map((day) => ({
    ...day,
    statuses: day.statuses.map((code) => (code === 0 ? 0 : 5)) as Buffer,
  }));
  fc.assert(
    fc.property(worse, better, (one, other) => {
      const after = (first: PackedQuarters, second: PackedQuarters) =>
        mergeDay(mergeDay(undefined, first).merged, second).merged ?? mergeDay(undefined, first).merged;
      const left = after(one, other);
      const right = after(other, one);
      for (const slot of slots) expect(valueAt(left, slot)).toEqual(valueAt(right, slot));
    }),
  );
});

test("what was given stays as it was", () => {
  fc.assert(
    fc.property(anyDay, anyDay, (held, file) => {
      const before = [held, file].map((day) => [Buffer.from(day.quarters), Buffer.from(day.statuses)]);
      mergeDay(held, file);
      expect([held, file].map((day) => [day.quarters, day.statuses])).toEqual(before);
    }),
  );
});
