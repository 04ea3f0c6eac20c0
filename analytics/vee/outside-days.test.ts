// A day's mean temperature: of its hours, whatever unit they come in, and none where too few are known.
import { expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "#devices/time";
import { HOURS_LEAST, outsideDays, type HourReading } from "./outside-days.ts";

const DAY = 20_600;
const hour = (number: number, value: string, unit = "Cel"): HourReading => ({
  atMs: DAY * DAY_MS + number * HOUR_MS + 7000,
  value,
  unit,
});
const hours = (count: number) => Array.from({ length: count }, (_, at) => hour(at, String(at)));

test("the mean of the day's hours", () => {
  expect(outsideDays(hours(24))).toEqual(new Map([[DAY, 11.5]]));
});

test("too few hours are no day", () => {
  expect(outsideDays(hours(HOURS_LEAST - 1)).size).toBe(0);
  expect(outsideDays(hours(HOURS_LEAST)).size).toBe(1);
});

test("two thermometers are one hour each, and kelvins are kelvins", () => {
  const all = [...hours(24), ...Array.from({ length: 24 }, (_, at) => hour(at, "273.15", "K"))];
  expect(outsideDays(all).get(DAY)).toBeCloseTo(5.75, 9);
});

test("each day by itself", () => {
  const next = hours(24).map((one) => ({ ...one, atMs: one.atMs + DAY_MS, value: "-4.5" }));
  expect([...outsideDays([...hours(24), ...next])]).toEqual([
    [DAY, 11.5],
    [DAY + 1, -4.5],
  ]);
});
