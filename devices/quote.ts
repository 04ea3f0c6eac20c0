// Bytes of a stranger inside a sentence for people: short, printable, and safe for a text column.

const SHOWN_MAX = 60;
const UNPRINTABLE = /[^\x20-\x7e\u00a1-\ud7ff\ue000-\ufffc]/g;

/** `text` in quotation marks: at most 60 characters, anything unprintable (NUL, lone surrogates) as `?`. */
export function quoted(text: string): string {
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
  return `"${shown.replace(UNPRINTABLE, (character) => (character === "…" ? character : "?"))}"`;
}
