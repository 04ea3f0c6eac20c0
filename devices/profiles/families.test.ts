// A family is one folder: what lists them is written from the folders.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FAMILIES } from "./families.ts";
import { familyFiles } from "./write-families.ts";

test.each([...familyFiles()])("%s is what `node devices/profiles/write-families.ts` writes", (path, text) => {
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("every family bears the name of its folder", () => {
  for (const [profile, family] of Object.entries(FAMILIES)) expect(family.profile).toBe(profile);
});
