// Sizing a group: each figure against a plain computation, civil days of 92 and 100 quarter-hours, gaps, small hours.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDayNumber } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { participantMonths } from "./participant-months.ts";
import { sizeGroup } from "./sizing.ts";
import type { SupplyPointSeries } from "./supply-point-series.ts";
import type { TenderPeriod } from "./tender-calendar.ts";

type Quarter = { readonly wh: number; readonly status: number };

/** A series over the UTC days that touch the period, with a margin that must not count. */
function series(
  supplyPointId: number,
  participantId: number,
  period: TenderPeriod,
  quarter: (atMs: number) => Quarter,
): SupplyPointSeries {
  const zoned = (date: string) =>
    Temporal.PlainDate.from(date).toZonedDateTime(period.timezone).epochMilliseconds;
  const firstDay = utcDayNumber(zoned(period.from)) - 1;
  const days = utcDayNumber(zoned(period.to)) + 2 - firstDay;
  const quarters = new Int32Array(days * QUARTERS_PER_UTC_DAY);
  const statuses = new Uint8Array(days * QUARTERS_PER_UTC_DAY);
  for (let at = 0; at < quarters.length; at++) {
    const { wh, status } = quarter(firstDay * DAY_MS + at * QUARTER_MS);
    quarters[at] = wh;
    statuses[at] = status;
  }
  return { supplyPointId, participantId, firstDay, quarters, statuses };
}

const measured = (wh: number): Quarter => ({ wh, status: QuarterCode.measured });
const MISSING: Quarter = { wh: 0, status: QuarterCode.missing };
const BRUSSELS = "Europe/Brussels";
const year = (number: number): TenderPeriod => ({
  from: `${number}-01-01`,
  to: `${number + 1}-01-01`,
  timezone: BRUSSELS,
});

test("a steady load of 10 Wh a quarter-hour: every figure by hand", () => {
  const period = year(2026);
  const both = [1, 2].map((id) => series(id, id, period, () => measured(10)));
  const { group } = sizeGroup({ series: both, period, cohortMin: 2 });
  const yearWh = 365 * 24 * 4 * 10 * 2;
  expect(group).toEqual({
    participants: 2,
    supplyPoints: 2,
    measuredWh: yearWh,
    annualWh: yearWh,
    basisDays: 365,
    extrapolated: false,
    quality: { measured: 1, estimated: 0, missing: 0 },
    // 261 of the 365 days of 2026 are working days.
    peakShare: Number(((261 * 12) / (365 * 24)).toFixed(6)),
    maxW: 80,
    maxAtMs: Date.UTC(2025, 11, 31, 23),
    loadFactor: 1,
    coincidence: 1,
    // October to March: 182 days, and the hour that October gains is the hour that March loses.
    winterShare: Number((182 / 365).toFixed(6)),
    monthlyWh: [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].map((days, index) => ({
      month: `2026-${String(index + 1).padStart(2, "0")}`,
      wh: (days * 24 + (index === 2 ? -1 : index === 9 ? 1 : 0)) * 80,
    })),
  });
});

test("of a leap year the last 365 days are the year, and all 366 are measured", () => {
  const period = year(2024);
  const newYear = Date.UTC(2024, 0, 1, 12);
  const one = series(1, 1, period, (atMs) => measured(atMs < newYear ? 1000 : 1));
  const { group } = sizeGroup({ series: [one], period, cohortMin: 1 });
  expect(group).toMatchObject({ annualWh: 365 * 96, basisDays: 365, extrapolated: false });
  expect(group.measuredWh).toBeGreaterThan(52_000);
});

test("each supply point's year is its own last 365 days, wherever the common months end", () => {
  const period = { from: "2025-06-01", to: "2026-06-01", timezone: BRUSSELS };
  const wide = { ...period, to: "2026-06-15" };
  // A year of 1 Wh a quarter-hour that begins and ends in the middle of June, and forty days of 2 Wh.
  const since = Date.UTC(2025, 5, 14, 22);
  const sinceMay = Date.UTC(2026, 4, 5, 22);
  const whole = series(1, 1, wide, (atMs) => (atMs < since ? MISSING : measured(1)));
  const young = series(2, 2, wide, (atMs) => (atMs < sinceMay ? MISSING : measured(2)));
  const own = [whole, young].map((one) => ({ ...one, yearTo: "2026-06-15" }));
  const { group, supplyPoints } = sizeGroup({ series: own, period, cohortMin: 1 });
  expect(supplyPoints).toMatchObject([
    { annualWh: 365 * 96, basisDays: 365, extrapolated: false },
    { annualWh: 365 * 96 * 2, basisDays: 40, extrapolated: true },
  ]);
  expect(group).toMatchObject({ annualWh: 365 * 96 * 3, basisDays: 40, extrapolated: true });
  // The months are the period's: what lies after it is in no figure of the profile.
  expect(group.monthlyWh.at(-1)).toEqual({ month: "2026-05", wh: 31 * 96 + 26 * 96 * 2 });
  expect(group.measuredWh).toBe(351 * 96 + 26 * 96 * 2);
});

