// How numbers, units and instants read in the three languages.
import { expect, test } from "vitest";
import { amountScale, createFormats, measureText } from "./formats.ts";

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f\u2009]/g, " ");
const french = createFormats("fr-BE");
const english = createFormats("en-GB");
const BRUSSELS = "Europe/Brussels";

test("energy changes its unit with its size, and keeps three digits", () => {
  expect(plain(measureText(french.amount(840, "Wh")))).toBe("840 Wh");
  expect(plain(measureText(french.amount(1_234, "Wh")))).toBe("1,23 kWh");
  expect(plain(measureText(french.amount(45_678, "Wh")))).toBe("45,7 kWh");
  expect(plain(measureText(french.amount(10_240_000, "Wh")))).toBe("10 240 kWh");
  expect(plain(measureText(english.amount(123_456_000, "Wh")))).toBe("123 MWh");
});

test("a volume is litres, then cubic metres", () => {
  expect(plain(measureText(french.amount(350, "l")))).toBe("350 l");
  expect(plain(measureText(french.amount(12_384, "l")))).toBe("12,4 m³");
});

test("bars of one chart share the unit of the largest", () => {
  expect(french.amount(120, "Wh", 5_000).unit).toBe("kWh");
  expect(amountScale("Wh", 5_000)).toEqual({ per: 1000, unit: "kWh" });
});

test("power is watts below a kilowatt", () => {
  expect(plain(measureText(french.power(999)))).toBe("999 W");
  expect(plain(measureText(english.power(2_589)))).toBe("2.59 kW");
});

test("a share is neither rounded up to all nor down to nothing", () => {
  expect(plain(english.percent(0.9999))).toBe("99.9%");
  expect(plain(english.percent(0.0001))).toBe("0.1%");
  expect(plain(english.percent(1))).toBe("100%");
  expect(plain(english.percent(0))).toBe("0%");
  expect(plain(french.percent(0.42))).toBe("42 %");
});

test("times are those of the building, whoever reads", () => {
  const instantMs = Date.parse("2026-10-25T00:30:00Z");
  expect(english.time(instantMs, BRUSSELS)).toBe("02:30");
  expect(english.time(instantMs + 3_600_000, BRUSSELS)).toBe("02:30");
  expect(english.time(instantMs, "Europe/Lisbon")).toBe("01:30");
});

test("a bar says what it stands for", () => {
  const span = { fromMs: Date.parse("2026-01-06T09:15:00Z"), toMs: Date.parse("2026-01-06T09:30:00Z") };
  expect(plain(english.slot(span, "quarter-hour", BRUSSELS))).toMatch(/^Tue,? 6 Jan, 10:15 – 10:30$/);
  expect(plain(english.slotWithin(span, "quarter-hour", BRUSSELS))).toBe("10:15 – 10:30");
  expect(plain(french.slot(span, "month", BRUSSELS))).toBe("janvier 2026");
});

test("a period has the title that a person would give it", () => {
  expect(english.period({ unit: "day", start: "2026-01-06" })).toMatch(/^Tuesday,? 6 January 2026$/);
  expect(plain(english.period({ unit: "week", start: "2026-01-05" }))).toMatch(/^5\s?–\s?11 January 2026$/);
  expect(french.period({ unit: "month", start: "2026-01-01" })).toBe("janvier 2026");
  expect(french.period({ unit: "year", start: "2026-01-01" })).toBe("2026");
});

test("what happened less than a minute ago has no number", () => {
  expect(english.ago(0, 59_000)).toBeUndefined();
  expect(plain(english.ago(0, 180_000) ?? "")).toBe("3 min ago");
  expect(plain(french.ago(0, 2 * 86_400_000) ?? "")).toBe("il y a 2 j");
});

test("kilograms are grams below one and tonnes from ten thousand; money keeps its sign where the language has it", () => {
  expect(english.amount(0.25, "kg")).toEqual({ number: "250", unit: "g" });
  expect(english.amount(15.7, "kg")).toEqual({ number: "15.7", unit: "kg" });
  expect(english.amount(12_000, "kg")).toEqual({ number: "12.0", unit: "t" });
  expect(english.amount(0, "kg")).toEqual({ number: "0", unit: "kg" });
  expect(measureText(english.amount(12.5, { currency: "EUR" }))).toBe("€12.50");
  expect(plain(measureText(french.amount(12.5, { currency: "EUR" })))).toBe("12,50 €");
  expect(french.currencySign("EUR")).toBe("€");
});
