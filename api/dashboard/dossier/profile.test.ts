// Aggregations of a year's quarter-hours against plain loops over the clock on the wall, both nights of the clocks included.
import fc from "fast-check";
import { expect, test } from "vitest";
import { spanOf, slotsOf } from "../time/period.ts";
import { loadDuration, shareAt } from "./load-duration.ts";
import { loadRows, monthRows } from "./load-rows.ts";
import { daysOf, groupLoadOf, slotSpan, spanOfLoad, type GroupLoad } from "./profile.ts";
import { weekHours } from "./week-hours.ts";

const zoned = (date: string, zone: string): number =>
  Temporal.PlainDate.from(date).toZonedDateTime(zone).epochMilliseconds;

/** Whole civil months of a zone that the clocks change in. */
const world = fc
  .record({
    zone: fc.constantFrom("Europe/Brussels", "Europe/Lisbon", "Australia/Adelaide", "UTC"),
    month: fc.constantFrom("2026-03", "2026-04", "2026-10", "2026-07"),
    seed: fc.integer({ min: 1, max: 1e6 }),
    gap: fc.integer({ min: 2, max: 40 }),
  })
  .map(({ zone, month, seed, gap }): GroupLoad => {
    const fromMs = zoned(`${month}-01`, zone);
    const toMs = zoned(
      Temporal.PlainYearMonth.from(month).add({ months: 1 }).toPlainDate({ day: 1 }).toString(),
      zone,
    );
    const quarters = Array.from({ length: (toMs - fromMs) / 900_000 }, (_, slot) =>
      slot % gap === 1 ? null : (slot * seed) % 9973,
    );
    return groupLoadOf({ from: new Date(fromMs).toISOString(), timezone: zone, unit: "Wh", quarters });
  });

const wall = (load: GroupLoad, slot: number) =>
  Temporal.Instant.fromEpochMilliseconds(slotSpan(load, slot).fromMs).toZonedDateTimeISO(load.timezone);

test("days are the zone's: 92 and 100 quarter-hours when the clocks change, none missing or twice", () => {
  const year = (date: string) =>
    groupLoadOf({
      from: new Date(zoned(date, "Europe/Brussels")).toISOString(),
      timezone: "Europe/Brussels",
      unit: "Wh",
      quarters: Array.from({ length: 35_040 }, () => 1),
    });
  const sizes = new Map(daysOf(year("2026-01-01")).map(({ date, first, end }) => [date, end - first]));
  expect(sizes.size).toBe(365);
  expect([sizes.get("2026-03-29"), sizes.get("2026-10-25"), sizes.get("2026-06-01")]).toEqual([92, 100, 96]);
  expect([...sizes.values()].reduce((sum, size) => sum + size, 0)).toBe(35_040);
});

test("each cell of the week is the mean over the quarter-hours that the clock shows there", () => {
  fc.assert(
    fc.property(world, (load) => {
      const sums = new Map<number, { energy: number; count: number }>();
      load.energies.forEach((energy, slot) => {
        if (Number.isNaN(energy)) return;
        const { dayOfWeek, hour } = wall(load, slot);
        const cell = (dayOfWeek - 1) * 24 + hour;
        const { energy: before, count } = sums.get(cell) ?? { energy: 0, count: 0 };
        sums.set(cell, { energy: before + energy, count: count + 1 });
      });
      const { means, counts } = weekHours(load);
      expect(means).toHaveLength(168);
      means.forEach((mean, cell) => {
        const { energy, count } = sums.get(cell) ?? { energy: 0, count: 0 };
        expect(counts[cell]).toBe(count);
        if (count === 0) expect(mean).toBeNaN();
        else expect(mean).toBeCloseTo((4 * energy) / count, 6);
      });
    }),
    { numRuns: 40 },
  );
});

