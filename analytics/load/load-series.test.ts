// Civil time: 92 and 100 quarter-hours, half-hour zones, clipping, shares that add up.
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS, utcDay } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import type { DayRow, RegisterDays } from "#store";
import { loadSeries, LOAD_RESOLUTIONS, type LoadPoint, type LoadRequest } from "./load-series.ts";

const ZONES = [
  "Europe/Brussels",
  "UTC",
  "Australia/Adelaide",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/Santiago",
];

function dayRow(dayNumber: number, value: (slot: number) => { energy: number; status: number }): DayRow {
  const quarters = Buffer.alloc(4 * QUARTERS_PER_UTC_DAY);
  const statuses = Buffer.alloc(QUARTERS_PER_UTC_DAY);
  for (let slot = 0; slot < QUARTERS_PER_UTC_DAY; slot++) {
    const { energy, status } = value(slot);
    quarters.writeInt32LE(energy, 4 * slot);
    statuses.writeUInt8(status, slot);
  }
  return { day: utcDay(dayNumber * DAY_MS), quarters, statuses, revision: 1 };
}

function register(days: readonly DayRow[], period: Partial<RegisterDays> = {}): RegisterDays {
  return { registerId: 1, supplyPointId: 1, fromMs: -Infinity, toMs: Infinity, ...period, days };
}

/** Every quarter-hour 10 Wh, measured. */
function steady(fromMs: number, toMs: number): RegisterDays {
  const days: DayRow[] = [];
  for (let day = Math.floor(fromMs / DAY_MS); day * DAY_MS < toMs; day++) {
    days.push(dayRow(day, () => ({ energy: 10, status: QuarterCode.measured })));
  }
  return register(days);
}

function civilDay(
  date: string,
  timezone: string,
  series: readonly RegisterDays[],
  rest: Partial<LoadRequest> = {},
) {
  const start = Temporal.PlainDate.from(date);
  const fromMs = start.toZonedDateTime(timezone).epochMilliseconds;
  const toMs = start.add({ days: 1 }).toZonedDateTime(timezone).epochMilliseconds;
  return loadSeries({ series, fromMs, toMs, resolution: "day", timezone, quantity: "energy", ...rest });
}

const spring = steady(Date.UTC(2026, 2, 1), Date.UTC(2026, 4, 1));
const autumn = steady(Date.UTC(2026, 9, 1), Date.UTC(2026, 11, 1));

test("the night of summer time has 92 quarter-hours and 23 hours, that of winter time 100 and 25", () => {
  const zone = "Europe/Brussels";
  expect(civilDay("2026-03-29", zone, [spring])).toMatchObject([{ value: 920, maxPowerW: 40 }]);
  expect(civilDay("2026-10-25", zone, [autumn])).toMatchObject([{ value: 1000, maxPowerW: 40 }]);
  expect(civilDay("2026-03-29", zone, [spring], { resolution: "quarter-hour" })).toHaveLength(92);
  expect(civilDay("2026-10-25", zone, [autumn], { resolution: "quarter-hour" })).toHaveLength(100);
  for (const [date, series, hours] of [
    ["2026-03-29", spring, 23],
    ["2026-10-25", autumn, 25],
  ] as const) {
    const points = civilDay(date, zone, [series], { resolution: "hour" });
    expect(points).toHaveLength(hours);
    expect(new Set(points.map((point) => point.value))).toEqual(new Set([40]));
  }
});

test("in a zone of half or three-quarter hours the civil hour and day begin there, not in UTC", () => {
  const [adelaide] = civilDay("2026-07-01", "Australia/Adelaide", [
    steady(Date.UTC(2026, 5, 29), Date.UTC(2026, 6, 3)),
  ]);
  expect(adelaide?.fromMs).toBe(Date.UTC(2026, 5, 30, 14, 30));
  const hours = civilDay("2026-07-01", "Asia/Kathmandu", [], { resolution: "hour" });
  expect(hours).toHaveLength(24);
  expect(hours[0]?.fromMs).toBe(Date.UTC(2026, 5, 30, 18, 15));
});

test("where clocks move by half an hour, the cut hour has two quarter-hours", () => {
  const series = [steady(Date.UTC(2026, 2, 30), Date.UTC(2026, 9, 8))];
  const hoursOf = (date: string) =>
    civilDay(date, "Australia/Lord_Howe", series, { resolution: "hour" }).map((point) => point.value);
  expect(hoursOf("2026-04-05").filter((value) => value === 20)).toHaveLength(1);
  expect(civilDay("2026-04-05", "Australia/Lord_Howe", series)).toMatchObject([{ value: 980 }]);
  expect(hoursOf("2026-10-04").filter((value) => value === 20)).toHaveLength(1);
  expect(civilDay("2026-10-04", "Australia/Lord_Howe", series)).toMatchObject([{ value: 940 }]);
});

