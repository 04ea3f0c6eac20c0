// The texts for people: three message files with the same keys, `{placeholders}`, and plural forms `_one` and `_other`.
import type french from "../messages/fr.json";

export const LOCALES = ["fr", "nl", "en"] as const;
export type Locale = (typeof LOCALES)[number];

/** A language's own name for itself: shown in that language, so it is never translated. */
export const LOCALE_NAMES = { fr: "Français", nl: "Nederlands", en: "English" } as const satisfies Record<
  Locale,
  string
>;

export type MessageKey = keyof typeof french;
export type Messages = Readonly<Record<MessageKey, string>>;
/** `building.dwellings` where the files hold both `building.dwellings_one` and `building.dwellings_other`. */
export type PluralKey = {
  [Key in MessageKey]: Key extends `${infer Base}_other`
    ? `${Base}_one` extends MessageKey
      ? Base
      : never
    : never;
}[MessageKey];
export type MessageValues = Readonly<Record<string, string>>;

const PLACEHOLDER = /\{(\w+)\}/g;

/** The text with its placeholders filled; one without a value stays visible, as a test would want to see it. */
export function fillMessage(text: string, values: MessageValues = {}): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole);
}

/** The names of a text's placeholders, sorted. */
export function placeholdersOf(text: string): string[] {
  return [...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? "").sort();
}

/** Which plural form a count takes: every other category (`many` of large French numbers) reads like `other`. */
export function pluralMessageKey(base: PluralKey, count: number, locale: Locale): MessageKey {
  const form = new Intl.PluralRules(locale).select(count) === "one" ? "one" : "other";
  return `${base}_${form}`;
}

/** The best of our languages for a reader: the account's, else the browser's first that we speak, else French. */
export function chooseLocale(wished: readonly (string | null | undefined)[]): Locale {
  for (const tag of wished) {
    const language = tag?.toLowerCase().split("-")[0];
    const known = LOCALES.find((locale) => locale === language);
    if (known !== undefined) return known;
  }
  return "fr";
}

/**
 * The full locale for numbers and dates: the reader's own region where the browser names one in this language
 * (`fr-FR`, `en-IE`), else the Belgian or British habit.
 */
export function formattingTag(locale: Locale, browserTags: readonly string[]): string {
  const own = browserTags.find((tag) => tag.toLowerCase().startsWith(`${locale}-`) && isWellFormed(tag));
  return own ?? { fr: "fr-BE", nl: "nl-BE", en: "en-GB" }[locale];
}

/** Browsers on some systems report tags such as `en-US@posix`, which no `Intl` constructor takes. */
function isWellFormed(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