test("the hour shown twice counts twice, the hour skipped not at all", () => {
  const load = (date: string, quarters: number) =>
    groupLoadOf({
      from: new Date(zoned(date, "Europe/Brussels")).toISOString(),
      timezone: "Europe/Brussels",
      unit: "Wh",
      quarters: Array.from({ length: quarters }, () => 10),
    });
  const sunday = 6 * 24;
  expect(weekHours(load("2026-10-25", 100)).counts[sunday + 2]).toBe(8);
  expect(weekHours(load("2026-03-29", 92)).counts[sunday + 2]).toBe(0);
  expect(weekHours(load("2026-03-29", 92)).means[sunday + 2]).toBeNaN();
  expect(weekHours(load("2026-03-29", 92)).means[sunday + 3]).toBe(40);
});

test("months and days conserve energy and count what is missing", () => {
  fc.assert(
    fc.property(world, (load) => {
      const known = load.energies.filter((energy) => !Number.isNaN(energy));
      const total = known.reduce((sum, energy) => sum + energy, 0);
      const months = monthRows(load);
      expect(months.reduce((sum, { energy }) => sum + energy, 0)).toBeCloseTo(total, 3);
      const days = loadRows(load, spanOfLoad(load), "day");
      expect(days.reduce((sum, { missing }) => sum + missing, 0)).toBe(load.energies.length - known.length);
      expect(days.reduce((sum, { quarters }) => sum + quarters, 0)).toBe(load.energies.length);
      expect(Math.max(...days.map(({ highest }) => highest ?? 0))).toBe(4 * Math.max(...known));
      for (const { mean, highest, lowest } of days) {
        if (mean !== null) expect(mean <= (highest ?? 0) && mean >= (lowest ?? 0)).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test("the duration curve falls from the maximum to the minimum, and gaps are not in it", () => {
  fc.assert(
    fc.property(world, (load) => {
      const known = load.energies.filter((energy) => !Number.isNaN(energy));
      const duration = loadDuration(load);
      expect(duration.quarters).toBe(known.length);
      expect(duration.powers[0]).toBe(4 * Math.max(...known));
      expect(duration.powers.at(-1)).toBe(4 * Math.min(...known));
      for (let point = 1; point < duration.powers.length; point += 1) {
        expect(duration.powers[point]).toBeLessThanOrEqual(duration.powers[point - 1] ?? 0);
      }
      // At each point as many quarter-hours as its share says draw at least so much.
      const middle = Math.floor(duration.powers.length / 2);
      const atLeast = known.filter((energy) => 4 * energy >= (duration.powers[middle] ?? 0)).length;
      expect(atLeast / known.length).toBeGreaterThanOrEqual(shareAt(duration, middle));
    }),
    { numRuns: 40 },
  );
});

test("a load without any value has no curve, and one value is its own curve", () => {
  const of = (quarters: (number | null)[]) =>
    groupLoadOf({ from: "2026-01-01T00:00:00Z", timezone: "UTC", unit: "Wh", quarters });
  expect(loadDuration(of([null, null])).powers).toHaveLength(0);
  expect([...loadDuration(of([null, 7])).powers]).toEqual([28]);
  expect(
    loadRows(of([null]), { fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 1, 0, 15) }, "day")[0],
  ).toMatchObject({ mean: null, highest: null, missing: 1 });
});

test("rows of a period are its grid", () => {
  const load = groupLoadOf({
    from: new Date(zoned("2026-03-01", "Europe/Brussels")).toISOString(),
    timezone: "Europe/Brussels",
    unit: "Wh",
    quarters: Array.from({ length: 31 * 96 - 4 }, (_, slot) => slot),
  });
  const day = spanOf({ unit: "day", start: "2026-03-29" }, "Europe/Brussels");
  const rows = loadRows(load, day, "hour");
  expect(rows.map(({ fromMs, toMs }) => ({ fromMs, toMs }))).toEqual(slotsOf(day, "hour", "Europe/Brussels"));
  expect(rows).toHaveLength(23);
  expect(rows[0]?.mean).toBe(4 * (28 * 96 + 1.5));
});
