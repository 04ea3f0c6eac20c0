// The search of the list: every word counts, accents and case do not.
import { expect, test } from "vitest";
import { searchBuildings } from "./search-buildings.ts";

const BUILDINGS = [
  { name: "Résidence Horizon", address: "Chaussée d’Ixelles 12", postalCode: "1050" },
  { name: "De Linde", address: "Kerkstraat 4", postalCode: "9000" },
];
const namesFor = (text: string): string[] => searchBuildings(BUILDINGS, text).map(({ name }) => name);

test("every word is looked for in the name, the address and the postal code", () => {
  expect(namesFor("residence IXELLES")).toEqual(["Résidence Horizon"]);
  expect(namesFor("9000 linde")).toEqual(["De Linde"]);
  expect(namesFor("horizon 9000")).toEqual([]);
});

test("an empty text finds all", () => {
  expect(namesFor("  ")).toHaveLength(2);
});
