// Grouping as facts: nothing lost, nothing doubled, no register twice in a row.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Decimal } from "#devices/decimal";
import type { ClockSource } from "#devices/vocabulary";
import { RowGrouper } from "./group-rows.ts";
import { storedRegister } from "./test-decoder.ts";

const registers = Array.from({ length: 100 }, (_, i) => storedRegister({ id: i + 1, name: `r${i + 1}` }));

const observation = fc.record({
  instant: fc.integer({ min: 0, max: 5 }).map((n) => Date.UTC(2026, 0, 1) + n),
  clock: fc.constantFrom<ClockSource>(0, 1, 2, 3),
  register: fc.constantFrom(...registers.slice(0, 8)),
  value: fc.constantFrom<Decimal>("1", "1.0", "2", "-3.5"),
});
type Observed = typeof observation extends fc.Arbitrary<infer T> ? T : never;

const identity = (o: Observed) => `${o.instant} ${o.clock} ${o.register.id} ${o.value}`;

test("each distinct (instant, clock, register, value) is in exactly one row, and no register twice in one", () => {
  fc.assert(
    fc.property(fc.array(observation, { maxLength: 100 }), (observations) => {
      const grouper = new RowGrouper();
      for (const o of observations) grouper.add(o.instant, o.clock, o.register, o.value);
      const placed = grouper.rows.flatMap((row) =>
        row.registers.map((register, i) =>
          identity({ instant: row.observedAtMs, clock: row.clock, register, value: row.values[i] ?? "" }),
        ),
      );
      expect(placed.toSorted()).toEqual([...new Set(observations.map(identity))].sort());
      for (const row of grouper.rows) expect(new Set(row.registers).size).toBe(row.registers.length);
    }),
  );
});

test("a telegram is one row per instant, however its values are interleaved", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(registers, { minLength: 1 }),
      fc.integer({ min: 1, max: 4 }),
      (order, instants) => {
        const grouper = new RowGrouper();
        for (const [i, register] of order.entries()) grouper.add(i % instants, 0, register, "1");
        expect(grouper.rows.length).toBe(Math.min(instants, order.length));
      },
    ),
  );
});