test("a day that has no midnight begins at its first instant", () => {
  const [day] = civilDay("2026-09-06", "America/Santiago", [
    steady(Date.UTC(2026, 8, 1), Date.UTC(2026, 8, 9)),
  ]);
  expect(day).toMatchObject({ fromMs: Date.UTC(2026, 8, 6, 4), toMs: Date.UTC(2026, 8, 7, 3), value: 920 });
});

test("a month is clipped to what was asked", () => {
  const points = loadSeries({
    series: [spring],
    fromMs: Date.UTC(2026, 2, 30, 10, 7),
    toMs: Date.UTC(2026, 3, 2, 0, 20),
    resolution: "month",
    timezone: "Europe/Brussels",
    quantity: "energy",
  });
  expect(points.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
    [Date.UTC(2026, 2, 30, 10, 15), Date.UTC(2026, 2, 31, 22)],
    [Date.UTC(2026, 2, 31, 22), Date.UTC(2026, 3, 2, 0, 15)],
  ]);
});

const day0 = Date.UTC(2026, 0, 10) / DAY_MS;
const oneQuarter = {
  fromMs: day0 * DAY_MS,
  toMs: day0 * DAY_MS + QUARTER_MS,
  timezone: "UTC",
  quantity: "energy",
  resolution: "quarter-hour",
} as const;
const constant = (energy: number, status: number) => dayRow(day0, () => ({ energy, status }));

test("of two main registers one missing leaves the other's energy and the worst status", () => {
  const series = [
    register([constant(10, QuarterCode.measured)]),
    register([constant(0, QuarterCode.missing)]),
  ];
  expect(loadSeries({ ...oneQuarter, series })).toMatchObject([
    { value: 10, maxPowerW: 40, quality: { measured: 0, estimated: 0, missing: 1 } },
  ]);
  const noRow = [register([constant(10, QuarterCode.measured)]), register([])];
  expect(loadSeries({ ...oneQuarter, series: noRow })).toEqual(loadSeries({ ...oneQuarter, series }));
});

test("wholly missing is null, never zero; a measured zero is zero", () => {
  expect(loadSeries({ ...oneQuarter, series: [] })).toMatchObject([{ value: null, maxPowerW: null }]);
  expect(loadSeries({ ...oneQuarter, series: [register([constant(0, QuarterCode.missing)])] })).toMatchObject(
    [{ value: null, maxPowerW: null, quality: { missing: 1 } }],
  );
  expect(
    loadSeries({ ...oneQuarter, series: [register([constant(0, QuarterCode.measured)])] }),
  ).toMatchObject([{ value: 0, maxPowerW: 0, quality: { measured: 1 } }]);
});

test("a volume has no power", () => {
  const series = [register([constant(7, QuarterCode.measured)])];
  expect(loadSeries({ ...oneQuarter, series, quantity: "volume" })).toMatchObject([
    { value: 7, maxPowerW: null },
  ]);
});

test("of a register that was swapped, each counts in its own time", () => {
  const swapMs = day0 * DAY_MS + 2 * QUARTER_MS;
  const before = register([constant(10, QuarterCode.measured)], { toMs: swapMs });
  const after = register([constant(3, QuarterCode.validated)], { fromMs: swapMs });
  const points = loadSeries({ ...oneQuarter, toMs: day0 * DAY_MS + 4 * QUARTER_MS, series: [before, after] });
  expect(points.map((point) => point.value)).toEqual([10, 10, 3, 3]);
  expect(points.every((point) => point.quality.measured === 1)).toBe(true);
});

const anyDays = fc
  .array(fc.record({ energy: fc.integer({ min: 0, max: 62_500 }), status: fc.integer({ min: 0, max: 5 }) }), {
    minLength: 7,
    maxLength: 97,
  })
  .map(
    (pattern) => (firstDay: number, count: number) =>
      Array.from({ length: count }, (_, index) =>
        dayRow(firstDay + index, (slot) => {
          const { energy, status } = pattern[(slot + index * 31) % pattern.length] ?? {
            energy: 0,
            status: 0,
          };
          return { energy: status === QuarterCode.missing ? 0 : energy, status };
        }),
      ),
  );

