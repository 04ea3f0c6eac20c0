// Profiles that others published, read for tests to compare the world with: a standard profile, and meters of real households.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { isHoliday } from "#devices/holidays";
import { CLOCK_SLOTS } from "./calendar.ts";

/** Energy of a clock's quarter-hours or hours, day after civil day. */
export type ClockYear = { readonly perDay: number; readonly days: readonly ClockDay[] };
export type ClockDay = { readonly date: string; readonly wh: ArrayLike<number> };

const KINDS = { saturday: "SA", sunday: "FT", working: "WT" } as const;
const LABELS_LINES = 2;

/** A standard profile of BDEW 2025, dynamised over the year by its polynomial, on the calendar of a country. */
export function readStandardProfile(
  sharedDir: string,
  name: string,
  year: number,
  country: string,
): ClockYear {
  const text = readFileSync(join(sharedDir, `data/bdew-slp/${name}.csv`), "utf8");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(","));
  const [, kinds = []] = lines;
  const columnOf = (month: number, kind: string) => 3 * month + kinds.slice(1, 4).indexOf(kind) + 1;
  const rows = lines.slice(LABELS_LINES, LABELS_LINES + CLOCK_SLOTS);
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  const days = Array.from({ length: first.daysInYear }, (_, place) => {
    const date = first.add({ days: place });
    const holiday = date.dayOfWeek === 7 || isHoliday(country, date.toString());
    const column = columnOf(
      date.month - 1,
      holiday ? KINDS.sunday : date.dayOfWeek === 6 ? KINDS.saturday : KINDS.working,
    );
    const factor = dynamised(place + 1);
    return { date: date.toString(), wh: rows.map((row) => factor * Number(row[column])) };
  });
  return { perDay: CLOCK_SLOTS, days };
}

/** BDEW's polynomial of the day of the year. */
const dynamised = (t: number) => -3.92e-10 * t ** 4 + 3.2e-7 * t ** 3 - 7.02e-5 * t ** 2 + 2.1e-3 * t + 1.24;

const HOURS = 24;

/** Eighteen Belgian meters of 2016 (OpenGrid): mean power of an hour in W is its energy in Wh. */
export function readRealMeters(sharedDir: string): ClockYear[] {
  const file = join(sharedDir, "data/opengrid-belgium/electricity_2016_hour.csv.gz");
  const [header = "", ...lines] = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  const meters = header.split(",").length - 1;
  const days = new Map<string, Float64Array[]>();
  for (const line of lines) {
    const [stamp = "", ...powers] = line.split(",");
    const date = stamp.slice(0, "2016-01-01".length);
    if (!date.startsWith("2016")) continue;
    let day = days.get(date);
    if (day === undefined) days.set(date, (day = powers.map(() => new Float64Array(HOURS))));
    const hour = Number(stamp.slice("2016-01-01T".length, "2016-01-01T00".length));
    for (const [meter, power] of powers.entries()) {
      const wh = day[meter];
      if (wh !== undefined) wh[hour] = (wh[hour] ?? 0) + Number(power);
    }
  }
  return Array.from({ length: meters }, (_, meter) => ({
    perDay: HOURS,
    days: [...days].map(([date, ofMeters]) => ({ date, wh: ofMeters[meter] ?? [] })),
  }));
}
