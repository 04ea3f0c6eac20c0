// Bars and their sums: nothing lost, nothing invented, and the future is never called missing.
import fc from "fast-check";
import { expect, test } from "vitest";
import { periodOf, slotsOf, spanOf } from "../time/period.ts";
import {
  askUntilMs,
  barsOf,
  changeOf,
  comparableSpan,
  missingPatches,
  summarise,
  type LoadPoint,
} from "./bars.ts";
import { chooseSeries, seriesOf } from "./series.ts";

const ZONE = "Europe/Brussels";
const DAY = spanOf(periodOf("day", "2026-10-25"), ZONE);
const QUARTER_MS = 900_000;
const MEASURED = { measured: 1, estimated: 0, missing: 0 };
const MISSING = { measured: 0, estimated: 0, missing: 1 };

function pointAt(fromMs: number, value: number | null, lengthMs = QUARTER_MS): LoadPoint {
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(fromMs + lengthMs).toISOString(),
    value,
    maxPowerW: value === null ? null : value * 4,
    quality: value === null ? MISSING : MEASURED,
  };
}

test("every quarter-hour of the long day has one bar, and every point is in one", () => {
  const values = fc.array(fc.option(fc.nat(5000)), { minLength: 100, maxLength: 100 });
  fc.assert(
    fc.property(values, (wattHours) => {
      const points = wattHours.map((value, index) => pointAt(DAY.fromMs + index * QUARTER_MS, value));
      const bars = barsOf(points, DAY, "quarter-hour", ZONE, DAY.toMs);
      expect(bars.map((bar) => bar.value)).toEqual(wattHours);
      const total = wattHours.reduce<number>((sum, value) => sum + (value ?? 0), 0);
      const anything = wattHours.some((value) => value !== null);
      expect(summarise(points, "Wh").total).toBe(anything ? total : null);
    }),
    { numRuns: 50 },
  );
});

test("what has not happened is pending or to come, never missing", () => {
  const nowMs = DAY.fromMs + 10 * QUARTER_MS + 60_000;
  const untilMs = askUntilMs(DAY, nowMs);
  expect(untilMs).toBe(DAY.fromMs + 9 * QUARTER_MS);
  const points = Array.from({ length: 9 }, (_, index) => pointAt(DAY.fromMs + index * QUARTER_MS, 100));
  const phases = barsOf(points, DAY, "quarter-hour", ZONE, nowMs).map((bar) => bar.phase);
  expect(phases.slice(0, 9).every((phase) => phase === "past")).toBe(true);
  expect(phases.slice(9, 11)).toEqual(["pending", "pending"]);
  expect(phases.slice(11).every((phase) => phase === "future")).toBe(true);
  expect(missingPatches(barsOf(points, DAY, "quarter-hour", ZONE, nowMs))).toEqual([]);
});

test("nothing is asked before a period begins, and all of it once it is over", () => {
  expect(askUntilMs(DAY, DAY.fromMs - 1)).toBe(DAY.fromMs);
  expect(askUntilMs(DAY, DAY.fromMs + 60_000)).toBe(DAY.fromMs);
  expect(askUntilMs(DAY, DAY.toMs + 3_600_000)).toBe(DAY.toMs);
});

test("neighbouring missing quarter-hours are one hatched patch", () => {
  const values = [1, null, null, 2, null];
  const points = values.map((value, index) => pointAt(DAY.fromMs + index * QUARTER_MS, value));
  expect(missingPatches(barsOf(points, DAY, "quarter-hour", ZONE, DAY.toMs))).toEqual([
    { first: 1, last: 2, share: 1 },
    { first: 4, last: 4, share: 1 },
  ]);
});

test("an hour that misses a quarter is hatched by a quarter", () => {
  const hour = {
    ...pointAt(DAY.fromMs, 300, 3_600_000),
    quality: { measured: 0.75, estimated: 0, missing: 0.25 },
  };
  expect(missingPatches(barsOf([hour], DAY, "hour", ZONE, DAY.toMs))).toEqual([
    { first: 0, last: 0, share: 0.25 },
  ]);
});

test("the load factor is the mean power of what is known over the strongest quarter-hour", () => {
  const points = [100, 300, null, 200].map((value, index) => pointAt(DAY.fromMs + index * QUARTER_MS, value));
  const summary = summarise(points, "Wh");
  expect(summary.meanPowerW).toBeCloseTo(800);
  expect(summary.peak?.fromMs).toBe(DAY.fromMs + QUARTER_MS);
  expect(summary.loadFactor).toBeCloseTo(800 / 1200);
  expect(summary.quality).toEqual({ measured: 0.75, estimated: 0, missing: 0.25 });
});

test("shares are weighted by time: a month of 31 days counts more than one of 28", () => {
  const span = spanOf(periodOf("year", "2026-01-01"), ZONE);
  const [january, february] = slotsOf(span, "month", ZONE);
  const points = [january, february].flatMap((slot, index) =>
    slot === undefined ? [] : [{ ...pointAt(slot.fromMs, index === 0 ? 10 : null, slot.toMs - slot.fromMs) }],
  );
  expect(summarise(points, "Wh").quality.measured).toBeCloseTo(31 / 59);
});

test("a volume has no mean power", () => {
  const summary = summarise([pointAt(DAY.fromMs, 120)], "l");
  expect(summary.meanPowerW).toBeNull();
  expect(summary.loadFactor).toBeNull();
});

test("a running period is compared with as much of the one before, and not across holes", () => {
  const before = spanOf(periodOf("day", "2026-10-24"), ZONE);
  expect(comparableSpan(DAY, before, DAY.fromMs + 7_200_000)).toEqual({
    fromMs: before.fromMs,
    toMs: before.fromMs + 7_200_000,
  });
  expect(comparableSpan(DAY, before, DAY.toMs).toMs).toBe(before.toMs);
  const full = summarise([pointAt(DAY.fromMs, 110)], "Wh");
  const other = summarise([pointAt(DAY.fromMs, 100)], "Wh");
  expect(changeOf(full, other)).toBeCloseTo(0.1);
  expect(
    changeOf(full, summarise([pointAt(DAY.fromMs, 100), pointAt(DAY.fromMs, null)], "Wh")),
  ).toBeUndefined();
});

test("a building shows the energies of its supply points, and an unknown wish falls back to the first", () => {
  const available = seriesOf([
    { carrier: "water", direction: "import" },
    { carrier: "electricity", direction: "both" },
  ]);
  expect(available.map(({ id }) => id)).toEqual(["electricity-import", "electricity-export", "water-import"]);
  expect(chooseSeries("water-import", available)?.id).toBe("water-import");
  expect(chooseSeries("gas-import", available)?.id).toBe("electricity-import");
  expect(chooseSeries(null, [])).toBeUndefined();
});
