// Quarter by quarter: whatever is shown of several publications of a month, no group that can be told apart is too small.
import fc from "fast-check";
import { expect, test } from "vitest";
import { isolatingSlots, withheldSlots, type MonthPresence } from "./withheld-slots.ts";
import type { SupplyPointSeries } from "./supply-point-series.ts";
import { DAY_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";

const SLOTS = 40;
const BYTES = SLOTS / 8;
const bit = (bits: Uint8Array, at: number) => ((bits[at >> 3] ?? 0) >> (at & 7)) & 1;

/** As a publication shows it: without the quarter-hours that it withholds. */
function shown(next: MonthPresence, withheld: Uint8Array): MonthPresence {
  return new Map([...next].map(([id, bits]) => [id, bits.map((byte, at) => byte & ~(withheld[at] ?? 0))]));
}

/** Sizes of the groups that a reader can tell apart in a quarter-hour: who is in exactly the same publications. */
function groupSizes(publications: readonly MonthPresence[], slot: number): number[] {
  const ids = new Set(publications.flatMap((one) => [...one.keys()]));
  const signatures = [...ids].map((id) =>
    publications.map((one) => bit(one.get(id) ?? new Uint8Array(BYTES), slot)).join(""),
  );
  return [...Map.groupBy(signatures, (one) => one)]
    .filter(([signature]) => signature.includes("1"))
    .map(([, some]) => some.length);
}

test("no sequence of publications shows a quarter-hour in which fewer than the minimum can be told apart", () => {
  const presence = fc.uint8Array({ minLength: BYTES, maxLength: BYTES });
  // Meters are silent now and then, not every second quarter-hour.
  const mostly = fc
    .tuple(presence, presence)
    .map(([one, other]) => one.map((byte, at) => byte | (other[at] ?? 0)));
  const publication = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 9 }), mostly), {
    selector: ([id]) => id,
    maxLength: 9,
  });
  let withheldOnce = 0;
  let shownOnce = 0;
  fc.assert(
    fc.property(fc.array(publication, { maxLength: 4 }), fc.constantFrom(2, 3), (all, cohortMin) => {
      const published: MonthPresence[] = [];
      for (const next of all) {
        const presences: MonthPresence = new Map(next);
        const withheld = isolatingSlots(presences, published, cohortMin);
        published.push(shown(presences, withheld));
        for (let slot = 0; slot < SLOTS; slot++) {
          for (const size of groupSizes(published, slot)) expect(size).toBeGreaterThanOrEqual(cohortMin);
          if (next.length === 0) continue;
          if (bit(withheld, slot) === 1) withheldOnce++;
          else shownOnce++;
        }
      }
    }),
    { numRuns: 200 },
  );
  expect(withheldOnce).toBeGreaterThan(100);
  expect(shownOnce).toBeGreaterThan(100);
});

test("three join whose two are silent in the afternoon: the afternoons are withheld, the mornings are not", () => {
  const period = { from: "2026-01-01", to: "2026-02-01", timezone: "UTC" };
  const firstDay = Date.UTC(2026, 0, 1) / DAY_MS;
  const noon = QUARTERS_PER_UTC_DAY / 2;
  const series = (id: number, silent: boolean): SupplyPointSeries => ({
    supplyPointId: id,
    participantId: id,
    firstDay,
    quarters: new Int32Array(31 * QUARTERS_PER_UTC_DAY).fill(10),
    statuses: new Uint8Array(31 * QUARTERS_PER_UTC_DAY).map((_, slot) =>
      silent && slot % QUARTERS_PER_UTC_DAY >= noon ? QuarterCode.missing : QuarterCode.measured,
    ),
  });
  const always = new Uint8Array((31 * QUARTERS_PER_UTC_DAY) / 8).fill(255);
  const before = new Map([["2026-01", new Map([0, 1, 2].map((id) => [id, always]))]]);
  const group = [0, 1, 2, 3, 4, 5].map((id) => series(id, id >= 4));
  const request = { series: group, period, cohortMin: 3 };
  expect(withheldSlots(request, [])).toBeUndefined();
  const withheld = withheldSlots(request, [before]);
  expect(withheld).toHaveLength(31 * QUARTERS_PER_UTC_DAY);
  expect(withheld?.every((flag, slot) => flag === (slot % QUARTERS_PER_UTC_DAY >= noon ? 1 : 0))).toBe(true);
});