test("fewer measured days are scaled to 365; a day with a hole, and one that is estimated, are none", () => {
  const period = { from: "2026-01-01", to: "2026-03-01", timezone: BRUSSELS };
  const hole = Date.UTC(2026, 0, 10, 12);
  const estimated = Date.UTC(2026, 0, 20, 12);
  const one = series(1, 1, period, (atMs) => {
    if (atMs === hole) return { wh: 0, status: QuarterCode.missing };
    if (atMs === estimated) return { wh: 500, status: QuarterCode.substituted };
    // A line between two readings belongs to a measured day.
    return { wh: 7, status: atMs % 2 === 0 ? QuarterCode.interpolated : QuarterCode.validated };
  });
  const { group } = sizeGroup({ series: [one], period, cohortMin: 1 });
  expect(group).toMatchObject({
    annualWh: 7 * 96 * 365,
    basisDays: 57,
    extrapolated: true,
    measuredWh: 7 * (59 * 96 - 2) + 500,
  });
  const thirds = { from: "2026-01-01", to: "2026-01-04", timezone: BRUSSELS };
  const uneven = series(1, 1, thirds, (atMs) => measured(atMs === Date.UTC(2026, 0, 2) ? 1 : 0));
  // 1 Wh in 3 days: 121.67 Wh in a year.
  expect(sizeGroup({ series: [uneven], period: thirds, cohortMin: 1 }).group.annualWh).toBe(122);
});

test("a year is that of the last 365 days: one hole among them extrapolates, one before does not", () => {
  const period = year(2024);
  const withHole = (holeMs: number) =>
    series(1, 1, period, (atMs) => (atMs === holeMs ? { wh: 0, status: 0 } : measured(2)));
  const sized = (holeMs: number) => sizeGroup({ series: [withHole(holeMs)], period, cohortMin: 1 }).group;
  expect(sized(Date.UTC(2024, 0, 1, 12))).toMatchObject({
    basisDays: 365,
    extrapolated: false,
    annualWh: 70_080,
  });
  expect(sized(Date.UTC(2024, 5, 1, 12))).toMatchObject({
    basisDays: 364,
    extrapolated: true,
    annualWh: 70_080,
  });
});

test("where the packed days begin late or end early, the civil days that they cut are not measured", () => {
  const period = { from: "2026-01-10", to: "2026-01-20", timezone: BRUSSELS };
  const whole = series(1, 1, period, () => measured(1));
  // UTC days from 11 to 15 January: in Brussels 11 January began an hour before, and 16 January has one hour.
  const skipped = Date.UTC(2026, 0, 11) / DAY_MS - whole.firstDay;
  const some = { ...whole, firstDay: whole.firstDay + skipped };
  const cut = (days: number) => ({
    ...some,
    quarters: whole.quarters.slice(0, days * QUARTERS_PER_UTC_DAY),
    statuses: whole.statuses.slice(0, days * QUARTERS_PER_UTC_DAY),
  });
  const { group } = sizeGroup({ series: [cut(5)], period, cohortMin: 1 });
  expect(group).toMatchObject({ measuredWh: 5 * 96, basisDays: 4, annualWh: 96 * 365, loadFactor: 1 });
  expect(group.quality).toEqual({ measured: 0.5, estimated: 0, missing: 0.5 });
});

test("the maximum is the group's, its instant the first of equals, and two meters of one building are one participant", () => {
  const period = { from: "2026-03-28", to: "2026-03-31", timezone: BRUSSELS };
  const peakMs = Date.UTC(2026, 2, 29, 1);
  const later = Date.UTC(2026, 2, 30, 1);
  const at = (instants: readonly number[], wh: number) => (atMs: number) =>
    measured(instants.includes(atMs) ? wh : 1);
  const all = [
    series(11, 1, period, at([peakMs, later], 100)),
    series(12, 1, period, at([peakMs - QUARTER_MS], 100)),
    series(21, 2, period, at([peakMs, later], 50)),
  ];
  const { group } = sizeGroup({ series: all, period, cohortMin: 2 });
  expect(group).toMatchObject({ participants: 2, supplyPoints: 3, maxW: 4 * 151, maxAtMs: peakMs });
  expect(group.coincidence).toBe(Number((151 / (101 + 50)).toFixed(6)));
});

