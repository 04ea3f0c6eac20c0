// The world beside what others published: a group of dwellings and the common parts beside H25, single dwellings beside real meters.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DAY_MS, QUARTER_MS } from "#devices/time";
import { sharedDir } from "#testing";
import { createBuilding, type BuildingPlan } from "./building.ts";
import { CLOCK_SLOTS, createCalendar } from "./calendar.ts";
import type { ElectricityOracle } from "./electricity.ts";
import {
  correlation,
  figuresOf,
  hourly,
  meanShape,
  quartiles,
  type ProfileFigures,
} from "./profile-figures.ts";
import { readRealMeters, readStandardProfile, type ClockYear } from "./published-profiles.ts";

const shared = sharedDir() ?? "";
const absent = !existsSync(join(shared, "data/bdew-slp/h25.csv"));
if (absent) process.stderr.write("world.samples.test.ts: skipped, no data/bdew-slp below KOPROGO_SHARED\n");

const brussels: BuildingPlan = {
  key: "published",
  country: "BE",
  timezone: "Europe/Brussels",
  latitudeDeg: 50.85,
  longitudeDeg: 4.35,
  dwellings: 150,
  lift: true,
  panelsKwp: 0,
  heating: "gas",
  chargers: 0,
};
const calendar = createCalendar(brussels.timezone, brussels.country);

/** What the meters let in together, by the clock on the wall. */
function clockYear(meters: readonly ElectricityOracle[], year: number): ClockYear {
  const days = new Map<number, Float64Array>();
  const first = Date.UTC(year, 0, 1) / QUARTER_MS - 4;
  for (let quarter = first; quarter < Date.UTC(year + 1, 0, 1) / QUARTER_MS; quarter++) {
    const { civil, slot } = calendar(quarter);
    let day = days.get(civil.day);
    if (day === undefined) days.set(civil.day, (day = new Float64Array(CLOCK_SLOTS)));
    for (const meter of meters) {
      day[slot] = (day[slot] ?? 0) + meter.importDay.quarter(quarter) + meter.importNight.quarter(quarter);
    }
  }
  const named = [...days].map(([day, wh]) => ({
    date: new Date(day * DAY_MS).toISOString().slice(0, 10),
    wh,
  }));
  return { perDay: CLOCK_SLOTS, days: named.filter(({ date }) => date.startsWith(String(year))) };
}

const firstDay = (year: number) => Date.UTC(year, 0, 1) / DAY_MS - 1;
const dwellingsOf = (seed: number, year: number, count: number) => {
  const building = createBuilding(seed, brussels, firstDay(year));
  return Array.from({ length: count }, (_, number) => building.dwelling(number));
};

const round = (value: number, digits = 3) => Number(value.toFixed(digits));
function lineOf(name: string, figures: ProfileFigures, reference: ProfileFigures) {
  return {
    profile: name,
    MWh: round(figures.volumeWh / 1e6, 2),
    "load factor": round(figures.loadFactor),
    "evening peak, h": round(figures.eveningPeakHour, 2),
    "17-21 h": round(figures.eveningShare),
    "Oct-Mar": round(figures.winterShare),
    "shape, correlation": round(correlation(figures.shape, reference.shape)),
  };
}

/** One beside the other, for the reader of the test. */
function print(rows: readonly Readonly<Record<string, string | number>>[]): void {
  const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(String))];
  const widths = lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  for (const line of lines) {
    const cells = line.map((cell, column) => cell.padEnd(widths?.[column] ?? 0));
    process.stdout.write(`${cells.join("  ").trimEnd()}\n`);
  }
}

const inSeason = (months: readonly number[]) => (date: string) => months.includes(Number(date.slice(5, 7)));

