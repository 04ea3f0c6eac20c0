// The language in use: which messages and which formats every component reads, and the switch between them.
import type { Formats } from "./formats.ts";
import { createFormats } from "./formats.ts";
import {
  chooseLocale,
  fillMessage,
  formattingTag,
  pluralMessageKey,
  type Locale,
  type MessageKey,
  type Messages,
  type MessageValues,
  type PluralKey,
} from "./messages.ts";

const STORAGE_KEY = "koprogo.locale";

/** One language at a time is loaded; the other two stay on the server. */
const LOADERS: Record<Locale, () => Promise<{ default: Messages }>> = {
  fr: () => import("../messages/fr.json"),
  nl: () => import("../messages/nl.json"),
  en: () => import("../messages/en.json"),
};

type Language = { readonly locale: Locale; readonly messages: Messages; readonly formats: Formats };

class Texts {
  #language = $state.raw<Language>();

  get locale(): Locale {
    return this.#now().locale;
  }

  get formats(): Formats {
    return this.#now().formats;
  }

  /** Loads a language; what is on the screen changes when it is there. Rejects where the file cannot be fetched. */
  async use(locale: Locale): Promise<void> {
    const { default: messages } = await LOADERS[locale]();
    this.#language = { locale, messages, formats: createFormats(formattingTag(locale, navigator.languages)) };
    document.documentElement.lang = locale;
  }

  /** The same, as the reader's own choice, remembered in this browser. */
  async choose(locale: Locale): Promise<void> {
    rememberLocale(locale);
    await this.use(locale);
  }

  text(key: MessageKey, values?: MessageValues): string {
    return fillMessage(this.#now().messages[key], values);
  }

  /** A text that depends on how many: `{count}` is filled in the reader's number format. */
  count(base: PluralKey, count: number): string {
    const { locale, formats } = this.#now();
    return this.text(pluralMessageKey(base, count, locale), { count: formats.integer(count) });
  }

  /** The text of a key known only at run time, such as a problem's code, or `undefined`. */
  find(key: string): string | undefined {
    const messages: Readonly<Record<string, string>> = this.#now().messages;
    return Object.hasOwn(messages, key) ? messages[key] : undefined;
  }

  #now(): Language {
    if (this.#language === undefined) throw new Error("A text was asked for before a language was loaded.");
    return this.#language;
  }
}

export const texts = new Texts();

/** What the reader chose here before, else what the browser prefers. */
export function initialLocale(): Locale {
  return chooseLocale([rememberedLocale(), ...navigator.languages]);
}

/** The reader's own choice in this browser, which goes before the account's language. */
export function rememberedLocale(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null; // Storage may be forbidden: the choice then lasts as long as the page.
  }
}

function rememberLocale(locale: Locale): void {
  try {
    localStorage.setItem(STORAGE_KEY, locale);
  } catch {
    return; // As above: nothing but the memory of the choice is lost.
  }
}