test("a quarter-hour of fewer participants than the minimum is in no figure of the group, nor in what the gate sees", () => {
  // Two days, as without one measured day a supply point cannot be sized.
  const period = { from: "2026-05-04", to: "2026-05-06", timezone: "UTC" };
  const alone = Date.UTC(2026, 4, 4, 12);
  const quarter = (id: number, atMs: number): Quarter => {
    if (atMs !== alone) return measured(1);
    return id === 1 ? measured(9999) : { wh: 0, status: QuarterCode.missing };
  };
  const request = {
    series: [1, 2, 3].map((id) => series(id, id, period, (atMs) => quarter(id, atMs))),
    period,
    cohortMin: 2,
  };
  const { group, profile } = sizeGroup(request);
  expect(profile.withheldQuarters).toBe(1);
  expect([profile.energies[48], profile.participants[48]]).toEqual([0, 0]);
  expect(group).toMatchObject({ measuredWh: (2 * 96 - 1) * 3, maxW: 12 });
  expect(participantMonths(request, profile)[0]?.months).toMatchObject([
    { month: "2026-05", wh: 2 * 96 - 1 },
  ]);
});

test("a fingerprint changes with the energy, and with a gap that has none; a month without a value is not listed", () => {
  const period = { from: "2026-05-30", to: "2026-07-02", timezone: "UTC" };
  const noon = Date.UTC(2026, 4, 30, 12);
  const june = Date.UTC(2026, 5, 1);
  const july = Date.UTC(2026, 6, 1);
  const prints = [measured(0), measured(1), { wh: 0, status: QuarterCode.missing }].map((quarter) => {
    const one = series(1, 1, period, (atMs) => {
      if (atMs >= june && atMs < july) return { wh: 3, status: QuarterCode.missing };
      return atMs === noon ? quarter : measured(0);
    });
    const request = { series: [one], period, cohortMin: 1 };
    const months = participantMonths(request, sizeGroup(request).profile)[0]?.months;
    expect(months?.map(({ month }) => month)).toEqual(["2026-05", "2026-07"]);
    return months?.[0]?.fingerprint;
  });
  expect(new Set(prints).size).toBe(3);
});

test("what cannot be sized is refused with its place", () => {
  const period = { from: "2026-05-04", to: "2026-05-06", timezone: "UTC" };
  const sized = (quarter: Quarter) =>
    sizeGroup({ series: [series(8, 1, period, () => quarter)], period, cohortMin: 1 });
  expect(() => sized(measured(-1))).toThrow("Supply point 8 at 2026-05-04T00:00:00.000Z: -1 Wh");
  expect(() => sized({ wh: 5, status: QuarterCode.profiled })).toThrow("no measured day");
  expect(() => sizeGroup({ series: [], period: { ...period, to: period.from }, cohortMin: 1 })).toThrow(
    "empty",
  );
});