test("cut into hours, days or months, the same energy and the same quarter-hours are there", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ZONES),
      fc.constantFrom(
        Date.UTC(2026, 2, 27),
        Date.UTC(2026, 3, 3),
        Date.UTC(2026, 9, 2),
        Date.UTC(2026, 9, 23),
      ),
      fc.integer({ min: 0, max: 96 * 2 }),
      fc.integer({ min: 1, max: 96 * 4 }),
      fc.array(anyDays, { minLength: 0, maxLength: 3 }),
      (timezone, startMs, skip, count, registers) => {
        const fromMs = startMs + skip * QUARTER_MS;
        const toMs = fromMs + count * QUARTER_MS;
        const series = registers.map((days) => register(days(startMs / DAY_MS, 7)));
        const request = { series, fromMs, toMs, timezone, quantity: "energy" } as const;
        const quarters = loadSeries({ ...request, resolution: "quarter-hour" });
        expect(quarters).toHaveLength(count);
        for (const resolution of LOAD_RESOLUTIONS) {
          const points = loadSeries({ ...request, resolution });
          expect(points[0]?.fromMs).toBe(fromMs);
          expect(points.at(-1)?.toMs).toBe(toMs);
          let next = 0;
          for (const point of points) {
            const inside = quarters.slice(next, (next += (point.toMs - point.fromMs) / QUARTER_MS));
            if (inside[0]?.fromMs !== point.fromMs || inside.at(-1)?.toMs !== point.toMs) {
              expect.fail(
                `${resolution} at ${new Date(point.fromMs).toISOString()} is not made of its quarter-hours`,
              );
            }
            expect(point).toEqual(madeOf(inside));
          }
          expect(next).toBe(count);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("an hour that ends where the clocks are moved is there when the span ends within it", () => {
  // Lord Howe moves its clocks at 15:00 UTC, Brussels at 01:00 UTC.
  for (const [timezone, fromMs, toMs] of [
    ["Australia/Lord_Howe", Date.UTC(2026, 3, 4, 13), Date.UTC(2026, 3, 4, 14, 15)],
    ["Europe/Brussels", Date.UTC(2026, 9, 25, 0), Date.UTC(2026, 9, 25, 0, 30)],
    ["Europe/Brussels", Date.UTC(2026, 2, 29, 0), Date.UTC(2026, 2, 29, 0, 45)],
  ] as const) {
    const points = loadSeries({ series: [], fromMs, toMs, resolution: "hour", timezone, quantity: "energy" });
    expect(points.at(-1)?.toMs, timezone).toBe(toMs);
  }
});

/** The same, said differently: from the points of the quarter-hours. */
function madeOf(inside: readonly LoadPoint[]): unknown {
  const present = inside.filter((quarter) => quarter.value !== null);
  const share = (name: keyof LoadPoint["quality"]) =>
    inside.filter((quarter) => quarter.quality[name] === 1).length / inside.length;
  return {
    fromMs: inside[0]?.fromMs,
    toMs: inside.at(-1)?.toMs,
    value: present.length === 0 ? null : present.reduce((sum, quarter) => sum + (quarter.value ?? 0), 0),
    maxPowerW: present.length === 0 ? null : Math.max(...present.map((quarter) => quarter.maxPowerW ?? 0)),
    quality: {
      measured: expect.closeTo(share("measured"), 5),
      estimated: expect.closeTo(share("estimated"), 5),
      missing: expect.closeTo(share("missing"), 5),
    },
  };
}

test("the shares have six decimals and add up to one, whatever the counts", () => {
  const statuses = [QuarterCode.measured, QuarterCode.interpolated, QuarterCode.missing];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...statuses), { minLength: 1, maxLength: 96 }), (codes) => {
      const day = dayRow(day0, (slot) => ({ energy: 0, status: codes[slot] ?? QuarterCode.missing }));
      const toMs = day0 * DAY_MS + codes.length * QUARTER_MS;
      const [point] = loadSeries({ ...oneQuarter, toMs, resolution: "day", series: [register([day])] });
      const shares = Object.values(point?.quality ?? {});
      const millionths = shares.map((share) => Math.round(share * 1_000_000));
      expect(shares).toEqual(millionths.map((share) => share / 1_000_000));
      expect(millionths.reduce((sum, share) => sum + share, 0)).toBe(1_000_000);
      for (const [at, code] of statuses.entries()) expect(millionths[at] === 0).toBe(!codes.includes(code));
    }),
  );
});
