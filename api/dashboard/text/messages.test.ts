// The three message files say the same things, and no component says anything that is not in them.
import { readdirSync, readFileSync } from "node:fs";
import { parse, type AST } from "svelte/compiler";
import { expect, test } from "vitest";
import english from "../messages/en.json" with { type: "json" };
import french from "../messages/fr.json" with { type: "json" };
import dutch from "../messages/nl.json" with { type: "json" };
import { chooseLocale, fillMessage, formattingTag, placeholdersOf, pluralMessageKey } from "./messages.ts";

const FILES: Record<string, Record<string, string>> = { fr: french, nl: dutch, en: english };
const DASHBOARD = new URL("../", import.meta.url);
const sources = readdirSync(DASHBOARD, { recursive: true, encoding: "utf8" }).filter(
  (path) => !path.startsWith("dist") && /(\.svelte|\.ts)$/.test(path) && !/(\.test\.ts|\.d\.ts)$/.test(path),
);
const textOf = (path: string): string => readFileSync(new URL(path, DASHBOARD), "utf8");

test.each(["nl", "en"])("%s has the keys of French, in the same order", (locale) => {
  expect(Object.keys(FILES[locale] ?? {})).toEqual(Object.keys(french));
});

test.each(Object.keys(FILES))("no text of %s is empty or framed by spaces", (locale) => {
  for (const [key, text] of Object.entries(FILES[locale] ?? {})) {
    expect(text.trim().length, key).toBeGreaterThan(0);
    expect(text, key).toBe(text.trim());
  }
});

test.each(["nl", "en"])("the placeholders of %s are those of French", (locale) => {
  for (const [key, text] of Object.entries(FILES[locale] ?? {})) {
    expect(placeholdersOf(text), key).toEqual(placeholdersOf(FILES["fr"]?.[key] ?? ""));
  }
});

/** Families whose last word comes from the API. */
const FROM_THE_API =
  /^(carrier|direction|imports\.(fault|formats|note)|problem|profile|quantity|quarantine\.(mend|reason)|role|series|status|tenders\.(event|mend|missing|refusal|region|step))\./;

test("every message is used somewhere", () => {
  const code = sources.map(textOf).join("\n");
  const unused = Object.keys(french).filter(
    (key) => !FROM_THE_API.test(key) && !code.includes(`"${key.replace(/_(one|other)$/, "")}"`),
  );
  expect(unused).toEqual([]);
});

const SPOKEN_ATTRIBUTES = new Set([
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "alt",
  "title",
  "placeholder",
]);
const LETTERS = /\p{L}{2,}/u;

/** Texts written into a component's markup, where a translator would never see them. */
function hardCodedTexts(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    const { type } = node as { type?: string };
    if (type === "Text" && LETTERS.test((node as AST.Text).data)) found.push((node as AST.Text).data.trim());
    if (type === "StyleDirective") return;
    if (type === "Attribute") {
      const { name, value } = node as AST.Attribute;
      if (SPOKEN_ATTRIBUTES.has(name)) visit(value);
      return;
    }
    Object.values(node).forEach(visit);
  };
  visit(parse(source, { modern: true }).fragment);
  return found;
}

test.each(sources.filter((path) => path.endsWith(".svelte")))("%s holds no text of its own", (path) => {
  expect(hardCodedTexts(textOf(path))).toEqual([]);
});

test("a text left in a component is found, in its body and in what is read aloud", () => {
  expect(hardCodedTexts("<p>Bonjour</p>")).toEqual(["Bonjour"]);
  expect(hardCodedTexts('<button aria-label="Fermer">{"×"}</button>')).toEqual(["Fermer"]);
  expect(hardCodedTexts('<p class="wide" id="live">{texts.text("loading")} · </p>')).toEqual([]);
});

test("placeholders are filled, and one without a value stays visible", () => {
  expect(fillMessage("{from} – {to}", { from: "10:00", to: "10:15" })).toBe("10:00 – 10:15");
  expect(fillMessage("{from} – {to}", { from: "10:00" })).toBe("10:00 – {to}");
});

test("plural forms follow the language: French counts nought as one, Dutch and English do not", () => {
  expect(pluralMessageKey("building.dwellings", 0, "fr")).toBe("building.dwellings_one");
  expect(pluralMessageKey("building.dwellings", 0, "nl")).toBe("building.dwellings_other");
  expect(pluralMessageKey("building.dwellings", 1, "en")).toBe("building.dwellings_one");
  expect(pluralMessageKey("building.dwellings", 1_000_000, "fr")).toBe("building.dwellings_other");
});

test("the first wish that we speak wins, and French where none is", () => {
  expect(chooseLocale([null, "de-BE", "nl-BE", "fr"])).toBe("nl");
  expect(chooseLocale(["EN-ie"])).toBe("en");
  expect(chooseLocale(["de", undefined])).toBe("fr");
});

test("numbers follow the reader's own region where the browser names one in the language shown", () => {
  expect(formattingTag("fr", ["en-US", "fr-FR"])).toBe("fr-FR");
  expect(formattingTag("fr", ["en-US"])).toBe("fr-BE");
  expect(formattingTag("en", ["en-US@posix", "en-IE"])).toBe("en-IE");
});