/** One row per supply point and quarter-hour, as a table would have them; everything looked up by the clock on the wall. */
function plainFigures(all: readonly SupplyPointSeries[], period: TenderPeriod, cohortMin: number) {
  const rows = all
    .flatMap((one) =>
      Array.from(one.quarters, (wh, index) => {
        const atMs = one.firstDay * DAY_MS + index * QUARTER_MS;
        const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(period.timezone);
        return {
          one,
          atMs,
          wh,
          status: one.statuses[index] ?? 0,
          local,
          date: local.toPlainDate().toString(),
        };
      }),
    )
    .filter((row) => row.date >= period.from && row.date < period.to);
  const valued = rows.filter((row) => row.status > 0);
  const groups = [...Map.groupBy(valued, (row) => row.atMs).values()].filter(
    (group) => new Set(group.map((row) => row.one.participantId)).size >= cohortMin,
  );
  const shown = groups.flat();
  const sum = (some: readonly { wh: number }[]) => some.reduce((total, row) => total + row.wh, 0);
  const sums = groups
    .map((group) => ({ atMs: group[0]?.atMs ?? 0, wh: sum(group) }))
    .toSorted((left, right) => right.wh - left.wh || left.atMs - right.atMs);
  const own = [...Map.groupBy(valued, (row) => row.one.participantId).values()].map((mine) =>
    Math.max(...[...Map.groupBy(mine, (row) => row.atMs).values()].map(sum)),
  );
  // In integers: a float64 quotient may fall on the wrong side of a half.
  const share = (part: number, whole: number) =>
    whole === 0 ? 0 : Number((BigInt(part) * 2_000_000n + BigInt(whole)) / (2n * BigInt(whole))) / 1e6;
  const total = sum(shown);
  const maxWh = sums[0]?.wh ?? 0;
  return {
    measuredWh: total,
    maxW: 4 * maxWh,
    maxAtMs: maxWh === 0 ? undefined : sums[0]?.atMs,
    peakShare: share(
      sum(shown.filter(({ local }) => local.dayOfWeek < 6 && local.hour >= 8 && local.hour < 20)),
      total,
    ),
    winterShare: share(sum(shown.filter(({ local }) => [10, 11, 12, 1, 2, 3].includes(local.month))), total),
    loadFactor: share(total, maxWh * groups.length),
    coincidence: share(maxWh, sum(own.map((wh) => ({ wh })))),
    measuredQuarters: rows.filter((row) => row.status >= 4).length / rows.length,
    missingQuarters: rows.filter((row) => row.status === 0).length / rows.length,
    months: new Map(
      [...Map.groupBy(shown, (row) => row.date.slice(0, 7))].map(([month, some]) => [month, sum(some)]),
    ),
  };
}

const worlds = fc.record({
  period: fc
    .record({
      timezone: fc.constantFrom(BRUSSELS, "Australia/Adelaide", "America/Santiago", "UTC"),
      from: fc.constantFrom("2026-03-27", "2026-10-24", "2026-04-03", "2026-09-04", "2026-12-30"),
      days: fc.integer({ min: 2, max: 4 }),
    })
    .map(({ timezone, from, days }) => ({
      timezone,
      from,
      to: Temporal.PlainDate.from(from).add({ days }).toString(),
    })),
  cohortMin: fc.integer({ min: 1, max: 3 }),
  points: fc.array(
    fc.record({
      participantId: fc.integer({ min: 1, max: 4 }),
      pattern: fc.array(
        fc.record({ wh: fc.integer({ min: 0, max: 2000 }), status: fc.constantFrom(0, 2, 3, 4, 4, 4, 5) }),
        { minLength: 5, maxLength: 60 },
      ),
    }),
    { minLength: 1, maxLength: 5 },
  ),
});

/** The pattern, with its first whole day measured so that it can be sized. */
function seriesOf({
  period,
  points,
}: {
  period: TenderPeriod;
  points: readonly { participantId: number; pattern: readonly Quarter[] }[];
}) {
  return points.map(({ participantId, pattern }, index) =>
    series(index + 1, participantId, period, (atMs) => {
      const date = Temporal.Instant.fromEpochMilliseconds(atMs)
        .toZonedDateTimeISO(period.timezone)
        .toPlainDate();
      const { wh, status } = pattern[(atMs / QUARTER_MS) % pattern.length] ?? measured(0);
      return { wh, status: date.toString() === period.from ? QuarterCode.measured : status };
    }),
  );
}

test("every figure is that of plain rows looked up by the clock on the wall", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const all = seriesOf(world);
      const { group, profile } = sizeGroup({ series: all, period: world.period, cohortMin: world.cohortMin });
      const plain = plainFigures(all, world.period, world.cohortMin);
      const { measuredQuarters, missingQuarters, months, maxAtMs, ...same } = plain;
      expect(group).toMatchObject(same);
      if (maxAtMs !== undefined) expect(group.maxAtMs).toBe(maxAtMs);
      expect(group.quality.measured).toBeCloseTo(measuredQuarters, 5);
      expect(group.quality.missing).toBeCloseTo(missingQuarters, 5);
      const shares = Object.values(group.quality).map((share) => Math.round(share * 1e6));
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(1e6);
      for (const { month, wh } of group.monthlyWh) expect(wh).toBe(months.get(month) ?? 0);
      expect(profile.energies.reduce((sum, wh) => sum + wh, 0)).toBe(group.measuredWh);
    }),
    { numRuns: 30 },
  );
});

test("the order of the supply points changes nothing", () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const all = seriesOf(world);
      const request = { period: world.period, cohortMin: world.cohortMin };
      expect(sizeGroup({ ...request, series: all.toReversed() })).toEqual(
        sizeGroup({ ...request, series: all }),
      );
    }),
    { numRuns: 15 },
  );
});