describe.skipIf(absent)("the world beside published profiles", () => {
  test("200 dwellings together have the shape, load factor, evening and season of H25", () => {
    const year = 2025;
    const group = clockYear([...dwellingsOf(1, year, 100), ...dwellingsOf(2, year, 100)], year);
    const standard = readStandardProfile(shared, "h25", year, "BE");
    const [ours, h25] = [figuresOf(group), figuresOf(standard)];
    print([lineOf("H25 (BDEW 2025)", h25, h25), lineOf("200 dwellings", ours, h25)]);
    expect(correlation(ours.shape, h25.shape)).toBeGreaterThanOrEqual(0.9);
    expect(ours.loadFactor / h25.loadFactor).toBeGreaterThan(0.8);
    expect(ours.loadFactor / h25.loadFactor).toBeLessThan(1.2);
    expect(Math.abs(ours.eveningPeakHour - h25.eveningPeakHour)).toBeLessThanOrEqual(1);
    expect(Math.abs(ours.eveningShare - h25.eveningShare)).toBeLessThan(0.02);
    expect(Math.abs(ours.winterShare - h25.winterShare)).toBeLessThan(0.02);
    expect(correlation(ours.months, h25.months)).toBeGreaterThanOrEqual(0.9);
    for (const months of [
      [12, 1, 2],
      [6, 7, 8],
    ]) {
      const shapes = [group, standard].map((one) => meanShape(one, inSeason(months)));
      expect(correlation(shapes[0] ?? [], shapes[1] ?? [])).toBeGreaterThanOrEqual(0.9);
    }
  });

  test("single dwellings are as uneven as eighteen real meters, and have their mean shape", () => {
    const year = 2016;
    const real = readRealMeters(shared).map(figuresOf);
    const ours = dwellingsOf(3, year, 72).map((meter) => figuresOf(hourly(clockYear([meter], year))));
    const meanOf = (all: readonly ProfileFigures[]) =>
      Array.from(
        { length: 24 },
        (_, hour) => all.reduce((sum, { shape }) => sum + (shape[hour] ?? 0), 0) / all.length,
      );
    const [theirs, own] = [real, ours].map((all) => ({
      meters: all.length,
      loadFactors: quartiles(all.map(({ loadFactor }) => loadFactor)),
      volumes: quartiles(all.map(({ volumeWh }) => volumeWh / 1e6)),
      shape: meanOf(all),
    }));
    if (theirs === undefined || own === undefined) throw new Error("no meters");
    print(
      [theirs, own].map(({ meters, loadFactors, volumes, shape }) => ({
        meters,
        "load factor, quartiles": loadFactors.map((one) => round(one)).join(" "),
        "MWh, quartiles": volumes.map((one) => round(one, 2)).join(" "),
        "shape, correlation": round(correlation(shape, theirs.shape)),
      })),
    );
    expect(real).toHaveLength(18);
    expect(correlation(own.shape, theirs.shape)).toBeGreaterThanOrEqual(0.9);
    for (const [place, loadFactor] of own.loadFactors.entries()) {
      expect(loadFactor / (theirs.loadFactors[place] ?? 0)).toBeGreaterThan(0.8);
      expect(loadFactor / (theirs.loadFactors[place] ?? 0)).toBeLessThan(1.2);
    }
  });

  test("common parts without panels and cars follow the people of the building", () => {
    const year = 2025;
    const h25 = figuresOf(readStandardProfile(shared, "h25", year, "BE"));
    const lines = [8, 24, 60, 150].map((dwellings) => {
      const { common } = createBuilding(
        4,
        { ...brussels, key: `common ${dwellings}`, dwellings },
        firstDay(year),
      );
      return { dwellings, figures: figuresOf(clockYear([common], year)) };
    });
    const g25 = figuresOf(readStandardProfile(shared, "g25", year, "BE"));
    print([
      lineOf("H25 (BDEW 2025)", h25, h25),
      lineOf("G25 (BDEW 2025)", g25, h25),
      ...lines.map(({ dwellings, figures }) => lineOf(`common parts of ${dwellings}`, figures, h25)),
    ]);
    for (const { figures } of lines) {
      expect(correlation(figures.shape, h25.shape)).toBeGreaterThanOrEqual(0.9);
      expect(figures.loadFactor / h25.loadFactor).toBeGreaterThan(0.8);
      expect(figures.loadFactor / h25.loadFactor).toBeLessThan(1.2);
    }
  });

  test("a year of a register costs some milliseconds", () => {
    const meters = dwellingsOf(5, 2025, 20);
    const registers = meters.flatMap(({ importDay, importNight }) => [importDay, importNight]);
    const before = process.cpuUsage();
    for (const register of registers) register.indexAt(Date.UTC(2026, 0, 1));
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000 / registers.length;
    process.stdout.write(`a register-year: ${ms.toFixed(1)} ms of CPU\n`);
    expect(ms).toBeLessThan(20);
  });
});
