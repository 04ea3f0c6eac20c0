// Money keeps every digit that the API sent, and no float stands between.
import { expect, test } from "vitest";
import {
  dateText,
  indexText,
  instantText,
  untilText,
  moneyText,
  rateText,
  signedShareText,
} from "./amounts.ts";

const plain = (text: string): string => text.replace(/[\u00a0\u202f]/g, " ");

test("amounts are rounded only when shown, and beyond what a float holds", () => {
  expect(plain(moneyText("fr-FR", "1234.505000", "EUR"))).toBe("1 234,51 €");
  expect(plain(moneyText("fr-FR", "90071992547409.930000", "EUR"))).toBe("90 071 992 547 409,93 €");
  expect(moneyText("en-IE", "1234.50", "EUR", { digits: 0 })).toBe("€1,235");
});

test("a saving carries its sign, and nothing carries none", () => {
  expect(moneyText("en-IE", "12.00", "EUR", { sign: "always" })).toBe("+€12.00");
  expect(moneyText("en-IE", "-12.00", "EUR", { sign: "always" })).toBe("-€12.00");
  expect(moneyText("en-IE", "0.00", "EUR", { sign: "always" })).toBe("€0.00");
  expect(moneyText("en-IE", "-0.001", "EUR")).toBe("€0.00");
  expect(plain(signedShareText("fr-FR", 0.0421))).toBe("+4,2 %");
});

test("a rate shows all of its digits", () => {
  expect(plain(rateText("fr-FR", "0.123363", "EUR"))).toBe("0,123363 €");
  expect(rateText("en-IE", "0.1", "EUR")).toBe("€0.1000");
  expect(rateText("en-IE", "0.000000001", "EUR")).toBe("€0.000000001");
});

test("dates stay the call's, wherever they are read", () => {
  expect(dateText("en-GB", "2027-03-01")).toBe("1 March 2027");
  expect(instantText("en-GB", "2027-03-28T01:00:00Z", "Europe/Brussels")).toContain("03:00");
});

test("what ends at midnight holds until the day before, by the clocks of the tender", () => {
  expect(untilText("en-GB", "2027-02-02T23:00:00Z", "Europe/Brussels")).toBe("2 February 2027");
  expect(untilText("en-GB", "2027-02-02T16:00:00Z", "Europe/Brussels")).toContain("17:00");
});

test("an index keeps the digits of its meter, beyond what a float holds", () => {
  expect(indexText("en-GB", "123456789012345.123456780")).toBe("123,456,789,012,345.123456780");
  expect(plain(indexText("fr-BE", "15.70"))).toBe("15,70");
  expect(indexText("nl-BE", "0")).toBe("0");
});
