// Eighteen Belgian meters, a whole leap year with both nights of the clock: sizing against plain rows, to the watt-hour.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS, QUARTERS_PER_UTC_DAY, QUARTER_MS } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { sharedDir } from "#testing";
import { sizeGroup } from "./sizing.ts";
import type { SupplyPointSeries } from "./supply-point-series.ts";

const shared = sharedDir();
const file = join(shared ?? "", "data/opengrid-belgium/electricity_2016_hour.csv.gz");
const absent = shared === undefined || !existsSync(file);
if (absent) {
  process.stderr.write(
    "opengrid.samples.test.ts: skipped, no electricity_2016_hour.csv.gz below KOPROGO_SHARED\n",
  );
}

const QUARTERS_PER_HOUR = HOUR_MS / QUARTER_MS;

/** An hour of one meter; the date and the hour are those printed in the file, the zone's own. */
type Row = {
  readonly meter: number;
  readonly atMs: number;
  readonly date: string;
  readonly hour: number;
  readonly wh: number;
};

function readRows(): Row[] {
  const [, ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const [stamp = "", ...powers] = line.split(",");
    const atMs = Date.parse(stamp.replace(/(\d\d)$/, ":$1"));
    const [date = "", clock = ""] = stamp.split("T");
    // The mean of an hour in W is its energy in Wh.
    return powers.map((power, meter) => ({
      meter,
      atMs,
      date,
      hour: Number(clock.slice(0, 2)),
      wh: Math.round(Number(power)),
    }));
  });
}

/** An hour's quarter-hours: evenly, the sum kept. */
function spread(wh: number): number[] {
  const until = (quarters: number) => Math.round((wh * quarters) / QUARTERS_PER_HOUR);
  return Array.from({ length: QUARTERS_PER_HOUR }, (_, index) => until(index + 1) - until(index));
}

function packed(rows: readonly Row[], meter: number): SupplyPointSeries {
  const firstDay = Date.UTC(2015, 11, 31) / DAY_MS;
  const length = (Date.UTC(2017, 0, 2) / DAY_MS - firstDay) * QUARTERS_PER_UTC_DAY;
  const quarters = new Int32Array(length);
  const statuses = new Uint8Array(length);
  for (const row of rows) {
    const at = (row.atMs - firstDay * DAY_MS) / QUARTER_MS;
    quarters.set(spread(row.wh), at);
    statuses.fill(QuarterCode.measured, at, at + QUARTERS_PER_HOUR);
  }
  return { supplyPointId: 100 + meter, participantId: meter, firstDay, quarters, statuses };
}

test.skipIf(absent)("the figures of 2016 are those of plain rows", () => {
  const all = readRows();
  const series = [...Map.groupBy(all, (row) => row.meter)].map(([meter, rows]) => packed(rows, meter));
  const { group, profile } = sizeGroup({
    series,
    period: { from: "2016-01-01", to: "2017-01-01", timezone: "Europe/Brussels" },
    cohortMin: 10,
  });

  const rows = all.filter((row) => row.date.startsWith("2016"));
  const sum = (some: readonly { readonly wh: number }[]) => some.reduce((total, { wh }) => total + wh, 0);
  const months = Map.groupBy(rows, (row) => row.date.slice(0, 7));
  const hours = [...Map.groupBy(rows, (row) => row.atMs)];
  const quarters = hours.flatMap(([atMs, some]) =>
    [0, 1, 2, 3].map((index) => ({
      atMs: atMs + index * QUARTER_MS,
      wh: some.reduce((total, { wh }) => total + (spread(wh)[index] ?? 0), 0),
    })),
  );
  const highest = quarters.reduce((best, quarter) => (quarter.wh > best.wh ? quarter : best));
  const ownMaxima = [...Map.groupBy(rows, (row) => row.meter).values()].map((some) =>
    Math.max(...some.flatMap(({ wh }) => spread(wh))),
  );
  const isWorkingDay = (date: string) => ![0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
  const peak = rows.filter(({ date, hour }) => isWorkingDay(date) && hour >= 8 && hour < 20);
  const winter = rows.filter(({ date }) => ["01", "02", "03", "10", "11", "12"].includes(date.slice(5, 7)));
  const total = sum(rows);

  expect(hours).toHaveLength(366 * 24);
  expect(group).toEqual({
    participants: 18,
    supplyPoints: 18,
    measuredWh: total,
    annualWh: sum(rows.filter(({ date }) => date !== "2016-01-01")),
    basisDays: 365,
    extrapolated: false,
    quality: { measured: 1, estimated: 0, missing: 0 },
    peakShare: Number((sum(peak) / total).toFixed(6)),
    maxW: 4 * highest.wh,
    maxAtMs: highest.atMs,
    loadFactor: Number((total / (highest.wh * quarters.length)).toFixed(6)),
    coincidence: Number((highest.wh / ownMaxima.reduce((one, other) => one + other)).toFixed(6)),
    winterShare: Number((sum(winter) / total).toFixed(6)),
    monthlyWh: [...months].map(([month, some]) => ({ month, wh: sum(some) })),
  });
  expect(Array.from(profile.energies)).toEqual(quarters.map(({ wh }) => wh));
  // The nights of the clock: a day of 23 hours in March, of 25 in October.
  expect(new Set(rows.filter(({ date }) => date === "2016-03-27").map(({ atMs }) => atMs)).size).toBe(23);
  expect(new Set(rows.filter(({ date }) => date === "2016-10-30").map(({ atMs }) => atMs)).size).toBe(25);
});

test.skipIf(absent)("a quarter of the year is scaled to a year, and says so", () => {
  const all = readRows();
  const series = [...Map.groupBy(all, (row) => row.meter)].map(([meter, rows]) => packed(rows, meter));
  const { group } = sizeGroup({
    series,
    period: { from: "2016-03-01", to: "2016-06-01", timezone: "Europe/Brussels" },
    cohortMin: 10,
  });
  const spring = all.filter(({ date }) => date >= "2016-03-01" && date < "2016-06-01");
  const perMeter = [...Map.groupBy(spring, (row) => row.meter).values()].map((rows) =>
    Math.round((rows.reduce((total, { wh }) => total + wh, 0) * 365) / 92),
  );
  expect(group).toMatchObject({
    basisDays: 92,
    extrapolated: true,
    annualWh: perMeter.reduce((one, other) => one + other),
  });
});
