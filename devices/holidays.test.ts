// Easter of known years, and the holidays that depend on it.
import { expect, test } from "vitest";
import { easterSunday, isHoliday } from "./holidays.ts";

test.each([
  [2024, "2024-03-31"],
  [2025, "2025-04-20"],
  [2026, "2026-04-05"],
  [2038, "2038-04-25"],
])("Easter of %i", (year, date) => expect(easterSunday(year).toString()).toBe(date));

test("holidays that move, and those of one country alone", () => {
  expect(isHoliday("BE", "2026-05-14")).toBe(true);
  expect(isHoliday("BE", "2026-07-21")).toBe(true);
  expect(isHoliday("FR", "2026-07-21")).toBe(false);
  expect(isHoliday("IT", "2026-04-25")).toBe(true);
  expect(isHoliday("XX", "2026-01-01")).toBe(false);
});
